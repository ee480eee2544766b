package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A containerd of its own in private directories, without CRI. Needs root. */
final class Containerd {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private static final String CONFIG = """
            version = %2$d
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = [
              "io.containerd.grpc.v1.cri",
              "io.containerd.cri.v1.images",
              "io.containerd.cri.v1.runtime",
              "io.containerd.nri.v1.nri",
            ]

            [grpc]
              address = "%1$s/sock"

            [plugins."io.containerd.internal.v1.opt"]
              path = "%1$s/opt"
            """;

    /** How 2.1 and later pull; where nothing is said it unpacks for a snapshotter that may not work in a container. */
    private static final String TRANSFER_CONFIG = """

            [plugins."io.containerd.transfer.v1.local"]
            %s
              [[plugins."io.containerd.transfer.v1.local".unpack_config]]
                platform = "linux/amd64"
                snapshotter = "native"
                differ = "walking"
            """;

    private final Processes processes;
    private final Path directory;
    private final Release release;
    private final Processes.Child daemon;

    private Containerd(Processes processes, Path directory, Release release, Processes.Child daemon) {
        this.processes = processes;
        this.release = release;
        this.directory = directory;
        this.daemon = daemon;
    }

    /** Starts that of the machine and waits until it answers. */
    static Containerd start(Processes processes, Path directory) throws IOException {
        return start(processes, directory, Release.INSTALLED, "");
    }

    /**
     * Starts one and waits until it answers.
     *
     * @param transfer further settings of its transfer service, which only later ones have
     */
    static Containerd start(Processes processes, Path directory, Release release, String transfer) throws IOException {
        Files.createDirectories(directory.resolve("tmp")); // it mounts what it unpacks below this
        boolean later = release == Release.UNSTABLE;
        Path config = Files.writeString(
                directory.resolve("config.toml"),
                CONFIG.formatted(directory, later ? 3 : 2) + (later ? TRANSFER_CONFIG.formatted(transfer) : ""));
        Processes.Child daemon = processes.start(
                "containerd",
                Map.of("TMPDIR", directory.resolve("tmp").toString()),
                List.of(release.program("containerd"), "--config", config.toString()));
        Containerd containerd = new Containerd(processes, directory, release, daemon);
        await("containerd answers").atMost(START_LIMIT).until(() -> {
            assertThat(daemon.runs())
                    .as("containerd runs; it says: %s", daemon.log())
                    .isTrue();
            Processes.Child version = processes.start(
                    "ctr version", Map.of(), List.of(release.program("ctr"), "-a", containerd.socket(), "version"));
            return version.exitCode(START_LIMIT) == 0;
        });
        return containerd;
    }

    private String socket() {
        return directory.resolve("sock").toString();
    }

    /** Runs {@code ctr}, which must succeed, and returns what it printed. */
    String ctr(String... arguments) throws IOException, InterruptedException {
        return processes.run(command(arguments).toArray(String[]::new));
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(release.program("ctr"), "-a", socket(), "-n", "k8s.io"));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Begins to pull an image.
     *
     * @param mirror host and port of the first place to ask
     * @param server host and port of the second, which stands for the real registry
     */
    Processes.Child startPull(String image, String mirror, String server) throws IOException {
        Path hosts = directory.resolve("certs.d");
        Path registry = Files.createDirectories(hosts.resolve(image.substring(0, image.indexOf('/'))));
        Files.writeString(registry.resolve("hosts.toml"), """
                server = "http://%s"

                [host."http://%s"]
                  capabilities = ["pull", "resolve"]
                """.formatted(server, mirror));
        return startPull(image, hosts);
    }

    /**
     * Begins to pull an image.
     *
     * @param hosts where the hosts of each registry are configured
     */
    Processes.Child startPull(String image, Path hosts) throws IOException {
        // Flags that follow the reference are ignored.
        return processes.start(
                "ctr images pull",
                Map.of(),
                command(
                        "images",
                        "pull",
                        "--hosts-dir",
                        hosts.toString(),
                        "--snapshotter",
                        "native",
                        "--platform",
                        "linux/amd64",
                        image));
    }

    /** The digests of its content. Each was hashed when it came. */
    List<Digest> content() throws IOException, InterruptedException {
        return ctr("content", "ls", "-q").lines().map(Digest::parse).collect(Collectors.toList());
    }

    /** Ends it, and takes away what it has mounted. */
    void stop() throws IOException, InterruptedException {
        daemon.terminate();
        daemon.exitCode(START_LIMIT);
        for (String mount : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            String target = mount.split(" ", -1)[1];
            if (target.startsWith(directory + "/")) {
                processes.run("umount", target);
            }
        }
    }
}
