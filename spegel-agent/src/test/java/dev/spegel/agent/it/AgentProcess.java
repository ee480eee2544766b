package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.lab.MemoryLimit;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An agent in a process of its own, on loopback and free ports, started by {@code bin/spegel} as a user starts it. */
final class AgentProcess {
    private static final Path LAUNCHER = Path.of("..", "bin", "spegel");

    /** Nothing listens there: a neighbour that is down. */
    private static final String NOBODY = "127.0.0.1:1";

    private static final Pattern ADDRESSES =
            Pattern.compile("registry on \\S*?(127\\.0\\.0\\.1:\\d+), metrics on \\S*?(127\\.0\\.0\\.1:\\d+)");

    private static final Pattern IDENTITY = Pattern.compile("/id on \\S*?(127\\.0\\.0\\.1:\\d+)");

    /** A Java process on a machine that does other things too; it takes one second otherwise. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build();
    private final String name;
    private final Processes.Child child;
    private final String registry;
    private final String metrics;
    private final Optional<String> identity;

    private AgentProcess(
            String name, Processes.Child child, String registry, String metrics, Optional<String> identity) {
        this.name = name;
        this.child = child;
        this.registry = registry;
        this.metrics = metrics;
        this.identity = identity;
    }

    /**
     * Starts an agent and waits until it serves.
     *
     * @param layout its images; may be an empty directory
     * @param peers other nodes that it knows; where there are any, it has heard from one when this returns
     * @param javaOptions in addition to those of the launcher
     */
    static AgentProcess start(
            Processes processes, String name, Path layout, List<AgentProcess> peers, String... javaOptions)
            throws IOException {
        return start(
                processes,
                name,
                layout,
                peers.stream().map(AgentProcess::registry).toList(),
                List.of(),
                javaOptions);
    }

    /**
     * Starts an agent and waits until it serves.
     *
     * @param peers host and port of the registries of other nodes that it knows; where there are any, it has heard from one when this
     *     returns
     * @param flags further ones
     */
    static AgentProcess start(
            Processes processes,
            String name,
            Path layout,
            List<String> peers,
            List<String> flags,
            String... javaOptions)
            throws IOException {
        List<String> all = new ArrayList<>(flags);
        all.add("--router=static");
        all.add("--static-router-peers=" + (peers.isEmpty() ? NOBODY : String.join(",", peers)));
        AgentProcess agent = launch(processes, name, layout, all, javaOptions);
        if (!peers.isEmpty()) {
            agent.awaitReady();
        }
        return agent;
    }

    /** Starts an agent under a limit to its memory, with one other that it knows, and waits until it has heard from that. */
    static AgentProcess startUnder(MemoryLimit limit, Processes processes, String name, Path layout, AgentProcess peer)
            throws IOException {
        List<String> flags = List.of(
                "--store=oci-layout",
                "--oci-layout-path=" + layout,
                "--router=static",
                "--static-router-peers=" + peer.registry());
        AgentProcess agent = launch(processes, name, flags, limit::command);
        agent.awaitReady();
        return agent;
    }

    /**
     * Starts an agent in a DHT and waits until it serves. It is a new node each time, unless the flags say otherwise.
     *
     * @param first whom it meets first; empty for the first of all
     * @param flags further ones
     */
    static AgentProcess startInDht(
            Processes processes, String name, Path layout, Optional<AgentProcess> first, String... flags)
            throws IOException {
        return startInDht(processes, name, layout, first, List.of(flags), new String[0]);
    }

