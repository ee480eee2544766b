package dev.spegel.interop;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.interop.Network.Machine;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A running program that speaks libp2p. It reads requests and writes answers, a JSON object a line; see
 * {@code docs/interoperability.md}. Safe for use by many threads. A request that fails throws an {@link IOException} with the
 * program's own words.
 */
final class Peer implements AutoCloseable {
    /** Above what the programs themselves allow a request, 60 s. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(65);

    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name;
    private final Process process;
    private final BufferedWriter requests;
    private final Path log;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<JsonNode> started = new CompletableFuture<>();
    private final List<Event> events = new CopyOnWriteArrayList<>();

    private Peer(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        requests = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts a program on a machine and waits until it listens, on port 5001 of all its IPv4 addresses unless flags differ. */
    static Peer start(Program program, Machine machine, String... flags) throws IOException, InterruptedException {
        String name =
                "%02d-%s".formatted(COUNT.incrementAndGet(), program.name().toLowerCase(Locale.ROOT));
        Path log = Path.of("target", "peers", name + ".log");
        Files.createDirectories(requireNonNull(log.getParent()));
        Process process = new ProcessBuilder(program.command(machine, List.of(flags)))
                .redirectError(log.toFile())
                .start();
        Peer peer = new Peer(name, process, log);
        Thread reader = new Thread(peer::read, "answers of " + name);
        reader.setDaemon(true);
        reader.start();
        try {
            peer.await(peer.started, START_LIMIT, "start");
        } catch (IOException e) {
            peer.close();
            throw e;
        }
        return peer;
    }

    /** Its peer ID. */
    String id() {
        return started.join().get("peer").textValue();
    }

    /** What it says of itself: where it can be reached. */
    List<String> addresses() {
        return texts(started.join().get("addresses"));
    }

    /** The first of {@link #addresses}, without its ID. */
    String bareAddress() {
        return addresses().get(0);
    }

    /** The first of {@link #addresses}, with its ID. */
    String address() {
        return bareAddress() + "/p2p/" + id();
    }

    /** Makes it connect, and returns the ID of whom it found there. */
    String connect(String address) throws IOException, InterruptedException {
        return ask("connect", Map.of("address", address)).get("peer").textValue();
    }

    void disconnect(Peer other) throws IOException, InterruptedException {
        ask("disconnect", Map.of("peer", other.id()));
    }

    /** Makes it fill up its routing table. */
    void refresh() throws IOException, InterruptedException {
        ask("refresh", Map.of());
    }

    /** The members of its routing table. */
    Set<String> table() throws IOException, InterruptedException {
        return new HashSet<>(texts(ask("table", Map.of()).get("peers")));
    }

    /** Makes it announce keys. It may do so in the background. */
    void provide(Collection<String> keys) throws IOException, InterruptedException {
        ask("provide", Map.of("keys", keys));
    }

    void withdraw(Collection<String> keys) throws IOException, InterruptedException {
        ask("withdraw", Map.of("keys", keys));
    }

    /** For how many of the keys it holds a record by the other. */
    int held(Collection<String> keys, Peer by) throws IOException, InterruptedException {
        return ask("held", Map.of("keys", keys, "peer", by.id())).get("count").intValue();
    }

    /** How many records it keeps for others. Only ours counts. */
    int records() throws IOException, InterruptedException {
        return ask("records", Map.of()).get("count").intValue();
    }

    /** How many connections it has refused, as the other side isn't in its private network. Only ours counts. */
    int strangers() throws IOException, InterruptedException {
        return ask("connections", Map.of()).get("strangers").intValue();
    }

    /** How many DHT requests of a kind, say {@code ADD_PROVIDER}, others have sent it. Only the Go program counts. */
    int requests(String kind) throws IOException, InterruptedException {
        return ask("requests", Map.of()).get("requests").path(kind).asInt(0);
    }

    /** Providers of a key but itself, with their addresses. Ends once there are {@code count}, if that isn't 0. */
    Map<String, List<String>> find(String key, int count) throws IOException, InterruptedException {
        Map<String, List<String>> providers = new HashMap<>();
        for (JsonNode provider : ask("find", Map.of("key", key, "count", count)).get("providers")) {
            providers.put(provider.get("peer").textValue(), texts(provider.get("addresses")));
        }
        return providers;
    }

