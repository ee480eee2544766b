package dev.spegel.agent.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Takes agents through what every agent does, so that the JVM can archive the classes of it: {@code bin/spegel} runs this program with
 * {@code -XX:ArchiveClassesAtExit}. One agent has an image, one mirrors it, on loopback.
 * The argument is an empty directory for what they need. Exits with 0, or 1 if it didn't come to its end.
 */
final class ArchiveTraining {
    /** It takes 3 s on two cores. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Reference IMAGE = Reference.parse("registry.example/training/app:1.0");

    private final Path directory;
    private final long endNanos = System.nanoTime() + LIMIT.toNanos();
    private final List<StopSignal> stops = new ArrayList<>();
    private final List<Thread> agents = new ArrayList<>();

    private ArchiveTraining(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) {
        int exitCode = ExitCode.OK;
        try {
            new ArchiveTraining(Path.of(arguments[0])).run();
        } catch (IOException e) {
            System.err.println("spegel: " + e.getMessage());
            exitCode = ExitCode.FAILURE;
        } catch (InterruptedException e) {
            exitCode = ExitCode.FAILURE;
        }
        System.exit(exitCode);
    }

    private void run() throws IOException, InterruptedException {
        Path full = directory.resolve("full");
        Descriptor image = write(full);
        Path empty = directory.resolve("empty");
        OciLayoutWriter.open(empty).close();

        int identity = freePort();
        int holder = start(
                List.of(
                        "--store=oci-layout",
                        "--oci-layout-path=" + full,
                        "--http-bootstrap-addr=127.0.0.1:" + identity),
                identity);
        int mirror = start(List.of("--store=oci-layout", "--oci-layout-path=" + empty), identity);

        await(holder, "/readyz");
        await(mirror, "/readyz");
        await(mirror, "/v2/training/app/manifests/1.0?ns=registry.example");
        await(mirror, "/v2/training/app/manifests/" + image.digest() + "?ns=registry.example");

        stops.forEach(StopSignal::stop);
        for (Thread agent : agents) {
            agent.join(
                    Math.max(1, Duration.ofNanos(endNanos - System.nanoTime()).toMillis()));
        }
    }

    private static Descriptor write(Path layout) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor image = GeneratedImage.of(1, 1, 64 * 1024).writeTo(writer);
            writer.name(IMAGE, image);
            writer.commit();
            return image;
        }
    }

    /** Starts an agent by its command line, waits until it is there, and asks for what everybody asks. Returns its registry's port. */
    private int start(List<String> flags, int identity) throws IOException, InterruptedException {
        int registry = freePort();
        int metrics = freePort();
        List<String> line = new ArrayList<>(List.of(
                "registry",
                "--registry-addr=127.0.0.1:" + registry,
                "--metrics-addr=127.0.0.1:" + metrics,
                "--router-addr=127.0.0.1:" + freePort(),
                "--bootstrap-kind=http",
                "--http-bootstrap-url=http://127.0.0.1:" + identity + "/id"));
        line.addAll(flags);
        StopSignal stop = new StopSignal();
        stops.add(stop);
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
        Surroundings surroundings =
                new Surroundings(Map.of(), nowhere, nowhere, false, directory.resolve("no-secret"), stop);
        Thread agent = new Thread(
                () -> new CommandShell(Main.COMMANDS, surroundings).run(line.toArray(String[]::new)),
                "agent-" + stops.size());
        agent.setDaemon(true);
        agent.start();
        agents.add(agent);
        await(registry, "/livez");
        await(metrics, "/metrics");
        await(metrics, "/debug/api/status");
        return registry;
    }

    /** Asks until the answer is 200. */
    private void await(int port, String path) throws IOException, InterruptedException {
        while (!isOk(port, path)) {
            if (System.nanoTime() - endNanos > 0) {
                throw new IOException(
                        "within %s http://127.0.0.1:%d%s wasn't answered 200".formatted(LIMIT, port, path));
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }

    /** Without an HTTP client, which no agent uses, and whose classes would be in the archive. */
    private static boolean isOk(int port, String path) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: training\r\nConnection: close\r\n\r\n"
                            .formatted(path)
                            .getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), UTF_8).startsWith("HTTP/1.1 200 ");
        } catch (IOException e) {
            return false; // it doesn't listen yet
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
