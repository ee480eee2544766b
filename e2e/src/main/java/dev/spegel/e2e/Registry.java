package dev.spegel.e2e;

import dev.spegel.lab.Command;
import dev.spegel.lab.Daemon;
import dev.spegel.lab.Machine;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A registry on a machine of its own, which can be stopped and started again: Debian's docker-registry. */
final class Registry implements Closeable {
    /** Of HTTP; it isn't a part of the names of images. */
    static final int HTTP_PORT = 80;

    private static final Duration START_LIMIT = Duration.ofSeconds(15);

    private static final String CONFIG = """
            version: 0.1
            log:
              level: info
            storage:
              filesystem:
                rootdirectory: %s/storage
            http:
              addr: :%d
            """;

    private final Machine machine;
    private final int port;
    private final Path directory;
    private @Nullable Daemon daemon;

    Registry(Machine machine, int port, Path directory) throws IOException {
        this.machine = machine;
        this.port = port;
        this.directory = Files.createDirectories(directory);
        Files.writeString(directory.resolve("config.yml"), CONFIG.formatted(directory, port));
    }

    /** Host and port, as in the names of its images. */
    String name() {
        return port == HTTP_PORT ? machine.ip4() : machine.ip4() + ":" + port;
    }

    void start() throws Exception {
        Daemon started = Daemon.start(
                "docker-registry",
                directory.resolve("registry.log"),
                Map.of(),
                machine.command(List.of(
                        "docker-registry",
                        "serve",
                        directory.resolve("config.yml").toString())));
        daemon = started;
        started.await("it answers", START_LIMIT, this::answers);
    }

    private boolean answers() throws InterruptedException {
        try {
            return LocalHttp.request(machine, port, "GET", "/v2/").status() == 200;
        } catch (IOException e) {
            return false; // it doesn't listen yet
        }
    }

    /** Waits for the end of the process; its machine still runs. */
    void stop() throws InterruptedException {
        Daemon running = daemon;
        daemon = null;
        if (running != null) {
            running.stop();
        }
    }

    /** How many TCP segments have reached its machine: whatever tries to talk to it, running or not, shows here. */
    long segments() throws IOException, InterruptedException {
        return machine.receivedSegments();
    }

    /** How many requests of containerds it has answered with content so far. */
    long given() throws IOException {
        return Files.readString(directory.resolve("registry.log"))
                .lines()
                .filter(line -> line.contains("HTTP/1.1\" 200 ") && line.contains("\"containerd/"))
                .count();
    }

    void push(TestImage image) throws IOException, InterruptedException {
        Command.run(machine.command(List.of(
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "--quiet",
                        "--preserve-digests",
                        "--dest-tls-verify=false",
                        "oci:" + image.layout(),
                        "docker://" + image.name()))
                .toArray(String[]::new));
    }

    @Override
    public void close() {
        Daemon running = daemon;
        daemon = null;
        if (running != null) {
            running.close();
        }
    }
}
