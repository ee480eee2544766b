package dev.spegel.e2e;

import dev.spegel.e2e.Node.Client;
import dev.spegel.lab.ContainerdRelease;
import dev.spegel.lab.Daemon;
import dev.spegel.lab.Machine;
import dev.spegel.lab.VirtualNetwork;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Three hosts with the same containerd, an agent each, and a registry on a fourth. */
final class Scenario implements Play {
    /** Nobody answers to it: RFC 2606, section 2. */
    private static final String NO_REGISTRY = "airgap.example";

    private static final int LAYER_BYTES = 4 << 20;
    private static final long WIDE_LAYER_BYTES = 64L << 20;
    private static final long LARGE_LAYER_BYTES = 1L << 30;

    /** So that a 64 MiB layer comes in 16 pieces, and two nodes both get some. */
    private static final int LAYER_FETCH_BYTES = 4 << 20;

    /** Well inside the layer, and more than the sockets between the nodes keep. */
    private static final long DEATH_AFTER_BYTES = 200L << 20;

    /** Ten seconds until a transfer counts as stalled, and the rest of the layer. */
    private static final Duration LARGE_LIMIT = Duration.ofMinutes(2);

    /** What the Go implementation's chart allows. Pages of files are reclaimed before anything is killed for it. */
    private static final long MEMORY_LIMIT_BYTES = 128L << 20;

    private static final Duration ALLOWED_DELAY = Duration.ofSeconds(1);

    private final ContainerdRelease release;
    private final Path directory;
    private final AgentProgram program;
    private final Parts parts = new Parts();
    private final List<Machine> machines = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final VirtualNetwork network;
    private final Registry registry;
    private final TestImage app;
    private final TestImage model;
    private long segmentsWhenStopped;

    private Scenario(ContainerdRelease release, Path directory, AgentProgram program) throws Exception {
        this.release = release;
        this.directory = directory;
        this.program = program;
        network = parts.add(VirtualNetwork.create());
        for (int i = 0; i < 3; i++) {
            machines.add(network.add());
        }
        registry = parts.add(new Registry(network.add(), 5000, directory.resolve("registry")));
        app = image("app", 1, 3, LAYER_BYTES);
        model = TestImage.makeArtifact(directory.resolve("images/model"), registry.name() + "/models/tiny:1.0", 7);
    }

    static Stage of(AgentProgram program) {
        return (release, directory) -> new Scenario(release, directory, program);
    }

    @Override
    public String title() {
        return "Three hosts with %s and an agent each, a registry on a fourth".formatted(release);
    }

    private TestImage image(String name, int seed, int layers, long layerBytes) throws IOException {
        return TestImage.make(
                directory.resolve("images").resolve(name),
                registry.name() + "/samples/" + name + ":1.0",
                seed,
                layers,
                layerBytes);
    }

