package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A containerd of its own, without CRI, in a private directory that the caller removes afterwards. Needs root. */
final class ContainerdDaemon implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration RUN_LIMIT = Duration.ofSeconds(60);

    private static final String CONFIG = """
            version = 2
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

    private final Path binaries;
    private final Path directory;
    private @Nullable Process process;

    private ContainerdDaemon(Path binaries, Path directory) {
        this.binaries = binaries;
        this.directory = directory;
    }

    /** Prepares one that isn't started yet. */
    static ContainerdDaemon in(Path directory, ContainerdRelease release) throws IOException {
        Files.createDirectories(directory.resolve("tmp")); // it mounts what it unpacks below this
        Files.writeString(directory.resolve("config.toml"), CONFIG.formatted(directory));
        return new ContainerdDaemon(release.binaries(), directory);
    }

    Path socket() {
        return directory.resolve("sock");
    }

    Path contentDirectory() {
        return directory.resolve("root/io.containerd.content.v1.content");
    }

    ContainerdConfig config() {
        return ContainerdConfig.DEFAULTS.withSocket(socket()).withCallLimit(Duration.ofSeconds(10));
    }

    /** Starts it and waits until it answers. */
    ContainerdDaemon start() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        binaries.resolve("containerd").toString(),
                        "--config",
                        directory.resolve("config.toml").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().put("TMPDIR", directory.resolve("tmp").toString());
        Process started = builder.start();
        process = started;
        await("containerd answers").atMost(START_LIMIT).until(() -> {
            assertThat(started.isAlive())
                    .as("containerd runs; it says: %s", Files.readString(log()))
                    .isTrue();
            return run(List.of("version")).exitCode() == 0;
        });
        return this;
    }

    /** SIGTERM, and waits for the end. */
    void stop() throws InterruptedException {
        end(false);
    }

    /** SIGKILL, and waits for the end. */
    void kill() throws InterruptedException {
        end(true);
    }

    private void end(boolean forcibly) throws InterruptedException {
        Process running = process;
        process = null;
        if (running != null) {
            if (forcibly) {
                running.destroyForcibly();
            } else {
                running.destroy();
            }
            if (!running.waitFor(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                running.destroyForcibly().waitFor();
            }
        }
    }

    /** What it has used of CPU so far. */
    Duration cpuTime() {
        Process running = process;
        assertThat(running).isNotNull();
        return running.info().totalCpuDuration().orElseThrow();
    }

    /** Sends a signal, such as STOP or CONT. */
    void signal(String name) throws IOException, InterruptedException {
        Process running = process;
        assertThat(running).isNotNull();
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(running.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Runs {@code ctr} in a namespace; it must succeed. Returns what it printed. */
    String ctr(String namespace, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("-n", namespace));
        command.addAll(List.of(arguments));
        Outcome outcome = run(command);
        assertThat(outcome.exitCode())
                .as("ctr %s says: %s", command, outcome.output())
                .isZero();
        return outcome.output();
    }

    private Outcome run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(binaries.resolve("ctr").toString(), "-a", socket().toString()));
        command.addAll(arguments);
        Path output = Files.createTempFile(directory, "ctr", ".out");
        try {
            Process run = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!run.waitFor(RUN_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                run.destroyForcibly().waitFor();
                throw new AssertionError("ctr %s takes longer than %s".formatted(arguments, RUN_LIMIT));
            }
            return new Outcome(run.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }

    private Path log() {
        return directory.resolve("log");
    }

    /** Ends it, and takes away what it has mounted. */
    @Override
    public void close() throws IOException {
        try {
            stop();
            unmount();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while containerd was stopped", e);
        }
    }

    private void unmount() throws IOException, InterruptedException {
        for (String mount : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            String target = mount.split(" ", -1)[1];
            if (target.startsWith(directory + "/")) {
                new ProcessBuilder("umount", target).inheritIO().start().waitFor();
            }
        }
    }

    private record Outcome(int exitCode, String output) {}
}
