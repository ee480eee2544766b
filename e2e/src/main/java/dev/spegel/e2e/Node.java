package dev.spegel.e2e;

import static java.util.Objects.requireNonNull;

import dev.spegel.lab.Command;
import dev.spegel.lab.Containerd;
import dev.spegel.lab.ContainerdRelease;
import dev.spegel.lab.Daemon;
import dev.spegel.lab.Machine;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A host as an operator sets it up: a containerd, whose mirrors {@code spegel configuration} wrote, and an agent. */
final class Node implements Closeable {
    private static final int REGISTRY_PORT = 5000;
    private static final int METRICS_PORT = 9090;
    private static final int CLEANUP_PORT = 8080;

    private static final Pattern PEER_ID = Pattern.compile("12D3KooW\\w+");

    /** A file in the node's directory, in the format of /etc/hosts. */
    private static final String HOSTS = "hosts";

    /** What DNS has the addresses of all nodes under; a headless service, in Kubernetes. */
    private static final String CLUSTER = "nodes.example";

    /** A Java process on a busy machine, and then the first of its neighbours must answer. */
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);

    /** What one node has is found by another after the blob was noticed, announced and looked up: well below a second. */
    private static final Duration FOUND_LIMIT = Duration.ofSeconds(20);

    private final Machine machine;
    private final Path directory;
    private final Containerd containerd;
    private final CriClient cri;
    private AgentProgram program;
    private @Nullable Daemon agent;

    private Node(Machine machine, AgentProgram program, Path directory, Containerd containerd) {
        this.machine = machine;
        this.program = program;
        this.directory = directory;
        this.containerd = containerd;
        cri = new CriClient(containerd.socket());
    }

    /** How an image is pulled. */
    enum Client {
        /** {@code ctr images pull}, which unpacks it. */
        CTR {
            @Override
            void pull(Node node, Reference image) throws IOException, InterruptedException {
                node.containerd.ctr(
                        "images",
                        "pull",
                        "--hosts-dir",
                        node.containerd.registryConfigPath().toString(),
                        "--snapshotter",
                        "native",
                        "--platform",
                        "linux/amd64",
                        image.toString());
            }
        },
        /** {@code PullImage} of the container runtime interface, as kubelet calls it; containerd unpacks the image. */
        CRI {
            @Override
            void pull(Node node, Reference image) throws IOException {
                node.cri.pull(image.toString());
            }
        },
        /** {@code ctr content fetch}: whatever the manifest names, without unpacking. */
        FETCH {
            @Override
            void pull(Node node, Reference image) throws IOException, InterruptedException {
                node.containerd.ctr(node.fetchArguments(image));
            }
        };

        abstract void pull(Node node, Reference image) throws IOException, InterruptedException;
    }

    /**
     * Starts containerd. The agent comes later.
     *
     * @param program the agent
     * @param cluster the machines of all nodes, in DNS
     */
    static Node start(
            AgentProgram program,
            ContainerdRelease release,
            Machine machine,
            Path directory,
            List<Machine> cluster,
            int layerFetch)
            throws Exception {
        Containerd containerd = Containerd.start(release, machine, directory, layerFetch);
        try {
            Files.write(
                    directory.resolve(HOSTS),
                    cluster.stream().map(member -> member.ip4() + " " + CLUSTER).toList());
            return new Node(machine, program, directory, containerd);
        } catch (IOException | RuntimeException e) {
            containerd.close();
            throw e;
        }
    }

    /** Starts the agent, which mustn't be running. It needn't have met others when this returns. */
    void startAgent() throws IOException {
        agent = Daemon.start(
                "agent " + number(),
                directory.resolve("agent.log"),
                program.environment(),
                machine.command(program.serving(
                        directory.resolve(HOSTS),
                        List.of(
                                "--containerd-sock=" + containerd.socket(),
                                "--containerd-content-path=" + containerd.contentDirectory(),
                                "--data-dir=" + directory.resolve("data"),
                                "--bootstrap-kind=dns",
                                "--dns-bootstrap-domain=" + CLUSTER,
                                // 20 ms, the default, is for agents that have a processor when they need one. Here
                                // three and as many containerds share a few, and with the registry gone a peer found
                                // too late fails the pull. Where nobody has something, that is known once all have
                                // answered, not when this has passed.
                                "--mirror-resolve-timeout=2s"))));
    }

    private Daemon agent() {
        return requireNonNull(agent, "the agent hasn't been started");
    }

    /** Has containerd ask this node's agent before these registries, each a URL. */
    void configureMirrors(String... registries) throws IOException, InterruptedException {
        configureMirrors(List.of(this), registries);
    }

    /** Has containerd ask the agents of these nodes, in that order, before these registries. */
    void configureMirrors(List<Node> mirrors, String... registries) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.executable().toString(), "configuration"));
        command.add("--containerd-registry-config-path=" + containerd.registryConfigPath());
        // Words of their own: the Go implementation takes the rest of a word with = for one value.
        command.add("--mirror-targets");
        mirrors.forEach(mirror -> command.add("http://" + mirror.machine.ip4() + ":" + REGISTRY_PORT));
        command.add("--mirrored-registries");
        command.addAll(List.of(registries));
        Command.run(command.toArray(String[]::new));
    }

    /** Ends the agent as Kubernetes and systemd do, by SIGTERM. */
    void stopAgent() throws InterruptedException {
        agent().stop();
    }

    /** Which program is configured and started from now on. */
    void use(AgentProgram other) {
        program = other;
    }

    Path registryConfigPath() {
        return containerd.registryConfigPath();
    }

    /** Runs {@code cleanup}, as {@code helm uninstall} does, until it says that it's done. */
    void cleanUp() throws Exception {
        try (Daemon cleanup = Daemon.start(
                "cleanup " + number(),
                directory.resolve("cleanup.log"),
                program.environment(),
                machine.command(List.of(
                        program.executable().toString(),
                        "cleanup",
                        "--addr=:" + CLEANUP_PORT,
                        "--containerd-registry-config-path=" + containerd.registryConfigPath())))) {
            cleanup.await("it is done", READY_LIMIT, () -> answers(CLEANUP_PORT));
        }
    }

    void awaitReady() throws Exception {
        agent().await("it is ready", READY_LIMIT, () -> answers(REGISTRY_PORT));
    }

    private boolean answers(int port) throws InterruptedException {
        try {
            return LocalHttp.request(machine, port, "GET", "/readyz").status() == 200;
        } catch (IOException e) {
            return false; // it doesn't listen yet
        }
    }

    int number() {
        return machine.number();
    }

    Machine machine() {
        return machine;
    }

    /** Waits until this node's agent can tell what the image is, from its own content or another's. */
    void awaitFinds(TestImage image) throws Exception {
        agent().await(
                        "it finds " + image.name(),
                        FOUND_LIMIT,
                        () -> request("HEAD", manifest(image.name())).status() == 200);
    }

    /** Waits until this node's agent learns that all of these have the whole image. What names other content is announced last. */
    void awaitFindsOn(TestImage image, List<Node> holders) throws Exception {
        agent().await("it finds " + image.name() + " on all that have it", FOUND_LIMIT, () -> {
            LocalHttp.Answer found = LocalHttp.request(
                    machine, METRICS_PORT, "GET", "/debug/api/lookup?millis=1000&key=" + image.name());
            return holders.stream().allMatch(holder -> found.body().contains("\"" + holder.machine.ip4()));
        });
    }

    private static String manifest(Reference image) {
        return "/v2/%s/manifests/%s?ns=%s"
                .formatted(
                        image.repository(),
                        image.digest().map(Digest::toString).or(image::tag).orElseThrow(),
                        image.registry());
    }

    private LocalHttp.Answer request(String method, String path) throws IOException, InterruptedException {
        return LocalHttp.request(machine, REGISTRY_PORT, method, path);
    }

    void pull(Client client, Reference image) throws IOException, InterruptedException {
        client.pull(this, image);
    }

    /** Pulls from the registry itself, past the agent. */
    void pullDirectly(Reference image) throws IOException, InterruptedException {
        containerd.ctr(
                "images",
                "pull",
                "--plain-http",
                "--snapshotter",
                "native",
                "--platform",
                "linux/amd64",
                image.toString());
    }

    /** Begins to fetch an image without unpacking it. */
    Daemon startFetch(Reference image) throws IOException {
        return Daemon.start(
                "ctr content fetch on machine " + number(),
                directory.resolve("fetch.log"),
                Map.of(),
                containerd.ctrCommand(fetchArguments(image)));
    }

    private String[] fetchArguments(Reference image) {
        return new String[] {
            "content", "fetch", "--hosts-dir", containerd.registryConfigPath().toString(), image.toString()
        };
    }

    /** Brings an image in from a file, as on a site without any registry, and unpacks nothing. */
    void importImage(TestImage image) throws IOException, InterruptedException {
        String importing = containerd.ctrCommand("images", "import", "--no-unpack", "-").stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        Command.run(
                "bash",
                "-c",
                "set -o pipefail; tar -C '" + image.layout() + "' -c oci-layout index.json blobs | " + importing);
    }

    /** Removes all images, and waits until their content is gone too. */
    void forgetAll() throws Exception {
        List<String> names = containerd.ctr("images", "ls", "-q").lines().toList();
        if (!names.isEmpty()) {
            List<String> arguments = new ArrayList<>(List.of("images", "rm", "--sync"));
            arguments.addAll(names);
            containerd.ctr(arguments.toArray(String[]::new));
        }
        agent().await(
                        "containerd collects its garbage",
                        FOUND_LIMIT,
                        () -> content().isEmpty());
    }

    /** Removes an image, whatever its names are, and waits until its content is gone too. Others share nothing with it. */
    void forget(TestImage image) throws Exception {
        String repository = image.name().registry() + "/" + image.name().repository();
        List<String> arguments = new ArrayList<>(List.of("images", "rm", "--sync"));
        containerd
                .ctr("images", "ls", "-q")
                .lines()
                .filter(name -> name.startsWith(repository)
                        || image.content().stream().anyMatch(digest -> name.equals(digest.toString())))
                .forEach(arguments::add);
        if (arguments.size() > 3) {
            containerd.ctr(arguments.toArray(String[]::new));
        }
        long end = System.nanoTime() + FOUND_LIMIT.toNanos();
        while (!Collections.disjoint(content(), image.content())) {
            Check.that(System.nanoTime() - end < 0, "containerd %d collects its garbage in time", number());
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** The digests of all content that containerd says it has. */
    Set<Digest> content() throws IOException, InterruptedException {
        return containerd.ctr("content", "ls", "-q").lines().map(Digest::parse).collect(Collectors.toSet());
    }

    /** Checks that all of the image is here, and every byte is right. */
    void requireWhole(TestImage image) throws IOException, InterruptedException {
        Set<Digest> content = content();
        for (Digest digest : image.content()) {
            Check.that(content.contains(digest), "node %d has %s", number(), digest);
            Path file = containerd.contentDirectory().resolve("blobs/sha256/" + digest.encoded());
            Check.that(sha256(file).equals(digest), "node %d has the right bytes of %s", number(), digest);
        }
    }

    static Digest sha256(Path file) throws IOException {
        MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), hash)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Digest.of(Digest.Algorithm.SHA256, hash.digest());
    }

    /** How many bytes of content that isn't complete yet there are. */
    long incomingBytes() throws IOException {
        Path ingest = containerd.contentDirectory().resolve("ingest");
        if (!Files.exists(ingest)) {
            return 0; // nothing was ever fetched
        }
        long sum = 0;
        try (Stream<Path> files = Files.list(ingest)) {
            for (Path file : files.toList()) {
                sum += file.resolve("data").toFile().length(); // 0 for one that has just become complete
            }
        }
        return sum;
    }

    /** The sum of the agent's samples that have this name and these labels, {@code name="value"}; 0 if there are none. */
    double metric(String name, String... labels) throws IOException, InterruptedException {
        LocalHttp.Answer answer = LocalHttp.request(machine, METRICS_PORT, "GET", "/metrics");
        Check.that(answer.status() == 200, "the metrics of node %d answer", number());
        return answer.body()
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> Arrays.stream(labels).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** Which node of the DHT its agent is. */
    String peerId() throws IOException, InterruptedException {
        String metadata = LocalHttp.request(machine, METRICS_PORT, "GET", "/debug/web/metadata")
                .body();
        Matcher id = PEER_ID.matcher(metadata);
        Check.that(id.find(), "node %d says who it is: %s", number(), metadata);
        return id.group();
    }

    /** How many requests its agent answered from other nodes. */
    long hits() throws IOException, InterruptedException {
        return (long) metric("spegel_mirror_requests_total", "cache=\"hit\"");
    }

    /** How many requests neither its agent nor another could answer. */
    long misses() throws IOException, InterruptedException {
        return (long) metric("spegel_mirror_requests_total", "cache=\"miss\"");
    }

    /** How many blobs its agent is sending now. */
    long blobsInFlight() throws IOException, InterruptedException {
        return (long) metric("http_requests_inflight", "/blobs/");
    }

    /** How many parts of blobs its agent has sent. */
    long rangesSent() throws IOException, InterruptedException {
        return (long) metric("http_request_duration_seconds_count", "/blobs/", "method=\"GET\"", "code=\"206\"");
    }

    /** How many peers its agent doesn't ask now. */
    long quarantined() throws IOException, InterruptedException {
        return (long) metric("spegel_mirror_quarantined_peers");
    }

    /** What the agent has warned of so far. */
    List<String> warnings() throws IOException {
        return agent().log()
                .lines()
                .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                .toList();
    }

    /** What the agent has in memory now. */
    Resident resident() throws IOException {
        return new Resident(status("VmRSS:") << 10, status("RssFile:") << 10);
    }

    /** A field of {@code /proc/pid/status}, in KiB. */
    private long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + agent().pid() + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Whether the agent runs. */
    boolean runs() {
        return agent().runs();
    }

    /** SIGKILL for the agent. */
    void killAgent() throws InterruptedException {
        agent().kill();
    }

    @Override
    public void close() throws IOException {
        cri.close();
        if (agent != null) {
            agent.close();
        }
        containerd.close();
    }

    /**
     * In bytes.
     *
     * @param ofFiles pages of files, which the system can drop and read again
     */
    record Resident(long all, long ofFiles) {}
}