    Duration ping(Peer other) throws IOException, InterruptedException {
        return Duration.of(ask("ping", Map.of("peer", other.id())).get("micros").longValue(), ChronoUnit.MICROS);
    }

    /** Its open connections with the other. */
    List<Link> links(Peer other) throws IOException, InterruptedException {
        List<Link> links = new ArrayList<>();
        for (JsonNode link : ask("connections", Map.of()).get("connections")) {
            if (link.get("peer").textValue().equals(other.id())) {
                links.add(new Link(
                        link.path("security").asText(""),
                        link.path("direction").asText("").equalsIgnoreCase("outbound"),
                        link.get("remote").textValue(),
                        link.path("seconds").asInt(-1)));
            }
        }
        return links;
    }

    /** The addresses under which it knows the other. */
    List<String> knownAddresses(Peer other) throws IOException, InterruptedException {
        return texts(ask("known", Map.of("peer", other.id())).get("addresses"));
    }

    /** Whom its routing table has admitted and lost, in order. */
    List<Event> events() {
        return List.copyOf(events);
    }

    /** Whether it has ever lost the other from its routing table. */
    boolean everLost(Peer other) {
        return events.contains(new Event("removed", other.id()));
    }

    /** Sends a request and waits for its answer. */
    JsonNode ask(String what, Map<String, ?> arguments) throws IOException, InterruptedException {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        Map<String, Object> request = new HashMap<>(arguments);
        request.put("id", id);
        request.put("do", what);
        synchronized (requests) {
            requests.write(JSON.writeValueAsString(request));
            requests.newLine();
            requests.flush();
        }
        return await(answer, ANSWER_LIMIT, what);
    }

    private JsonNode await(CompletableFuture<JsonNode> answer, Duration limit, String what)
            throws IOException, InterruptedException {
        try {
            JsonNode line = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (line.has("error")) {
                throw new IOException(
                        "%s: %s: %s".formatted(name, what, line.get("error").asText()));
            }
            return line;
        } catch (ExecutionException e) {
            throw new IOException("%s: %s: see %s".formatted(name, what, log.toAbsolutePath()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(
                    "%s: %s: no answer within %s, see %s".formatted(name, what, limit, log.toAbsolutePath()), e);
        }
    }

    private void read() {
        try (BufferedReader answers = process.inputReader(StandardCharsets.UTF_8)) {
            for (String text = answers.readLine(); text != null; text = answers.readLine()) {
                JsonNode line = JSON.readTree(text);
                if (line.path("event").asText("").equals("started")) {
                    started.complete(line);
                } else if (line.has("event")) {
                    events.add(new Event(
                            line.get("event").textValue(), line.get("peer").textValue()));
                } else {
                    CompletableFuture<JsonNode> answer =
                            waiting.remove(line.get("id").intValue());
                    if (answer != null) {
                        answer.complete(line);
                    }
                }
            }
            fail(new IOException(name + " has ended"));
        } catch (IOException e) {
            fail(e);
        }
    }

    private void fail(IOException cause) {
        started.completeExceptionally(cause);
        waiting.values().forEach(answer -> answer.completeExceptionally(cause));
    }

    /** Kills the program. The system closes its connections; for one that says nothing any more, see {@link Network#plug}. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Makes the program end in order; kills it if it doesn't. */
    @Override
    public void close() {
        try {
            requests.close();
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("%s didn't end within %s, see %s".formatted(name, STOP_LIMIT, log));
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                process.destroyForcibly();
                throw new UncheckedIOException(e);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private static List<String> texts(JsonNode array) {
        List<String> list = new ArrayList<>();
        array.forEach(text -> list.add(text.textValue()));
        return list;
    }

    /** A change of the routing table: {@code added} or {@code removed}. */
    record Event(String what, String peer) {}

    /** One connection, as one end sees it. */
    record Link(String security, boolean outbound, String remote, int seconds) {}
}
