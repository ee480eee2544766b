package dev.spegel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.spegel.e2e.ChartContainer.Mount;
import dev.spegel.lab.Command;
import dev.spegel.lab.Containerd;
import dev.spegel.lab.ContainerdRelease;
import dev.spegel.lab.Daemon;
import dev.spegel.lab.Machine;
import dev.spegel.lab.VirtualNetwork;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The image does its work on two nodes, started as the Helm chart has it started, in the chart's 128 MiB. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ImageIT {
    private static final int REGISTRY_PORT = 30020;
    private static final int METRICS_PORT = 9090;
    private static final int CLEANUP_PORT = 8080;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long LAYER_BYTES = 48L << 20;

    /** Nobody answers to it: RFC 2606, section 2. */
    private static final String NO_REGISTRY = "airgap.example";

    @TempDir
    private Path directory;

    private final Deque<Closeable> parts = new ArrayDeque<>();
    private final List<Machine> machines = new ArrayList<>();
    private final List<Containerd> containerds = new ArrayList<>();
    private ContainerdRelease release;
    private UnpackedImage image;

    @BeforeEach
    void nodes() throws Exception {
        String tar = System.getProperty("spegel.image", "");
        assumeThat(tar).as("where the image is").isNotEmpty();
        Optional<String> lacking = Needs.lacking();
        lacking.ifPresent(need -> System.err.println("Tests are left out that need " + need));
        assumeThat(lacking).isEmpty();
        release = ContainerdRelease.installed().orElseThrow();
        image = UnpackedImage.of(Path.of(tar), directory.resolve("image"));
        VirtualNetwork network = keep(VirtualNetwork.create());
        for (int i = 0; i < 2; i++) {
            Machine machine = network.add();
            machines.add(machine);
            containerds.add(startContainerd(machine));
        }
    }

    private <T extends Closeable> T keep(T part) {
        parts.push(part);
        return part;
    }

    @AfterEach
    void end() throws IOException {
        IOException failure = new IOException("not everything could be closed");
        while (!parts.isEmpty()) {
            try {
                parts.pop().close(); // some are closed already, which is harmless
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    private Containerd startContainerd(Machine machine) throws Exception {
        Containerd containerd = Containerd.start(release, machine, node(machine), 0);
        parts.push(containerd::close);
        return containerd;
    }

    private Path node(Machine machine) {
        return directory.resolve("node" + machine.number());
    }

    /** As the chart's DaemonSets mount it. */
    private ChartContainer start(Machine machine, String container) throws IOException {
        Containerd containerd = containerds.get(machine.number() - 1);
        Path data = Files.createDirectories(directory.resolve("data" + machine.number()));
        List<Mount> mounts = switch (container) {
            case "registry" ->
                List.of(
                        new Mount(containerd.socketDirectory(), "/run/containerd", true),
                        new Mount(
                                containerd.contentDirectory(),
                                "/var/lib/containerd/io.containerd.content.v1.content",
                                true),
                        new Mount(data, "/var/lib/spegel", false));
            case "configuration", "cleanup" ->
                List.of(new Mount(containerd.registryConfigPath(), "/etc/containerd/certs.d", false));
            default -> List.of();
        };
        List<String> hosts = machines.stream()
                .flatMap(member -> Stream.of("spegel-bootstrap", "spegel-cleanup")
                        .map(service -> "%1$s %2$s.spegel.svc.cluster.local %2$s.spegel.svc.cluster.local."
                                .formatted(member.ip4(), service)))
                .toList();
        return keep(ChartContainer.start(
                image,
                machine,
                directory.resolve("container-" + machine.number() + "-" + container),
                container,
                mounts,
                hosts));
    }

    private void runOnAll(String container) throws Exception {
        for (Machine machine : machines) {
            start(machine, container).process().awaitSuccess(LIMIT);
        }
    }

    private static int status(Machine machine, int port, String method, String path) throws InterruptedException {
        try {
            return LocalHttp.request(machine, port, method, path).status();
        } catch (IOException e) {
            return 0; // it doesn't listen yet
        }
    }

    @Test
    void twoNodesShareImagesInTheMemoryOfTheChart() throws Exception {
        runOnAll("configuration");
        List<ChartContainer> agents = new ArrayList<>();
        for (Machine machine : machines) {
            assertThat(node(machine).resolve("certs.d/_default/hosts.toml"))
                    .content()
                    .contains("http://" + machine.ip4() + ":" + REGISTRY_PORT);
            agents.add(start(machine, "registry"));
        }
        for (Machine machine : machines) {
            agents.get(machine.number() - 1)
                    .process()
                    .await("it is ready", LIMIT, () -> status(machine, REGISTRY_PORT, "GET", "/readyz") == 200);
        }

        for (ChartContainer agent : agents) {
            assertThat(agent.maps("/classes-archive/"))
                    .as("the archive of classes in the image is used")
                    .isTrue();
            assertThat(agent.process().log()).doesNotContain("archive of classes");
        }
        share("first", 1, agents.get(1).process());

        // The agent stays, and finds the new socket.
        containerds.get(0).close();
        containerds.set(0, startContainerd(machines.get(0)));
        share("second", 2, agents.get(1).process());

        for (ChartContainer agent : agents) {
            System.out.printf(
                    "Memory of an agent in its control group: %d KiB at most, of them %d KiB now that stay%n",
                    agent.peakBytes() >> 10, agent.anonymousBytes() >> 10);
            assertThat(agent.process().runs()).isTrue();
            assertThat(agent.killedForMemory()).isZero();
            assertThat(agent.process().log()).doesNotContain("OutOfMemoryError", "Read-only file system");
        }
        assertThat(directory.resolve("data1")).isNotEmptyDirectory();

        for (ChartContainer agent : agents) {
            agent.close();
        }
        cleanUp();
    }

    /** An image that only the first node has reaches the second. */
    private void share(String name, int seed, Daemon secondAgent) throws Exception {
        TestImage app = TestImage.make(
                directory.resolve(name), NO_REGISTRY + "/samples/" + name + ":1.0", seed, 3, LAYER_BYTES);
        String importing = containerds.get(0).ctrCommand("images", "import", "--no-unpack", "-").stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        Command.run(
                "bash",
                "-c",
                "set -o pipefail; tar -C '" + app.layout() + "' -c oci-layout index.json blobs | " + importing);
        String manifest = "/v2/samples/%s/manifests/1.0?ns=%s".formatted(name, NO_REGISTRY);
        secondAgent.await(
                "it finds " + app.name(), LIMIT, () -> status(machines.get(1), REGISTRY_PORT, "HEAD", manifest) == 200);
        Containerd second = containerds.get(1);
        second.ctr(
                "images",
                "pull",
                "--hosts-dir",
                second.registryConfigPath().toString(),
                "--snapshotter",
                "native",
                "--platform",
                "linux/amd64",
                app.name().toString());
        List<String> content = second.ctr("content", "ls", "-q").lines().toList();
        assertThat(content)
                .containsAll(app.content().stream().map(Object::toString).toList());
        assertThat(LocalHttp.request(machines.get(1), METRICS_PORT, "GET", "/metrics")
                        .body())
                .containsPattern("spegel_mirror_requests_total\\{cache=\"hit\",registry=\"[^\"]+\"\\} [1-9]");
    }

    private void cleanUp() throws Exception {
        List<ChartContainer> cleanups = new ArrayList<>();
        for (Machine machine : machines) {
            cleanups.add(start(machine, "cleanup"));
        }
        start(machines.get(0), "cleanup-wait").process().awaitSuccess(LIMIT);
        for (Machine machine : machines) {
            assertThat(status(machine, CLEANUP_PORT, "GET", "/readyz")).isEqualTo(200);
            assertThat(node(machine).resolve("certs.d")).isEmptyDirectory();
        }
        for (ChartContainer cleanup : cleanups) {
            cleanup.close();
        }
    }

    /** The documented way to bring the image to a node without a registry. */
    @Test
    void containerdImportsIt() throws Exception {
        Containerd containerd = containerds.get(0);
        containerd.ctr("images", "import", "--snapshotter", "native", System.getProperty("spegel.image"));
        assertThat(containerd.ctr("images", "ls", "-q")).contains("localhost/spegel:");
    }
}
