package dev.spegel.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.libp2p.identity.PeerId;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Nodes of go-libp2p with go-libp2p-kad-dht in one process: the program of {@code interop/go}, which takes requests and gives answers as
 * {@code docs/interoperability.md} says. It measures by itself. One request at a time, for one thread.
 */
final class GoNodes implements MeasuredNodes, AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration PROVIDE_LIMIT = Duration.ofMinutes(5);

    /** Announcing is over when nothing has come in for so long. */
    private static final Duration QUIET = Duration.ofSeconds(5);

    private static final int HOLDERS = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;
    private final List<PeerId> ids = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final List<List<String>> keys = new ArrayList<>();
    private int lastId;

    private GoNodes(Process process) {
        this.process = process;
        requests = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** As {@link LoopbackNetwork#start}. */
    static GoNodes start(Path program, int nodes, int keysEach) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(program.toString(), "--listen=127.0.0.1:0", "--nodes=" + nodes)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        GoNodes network = new GoNodes(process);
        boolean started = false;
        try {
            while (network.ids.size() < nodes) {
                network.read();
            }
            network.getAcquainted();
            network.provide(keysEach);
            started = true;
            return network;
        } finally {
            if (!started) {
                network.close();
            }
        }
    }

    private void getAcquainted() throws IOException, InterruptedException {
        for (int node = 1; node < ids.size(); node++) {
            ObjectNode request = request(node, "connect").put("address", addresses.get(0));
            ask(request);
        }
        for (int node = 0; node < ids.size(); node++) {
            ask(request(node, "refresh"));
        }
        long endNanos = System.nanoTime() + START_LIMIT.toNanos();
        for (int node = 0; node < ids.size(); node++) {
            while (ask(request(node, "table")).get("peers").size() < LoopbackNetwork.enoughPeers(ids.size())) {
                if (System.nanoTime() - endNanos > 0) {
                    throw new IOException("the Go nodes didn't get to know each other within " + START_LIMIT);
                }
                ask(request(node, "refresh"));
                Thread.sleep(500);
            }
        }
    }

    private void provide(int keysEach) throws IOException, InterruptedException {
        for (int node = 0; node < ids.size(); node++) {
            keys.add(LoopbackNetwork.names(node, keysEach));
            ObjectNode request = request(node, "provide");
            keys.get(node).forEach(request.withArray("keys")::add);
            ask(request);
        }
        long enough = (long) (0.95 * ids.size() * keysEach * Math.min(HOLDERS, ids.size() - 1));
        long endNanos = System.nanoTime() + PROVIDE_LIMIT.toNanos();
        long quietNanos = System.nanoTime() + QUIET.toNanos();
        long records = 0;
        while (records < enough || System.nanoTime() - quietNanos < 0) {
            if (System.nanoTime() - endNanos > 0) {
                throw new IOException("the Go nodes announced %d of at least %d records within %s"
                        .formatted(records, enough, PROVIDE_LIMIT));
            }
            Thread.sleep(500);
            long now = 0;
            for (int node = 0; node < ids.size(); node++) {
                now += ask(request(node, "requests"))
                        .get("requests")
                        .path("ADD_PROVIDER")
                        .asLong();
            }
            if (now != records) {
                records = now;
                quietNanos = System.nanoTime() + QUIET.toNanos();
            }
        }
    }

    @Override
    public List<PeerId> ids() {
        return ids;
    }

    @Override
    public List<String> keys(int node) {
        return keys.get(node);
    }

    @Override
    public long ping(int node) throws IOException {
        return nanos(ask(request(node, "ping").put("peer", ids.get(0).toString())), "micros");
    }

    @Override
    public OptionalLong hit(int node, String key) throws IOException {
        JsonNode answer = ask(request(node, "find").put("key", key).put("count", 1));
        return answer.get("providers").isEmpty() ? OptionalLong.empty() : OptionalLong.of(nanos(answer, "firstMicros"));
    }

    @Override
    public long miss(int node, String key) throws IOException {
        JsonNode answer = ask(request(node, "find").put("key", key).put("count", 0));
        if (!answer.get("providers").isEmpty()) {
            throw new IOException("Go node %d was to find nobody with %s: %s".formatted(node, key, answer));
        }
        return nanos(answer, "micros");
    }

    private static long nanos(JsonNode answer, String field) {
        return TimeUnit.MICROSECONDS.toNanos(answer.get(field).longValue());
    }

    private ObjectNode request(int node, String what) {
        return JSON.createObjectNode().put("id", ++lastId).put("do", what).put("node", node);
    }

    private JsonNode ask(ObjectNode request) throws IOException {
        requests.write(JSON.writeValueAsString(request));
        requests.newLine();
        requests.flush();
        while (true) {
            JsonNode line = read();
            if (line.path("id").intValue() == request.get("id").intValue()) {
                if (line.has("error")) {
                    throw new IOException("the Go program: %s: %s"
                            .formatted(
                                    request.get("do").textValue(),
                                    line.get("error").textValue()));
                }
                return line;
            }
        }
    }

    /** The next line; takes note of nodes that have started. */
    private JsonNode read() throws IOException {
        String text = answers.readLine();
        if (text == null) {
            throw new IOException("the Go program has ended; what it said is above");
        }
        JsonNode line = JSON.readTree(text);
        if (line.path("event").asText("").equals("started")) {
            ids.add(PeerId.parse(line.get("peer").textValue()));
            addresses.add(line.get("addresses").get(0).textValue() + "/p2p/"
                    + line.get("peer").textValue());
        }
        return line;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