    @Override
    public List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step("three nodes start and meet", this::start));
        steps.add(new Step("node 1 pulls from the registry, which is stopped then", this::firstPull));
        steps.add(new Step("2 and 3 pull by tag with ctr", () -> pullBoth(Client.CTR, app.name())));
        steps.add(new Step("2 and 3 pull by digest with ctr", () -> pullBoth(Client.CTR, app.byDigest())));
        steps.add(new Step("2 and 3 pull by tag through the CRI", () -> pullBoth(Client.CRI, app.name())));
        steps.add(new Step("2 and 3 pull by digest through the CRI", () -> pullBoth(Client.CRI, app.byDigest())));
        steps.add(new Step("an image that was only imported on 1 reaches 2", this::imported));
        steps.add(new Step("a model, whose layers are no tars, reaches 2", this::artifact));
        steps.add(new Step("the registry saw nothing of all this", this::registrySawNothing));
        steps.add(new Step("what nobody has comes from the registry, without delay", this::failover));
        if (release.isAtLeast(2, 1)) {
            steps.add(new Step("a layer fetched in pieces comes from 1 and 2", this::inPieces));
        }
        steps.add(new Step("a node dies in the middle of a 1 GiB layer, the pull goes on", this::death));
        steps.add(new Step("the agents are small", this::agents));
        return steps;
    }

    private Node node(int number) {
        return nodes.get(number - 1);
    }

    private String start() throws Exception {
        registry.start();
        registry.push(app);
        registry.push(model);
        for (Machine machine : machines) {
            Path home = directory.resolve("node-" + machine.number());
            nodes.add(parts.add(Node.start(
                    program, release, machine, home, machines, machine.number() == 3 ? LAYER_FETCH_BYTES : 0)));
        }
        for (Node node : nodes) {
            node.configureMirrors("http://" + registry.name(), "https://" + NO_REGISTRY);
            node.startAgent();
        }
        for (Node node : nodes) {
            node.awaitReady();
        }
        return release + ", DHT with 3 nodes";
    }

    private String firstPull() throws Exception {
        node(1).pull(Client.CTR, app.name());
        node(1).pull(Client.FETCH, model.name());
        node(1).requireWhole(app);
        node(1).requireWhole(model);
        registry.stop();
        segmentsWhenStopped = registry.segments();
        node(2).awaitFinds(app);
        node(3).awaitFinds(app);
        return mib(app.bytes() + model.bytes());
    }

    private String pullBoth(Client client, Reference name) throws Exception {
        long slowest = 0;
        for (Node node : List.of(node(2), node(3))) {
            node.forgetAll();
            long hits = node.hits();
            long start = System.nanoTime();
            node.pull(client, name);
            slowest = Math.max(slowest, System.nanoTime() - start);
            node.requireWhole(app);
            Check.that(
                    node.hits() - hits >= app.content().size(),
                    "node %d got each part from another node, but %d of %d did",
                    node.number(),
                    node.hits() - hits,
                    app.content().size());
        }
        return "%s in %s at most, contents equal".formatted(mib(app.bytes()), seconds(slowest));
    }

    private String imported() throws Exception {
        TestImage image = TestImage.make(
                directory.resolve("images/imported"), NO_REGISTRY + "/samples/imported:1.0", 20, 2, LAYER_BYTES);
        node(1).importImage(image);
        long start = System.nanoTime();
        node(2).awaitFinds(image);
        long found = System.nanoTime() - start;
        node(2).pull(Client.CTR, image.name());
        node(2).requireWhole(image);
        node(2).forgetAll();
        node(2).pull(Client.CRI, image.name());
        node(2).requireWhole(image);
        return "found %s after the import; by ctr and through the CRI".formatted(seconds(found));
    }

    private String artifact() throws Exception {
        node(2).awaitFinds(model);
        node(2).pull(Client.FETCH, model.name());
        node(2).requireWhole(model);
        Path copy = directory.resolve("model-copy");
        // Of an agent it can be asked for by digest without saying which registry it is from.
        node(3).machine()
                .run(
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "--quiet",
                        "--src-tls-verify=false",
                        "docker://127.0.0.1:5000/%s@%s"
                                .formatted(
                                        model.name().repository(),
                                        model.target().digest()),
                        "dir:" + copy);
        for (Digest digest : model.content()) {
            boolean manifest = digest.equals(model.target().digest());
            Path file = copy.resolve(manifest ? "manifest.json" : digest.encoded());
            Check.that(Node.sha256(file).equals(digest), "skopeo got the right bytes of %s", digest);
        }
        return "%s by ctr content fetch and by skopeo".formatted(mib(model.bytes()));
    }

    private String registrySawNothing() throws IOException, InterruptedException {
        long segments = registry.segments() - segmentsWhenStopped;
        Check.that(segments == 0, "no TCP segment reached the registry's host, but %d did", segments);
        return "not one TCP segment reached its host";
    }

    private String failover() throws Exception {
        List<TestImage> images = new ArrayList<>();
        registry.start();
        for (int i = 1; i <= 4; i++) {
            TestImage image = image("fourth-" + i, 40 + 3 * i, 3, LAYER_BYTES);
            registry.push(image);
            images.add(image);
        }
        Node node = node(3);
        long fastestDirect = Long.MAX_VALUE;
        long slowestMirrored = 0;
        for (int i = 0; i < 4; i += 2) {
            long start = System.nanoTime();
            node.pullDirectly(images.get(i).name());
            fastestDirect = Math.min(fastestDirect, System.nanoTime() - start);

            long misses = node.misses();
            start = System.nanoTime();
            node.pull(Client.CTR, images.get(i + 1).name());
            slowestMirrored = Math.max(slowestMirrored, System.nanoTime() - start);
            node.requireWhole(images.get(i + 1));
            Check.that(node.misses() > misses, "the agent was asked first");
        }
        registry.stop();
        Duration delay = Duration.ofNanos(slowestMirrored - fastestDirect);
        Check.that(
                delay.compareTo(ALLOWED_DELAY) < 0,
                "it takes less than %s longer than past the agent, but it took %s",
                ALLOWED_DELAY,
                delay);
        return "%s, past the agent %s".formatted(seconds(slowestMirrored), seconds(fastestDirect));
    }

    private String inPieces() throws Exception {
        TestImage image = image("wide", 60, 1, WIDE_LAYER_BYTES);
        node(1).importImage(image);
        node(2).importImage(image);
        node(3).awaitFindsOn(image, List.of(node(1), node(2)));
        List<List<String>> warnings = warnings();
        long first = node(1).rangesSent();
        long second = node(2).rangesSent();
        node(3).pull(Client.CRI, image.name());
        node(3).requireWhole(image);
        first = node(1).rangesSent() - first;
        second = node(2).rangesSent() - second;
        Check.that(first > 0 && second > 0, "both sent pieces, but 1 sent %d and 2 sent %d", first, second);
        Check.that(warnings().equals(warnings), "no agent warns of what containerd does here: %s", warnings());
        Check.that(node(3).quarantined() == 0, "node 3 holds nothing against the others");
        return "%s: %d pieces from 1, %d from 2".formatted(mib(image.bytes()), first, second);
    }

    private List<List<String>> warnings() throws IOException {
        List<List<String>> warnings = new ArrayList<>();
        for (Node node : nodes) {
            warnings.add(node.warnings());
        }
        return warnings;
    }

    private String death() throws Exception {
        TestImage image = image("large", 80, 1, LARGE_LAYER_BYTES);
        node(1).importImage(image);
        node(2).importImage(image);
        node(3).awaitFindsOn(image, List.of(node(1), node(2)));
        long start = System.nanoTime();
        try (Daemon fetch = node(3).startFetch(image.name())) {
            fetch.await("part of the layer is there", LARGE_LIMIT, () -> node(3).incomingBytes() >= DEATH_AFTER_BYTES);
            Node serving = node(1).blobsInFlight() > 0 ? node(1) : node(2);
            Node other = serving == node(1) ? node(2) : node(1);
            Check.that(serving.blobsInFlight() == 1, "one node sends the layer");
            // A host that dies says nothing any more, not even that its connections are closed.
            network.plug(serving.machine(), false);
            long before = node(3).incomingBytes();
            serving.killAgent();
            Check.that(before < LARGE_LAYER_BYTES, "the layer wasn't complete when the node died");
            fetch.awaitSuccess(LARGE_LIMIT);
            long took = System.nanoTime() - start;
            node(3).requireWhole(image);
            Check.that(other.rangesSent() > 0, "node %d sent the rest", other.number());
            return "node %d died after %s, node %d sent the rest; %s in all"
                    .formatted(serving.number(), mib(before), other.number(), seconds(took));
        }
    }

    private String agents() throws IOException {
        List<String> seen = new ArrayList<>();
        for (Node node : nodes) {
            if (node.runs()) {
                Node.Resident resident = node.resident();
                seen.add("node %d %s, of which %s are pages of files"
                        .formatted(node.number(), mib(resident.all()), mib(resident.ofFiles())));
                Check.that(
                        resident.all() - resident.ofFiles() < MEMORY_LIMIT_BYTES,
                        "what must stay in memory fits %s: %s",
                        mib(MEMORY_LIMIT_BYTES),
                        seen);
            }
        }
        return String.join("; ", seen);
    }

    static String mib(long bytes) {
        return "%.0f MiB".formatted(bytes / (double) (1 << 20));
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / (double) TimeUnit.SECONDS.toNanos(1));
    }

    @Override
    public void close() throws IOException {
        parts.close();
    }
}
