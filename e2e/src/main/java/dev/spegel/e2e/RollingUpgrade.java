package dev.spegel.e2e;

import dev.spegel.lab.ContainerdRelease;
import dev.spegel.lab.Machine;
import dev.spegel.lab.VirtualNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Three nodes whose agents are replaced one by one while each pulls all the time what the two others have. As in Kubernetes, where
 * another node's agent answers while the own one isn't ready, containerd asks another after its own.
 *
 * <p>The registry that all is from has gone, so a pull that no agent helps fails. Beside Go nodes it is there: while one of them is away the
 * others don't find for seconds what is announced, with no node of ours about.
 */
final class RollingUpgrade implements Play {
    private static final int NODES = 3;
    private static final int LAYER_BYTES = 2 << 20;

    /** A pull takes a second or two, and an agent on a busy machine may keep one waiting. */
    private static final Duration PULL_LIMIT = Duration.ofSeconds(60);

    /** What an operator had there before. */
    private static final String FORMER = "server = \"https://registry.example\"\n";

    private final ContainerdRelease release;
    private final Path directory;
    private final AgentProgram ours;
    private final Optional<AgentProgram> other;
    private final Parts parts = new Parts();
    private final List<Machine> machines = new ArrayList<>();
    private final Registry registry;
    private final List<Node> nodes = new ArrayList<>();
    private final List<TestImage> images = new ArrayList<>();
    private final List<ConstantPulls> pulls = new ArrayList<>();

    /** How much the registry had given when the last step was done. */
    private long fromRegistry;

    private RollingUpgrade(ContainerdRelease release, Path directory, AgentProgram ours, Optional<AgentProgram> other)
            throws Exception {
        this.release = release;
        this.directory = directory;
        this.ours = ours;
        this.other = other;
        VirtualNetwork network = parts.add(VirtualNetwork.create());
        for (int i = 0; i < NODES; i++) {
            machines.add(network.add());
        }
        // Without a port in its name: the Go implementation doesn't announce what comes from registries that have one.
        registry = parts.add(new Registry(network.add(), Registry.HTTP_PORT, directory.resolve("registry")));
    }

    /** @param other what the nodes have at first, and get back at the end; without one, ours is replaced by ours */
    static Stage of(AgentProgram ours, Optional<AgentProgram> other) {
        return (release, directory) -> new RollingUpgrade(release, directory, ours, other);
    }

    @Override
    public String title() {
        return "Agents of three hosts with %s are replaced one by one, %s"
                .formatted(release, other.isPresent() ? "Go ones by ours and back" : "ours by ours");
    }

