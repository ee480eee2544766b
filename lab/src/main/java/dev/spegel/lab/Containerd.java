package dev.spegel.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A containerd of its own with CRI, in a private directory that the caller removes afterwards. Images are unpacked by the native
 * snapshotter: overlayfs can't be stacked on itself, and CI may well run on one.
 */
public final class Containerd implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final String NAMESPACE = "k8s.io";

    private static final String COMMON = """
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = ["io.containerd.nri.v1.nri"]

            [grpc]
              address = "%1$s/run/containerd.sock"

            [plugins."io.containerd.internal.v1.opt"]
              path = "%1$s/opt"

            [plugins."io.containerd.grpc.v1.cri"]
              stream_server_port = "0"
            """;

    private static final String VERSION_1 = "version = 2\n" + COMMON + """
              [plugins."io.containerd.grpc.v1.cri".registry]
                config_path = "%1$s/certs.d"

              [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"

              [plugins."io.containerd.grpc.v1.cri".cni]
                conf_dir = "%1$s/cni"
            """;

    private static final String VERSION_2 = "version = 3\n" + COMMON + """

            [plugins."io.containerd.cri.v1.images"]
              snapshotter = "native"

              [plugins."io.containerd.cri.v1.images".registry]
                config_path = "%1$s/certs.d"

            [plugins."io.containerd.cri.v1.runtime".cni]
              conf_dir = "%1$s/cni"

            [plugins."io.containerd.transfer.v1.local"]
              concurrent_layer_fetch_buffer = %2$d
              max_concurrent_downloads = 4

              [[plugins."io.containerd.transfer.v1.local".unpack_config]]
                platform = "linux/amd64"
                snapshotter = "native"
                differ = "walking"
            """;

    private final ContainerdRelease release;
    private final Machine machine;
    private final Path directory;
    private final Daemon daemon;

    private Containerd(ContainerdRelease release, Machine machine, Path directory, Daemon daemon) {
        this.release = release;
        this.machine = machine;
        this.directory = directory;
        this.daemon = daemon;
    }

    /**
     * Starts one and waits until it answers, CRI too.
     *
     * @param directory may not be there yet
     * @param layerFetchBytes from 2.1 on, layers are fetched in pieces of this size, several at a time; 0 for one after the other
     */
    public static Containerd start(ContainerdRelease release, Machine machine, Path directory, int layerFetchBytes)
            throws Exception {
        Files.createDirectories(directory.resolve("tmp")); // it mounts what it unpacks below this
        Files.createDirectories(directory.resolve("cni"));
        Files.createDirectories(directory.resolve("run"));
        Files.createDirectories(directory.resolve("certs.d"));
        Path config = Files.writeString(
                directory.resolve("config.toml"),
                (release.major() == 1 ? VERSION_1 : VERSION_2).formatted(directory, layerFetchBytes));
        Daemon daemon = Daemon.start(
                "containerd of machine " + machine.number(),
                directory.resolve("containerd.log"),
                Map.of("TMPDIR", directory.resolve("tmp").toString()),
                machine.command(
                        List.of(release.programs().resolve("containerd").toString(), "--config", config.toString())));
        Containerd containerd = new Containerd(release, machine, directory, daemon);
        try {
            daemon.await("it answers", START_LIMIT, containerd::answers);
        } catch (Exception e) {
            containerd.close();
            throw e;
        }
        return containerd;
    }

    private boolean answers() throws IOException, InterruptedException {
        // Plugins are listed once all of them are there.
        Command.Result plugins = Command.attempt(Path.of("."), ctrCommand("plugins", "ls"));
        return plugins.status() == 0
                && plugins.output().lines().anyMatch(line -> line.matches("io\\.containerd\\.grpc\\.v1 +cri +.* ok *"));
    }

    public Path socket() {
        return socketDirectory().resolve("containerd.sock");
    }

    /** The socket and its companions, as {@code /run/containerd}: it stays when containerd ends. */
    public Path socketDirectory() {
        return directory.resolve("run");
    }

    /** Where {@code hosts.toml} files belong. */
    public Path registryConfigPath() {
        return directory.resolve("certs.d");
    }

    public Path contentDirectory() {
        return directory.resolve("root/io.containerd.content.v1.content");
    }

    /** How to run {@code ctr} on the machine, in the namespace of Kubernetes. Flags go before references: 1.6 ignores those that come after. */
    public List<String> ctrCommand(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(release.programs().resolve("ctr").toString(), "-a", socket().toString(), "-n", NAMESPACE));
        command.addAll(List.of(arguments));
        return machine.command(command); // what it pulls it may fetch itself
    }

    /** Runs {@code ctr}, which must succeed, and returns what it printed. */
    public String ctr(String... arguments) throws IOException, InterruptedException {
        return Command.run(ctrCommand(arguments).toArray(String[]::new));
    }

    /** Ends it, and takes away what it has mounted. */
    @Override
    public void close() throws IOException {
        daemon.close();
        for (String mount : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            String target = mount.split(" ", -1)[1];
            if (target.startsWith(directory + "/")) {
                try {
                    Command.run("umount", target);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