    /** The same with further Java options. */
    static AgentProcess startInDht(
            Processes processes,
            String name,
            Path layout,
            Optional<AgentProcess> first,
            List<String> flags,
            String[] javaOptions)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "--router-addr=127.0.0.1:0",
                "--bootstrap-kind=http",
                "--http-bootstrap-addr=127.0.0.1:0",
                "--http-bootstrap-url=http://"
                        + first.flatMap(AgentProcess::identity).orElse(NOBODY) + "/id"));
        all.addAll(flags);
        AgentProcess agent = launch(processes, name, layout, all, javaOptions);
        if (first.isPresent()) {
            agent.awaitReady();
        }
        return agent;
    }

    /** Starts an agent in a DHT of its own, with the store that these flags say, and waits until it serves. */
    static AgentProcess startWithStore(Processes processes, String name, String... storeFlags) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "--router-addr=127.0.0.1:0",
                "--bootstrap-kind=http",
                "--http-bootstrap-addr=127.0.0.1:0",
                "--http-bootstrap-url=http://" + NOBODY + "/id"));
        all.addAll(List.of(storeFlags));
        return launch(processes, name, all, UnaryOperator.identity());
    }

    private static AgentProcess launch(
            Processes processes, String name, Path layout, List<String> routerFlags, String... javaOptions)
            throws IOException {
        List<String> flags = new ArrayList<>(List.of("--store=oci-layout", "--oci-layout-path=" + layout));
        flags.addAll(routerFlags);
        return launch(processes, name, flags, UnaryOperator.identity(), javaOptions);
    }

    private static AgentProcess launch(
            Processes processes,
            String name,
            List<String> flags,
            UnaryOperator<List<String>> wrapped,
            String... javaOptions)
            throws IOException {
        Map<String, String> environment = new HashMap<>();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("SPEGEL_JAVA_OPTS", String.join(" ", javaOptions));
        List<String> command = new ArrayList<>(List.of(
                LAUNCHER.toRealPath().toString(),
                "registry",
                "--registry-addr=127.0.0.1:0",
                "--metrics-addr=127.0.0.1:0",
                // More than the default: a busy machine may well stop a process for half a second.
                // A miss takes no longer for it: it is known once all peers have answered.
                "--mirror-resolve-timeout=5s",
                "--log-format=text",
                "--log-level=DEBUG"));
        command.addAll(flags);
        Processes.Child child = processes.start(name, environment, wrapped.apply(command));
        Matcher said = await(name + " says where it serves")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            assertThat(child.runs())
                                    .as("%s runs; it says: %s", name, child.log())
                                    .isTrue();
                            return ADDRESSES.matcher(child.log());
                        },
                        Matcher::find);
        Matcher identity = IDENTITY.matcher(child.log());
        return new AgentProcess(
                name,
                child,
                said.group(1),
                said.group(2),
                identity.find() ? Optional.of(identity.group(1)) : Optional.empty());
    }

    /** Waits until it has met another node. */
    AgentProcess awaitReady() {
        awaitOk(name + " has heard from a peer", URI.create("http://" + registry + "/readyz"));
        return this;
    }

    /** Waits until this agent's own store has the image. */
    AgentProcess awaitServing(Reference image) {
        awaitOk(image + " is served", manifest(image));
        return this;
    }

    /** Waits until this agent finds another that has the image, and all that it is made of. */
    AgentProcess awaitFinding(Reference image) {
        await(name + " finds " + image)
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !holdersOf(image).isEmpty());
        return this;
    }

    private void awaitOk(String what, URI uri) {
        await(what).atMost(START_LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> get(uri).statusCode() == 200);
    }

    /** Host and port where {@code /id} is served. */
    Optional<String> identity() {
        return identity;
    }

    /** Host and port of the registry. */
    String registry() {
        return registry;
    }

    /** Host and port of the metrics, where commands ask this agent. */
    String metrics() {
        return metrics;
    }

    Processes.Child process() {
        return child;
    }

    /** The manifest of this image, named as containerd names it. */
    URI manifest(Reference image) {
        String object = image.digest().map(Object::toString).or(image::tag).orElseThrow();
        return content(image, "manifests/" + object);
    }

    /** Content of the repository of this image, named as containerd names it: {@code blobs/sha256:…}. */
    URI content(Reference image, String object) {
        return URI.create("http://%s/v2/%s/%s?ns=%s".formatted(registry, image.repository(), object, image.registry()));
    }

    /** Asks this agent. */
    HttpResponse<byte[]> get(URI uri, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    /** Asks this agent on a connection of its own. */
    HttpResponse<byte[]> getOnNewConnection(URI uri) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray());
    }

    /** The registries of other nodes that say they have the image, as this agent finds them. */
    Set<String> holdersOf(Reference image) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + metrics + "/debug/api/lookup?key=" + image);
        Set<String> registries = new TreeSet<>();
        for (JsonNode peer : new ObjectMapper().readTree(get(uri).body()).path("peers")) {
            peer.path("registries").forEach(registry -> registries.add(registry.asText()));
        }
        return registries;
    }

    /** What it says of itself to Prometheus. */
    Scrape scrape() throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = get(URI.create("http://" + metrics + "/metrics"));
        assertThat(answer.statusCode()).isEqualTo(200);
        return Scrape.parse(new String(answer.body(), StandardCharsets.UTF_8));
    }

    /** The sum of the samples that have this name and these labels, {@code name="value"}; 0 if there are none. */
    long metric(String name, String... labels) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://" + metrics + "/metrics"))
                        .timeout(ANSWER_LIMIT)
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return (long) answer.body()
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> Arrays.stream(labels).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** How many requests it answered from other nodes. */
    long hits() throws IOException, InterruptedException {
        return metric("spegel_mirror_requests_total", "cache=\"hit\"");
    }

    /** How many requests neither it nor another node could answer. */
    long misses() throws IOException, InterruptedException {
        return metric("spegel_mirror_requests_total", "cache=\"miss\"");
    }

    /** How many blobs it is sending right now. */
    long blobsInFlight() throws IOException, InterruptedException {
        return metric("http_requests_inflight", "/blobs/");
    }

    /** How many requests for blobs it has answered with this status. */
    long blobsAnswered(int status) throws IOException, InterruptedException {
        return metric("http_request_duration_seconds_count", "/blobs/", "method=\"GET\"", "code=\"" + status + "\"");
    }

    /** How many bytes of blobs it has sent, in answers that are complete or broken off. */
    long blobBytesSent() throws IOException, InterruptedException {
        return metric("http_response_size_bytes_sum", "/blobs/");
    }

    /** How many requests of its own containerd it has seen, as it says itself. */
    long requestsOfContainerd() throws IOException, InterruptedException {
        URI uri = URI.create("http://" + metrics + "/debug/api/status");
        return new ObjectMapper()
                .readTree(get(uri).body())
                .path("containerd")
                .path("requests")
                .asLong(-1);
    }

    /** The most memory that the process ever had in the machine: what {@code time -v} prints as its maximum resident set size. */
    long peakResidentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + child.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