    @Override
    public List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        AgentProgram first = other.orElse(ours);
        steps.add(new Step("three nodes start and pull from each other", () -> start(first)));
        for (int number = 1; number <= NODES; number++) {
            int which = number;
            steps.add(new Step(replacement(which, first, ours), () -> replace(which, ours)));
        }
        other.ifPresent(back -> {
            for (int number = NODES; number > 0; number--) {
                int which = number;
                steps.add(new Step(replacement(which, ours, back), () -> replace(which, back)));
            }
        });
        steps.add(new Step("the pulls end", this::finish));
        steps.add(new Step("cleanup gives containerd its configuration back", this::cleanUp));
        return steps;
    }

    private static String replacement(int number, AgentProgram from, AgentProgram to) {
        return "on node %d the agent is replaced, %s by %s".formatted(number, from.name(), to.name());
    }

    private String start(AgentProgram program) throws Exception {
        registry.start();
        for (int i = 1; i <= NODES; i++) {
            TestImage image = TestImage.make(
                    directory.resolve("images/app-" + i),
                    registry.name() + "/samples/app-" + i + ":1.0",
                    i,
                    3,
                    LAYER_BYTES);
            registry.push(image);
            images.add(image);
        }
        for (Machine machine : machines) {
            Path home = directory.resolve("node-" + machine.number());
            nodes.add(parts.add(Node.start(program, release, machine, home, machines, 0)));
        }
        for (Node node : nodes) {
            Files.writeString(
                    Files.createDirectories(node.registryConfigPath().resolve("registry.example"))
                            .resolve("hosts.toml"),
                    FORMER);
            for (TestImage image : images) {
                if (!image.equals(imageOf(node))) {
                    node.pullDirectly(image.name());
                }
            }
            configure(node);
        }
        if (other.isEmpty()) {
            registry.stop();
        }
        for (Node node : nodes) {
            node.startAgent();
        }
        for (Node node : nodes) {
            node.awaitReady();
        }
        for (Node node : nodes) {
            node.awaitFinds(imageOf(node));
        }
        for (Node node : nodes) {
            pulls.add(parts.add(ConstantPulls.start(node, imageOf(node))));
        }
        for (Node node : nodes) {
            awaitPull(node.number());
        }
        fromRegistry = registry.given();
        return "%s on all, %s of the first"
                .formatted(program.name(), Scenario.mib(nodes.get(0).resident().all()));
    }

    /** The one that the node lacks. */
    private TestImage imageOf(Node node) {
        return images.get(node.number() - 1);
    }

    private void configure(Node node) throws IOException, InterruptedException {
        Node next = nodes.get(node.number() % NODES);
        node.configureMirrors(List.of(node, next), "http://" + registry.name());
    }

    /** Waits until the node has pulled once from beginning to end. The others go on meanwhile. */
    private void awaitPull(int number) throws IOException, InterruptedException {
        pulls.get(number - 1).awaitWholePull(PULL_LIMIT.toNanos());
    }

    private String replace(int number, AgentProgram program) throws Exception {
        Node node = nodes.get(number - 1);
        long before = allPulls();
        String id = node.peerId();
        node.use(program);
        configure(node);
        node.stopAgent();
        awaitPull(number); // without it
        long without = allPulls() - before;
        long start = System.nanoTime();
        node.startAgent();
        node.awaitReady();
        long ready = System.nanoTime() - start;
        awaitPull(number); // with the new one
        Check.that(node.hits() > 0, "the new agent of node %d mirrors", number);
        Check.that(node.peerId().equals(id), "node %d is the same node to others", number);
        long given = registry.given() - fromRegistry;
        fromRegistry += given;
        return "%d pulls while it was away, ready after %s, %d pulls since; %d requests left to the registry"
                .formatted(without, seconds(ready), allPulls() - before - without, given);
    }

    private long allPulls() {
        return pulls.stream().mapToLong(ConstantPulls::pulls).sum();
    }

    private String finish() throws IOException, InterruptedException {
        for (ConstantPulls each : pulls) {
            each.finish();
        }
        long misses = 0;
        for (Node node : nodes) {
            misses += node.misses();
        }
        long slowest =
                Collections.max(pulls.stream().map(ConstantPulls::slowestNanos).toList());
        return "%d pulls, none failed, the slowest took %s; %d requests that an agent left to another"
                .formatted(allPulls(), seconds(slowest), misses);
    }

    /** Each program cleans up what it or the other one wrote. */
    private String cleanUp() throws Exception {
        nodes.get(0).use(ours);
        for (Node node : nodes) {
            node.cleanUp();
            try (var files = Files.list(node.registryConfigPath())) {
                List<String> names =
                        files.map(file -> file.getFileName().toString()).toList();
                Check.that(
                        names.equals(List.of("registry.example")),
                        "node %d has only what it had: %s",
                        node.number(),
                        names);
            }
            String former = Files.readString(node.registryConfigPath().resolve("registry.example/hosts.toml"));
            Check.that(former.equals(FORMER), "node %d has its file back: %s", node.number(), former);
        }
        return "on all nodes";
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / (double) TimeUnit.SECONDS.toNanos(1));
    }

    @Override
    public void close() throws IOException {
        parts.close();
    }
}
