package dev.spegel.benchmarks;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How long an agent takes from its launcher's start until it lives, and until it is ready, beside a peer that lives. */
final class StartPart {
    private static final String PART = "start";

    /** A hundredth of what is measured. */
    private static final Duration PAUSE = Duration.ofMillis(5);

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final LoopbackNetwork network;
    private final Path directory;

    /** @param directory for what the agents say */
    StartPart(LoopbackNetwork network, Path directory) {
        this.network = network;
        this.directory = directory;
    }

    /** Starts an agent so many times, after once that doesn't count: then its archive of classes is made, where there is none. */
    List<Figure> measure(Path agent, int starts) throws IOException, InterruptedException {
        Path layout = directory.resolve("layout");
        BlobLayout.writeEmpty(layout);
        Samples lives = new Samples();
        Samples ready = new Samples();
        for (int start = 0; start <= starts; start++) {
            int port = MeasuredProcess.freePort();
            List<String> command = command(agent, layout, port);
            Path log = directory.resolve("start-" + start + ".log");
            long startNanos = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            try {
                long livesNanos = await(process, log, port, "/livez") - startNanos;
                long readyNanos = await(process, log, port, "/readyz") - startNanos;
                if (start > 0) {
                    lives.addNanos(livesNanos);
                    ready.addNanos(readyNanos);
                }
            } finally {
                process.destroy();
                process.waitFor();
            }
        }
        return List.of(
                Figure.of(PART, "to /livez, median", lives.millisAt(0.5), "ms").atMost(1000),
                Figure.of(PART, "to /livez, slowest", lives.millisAt(1), "ms"),
                Figure.of(PART, "to ready, median", ready.millisAt(0.5), "ms").atMost(2500),
                Figure.of(PART, "to ready, slowest", ready.millisAt(1), "ms"));
    }

    private List<String> command(Path agent, Path layout, int port) throws IOException {
        BootstrapPeer first = network.router(0).asBootstrapPeer().orElseThrow();
        PeerId id = first.id().orElseThrow();
        return new ArrayList<>(List.of(
                agent.toString(),
                "registry",
                "--store=oci-layout",
                "--oci-layout-path=" + layout,
                "--router=dht",
                "--router-addr=127.0.0.1:" + MeasuredProcess.freePort(),
                "--bootstrap-kind=static",
                "--static-bootstrap-peers=" + first.addresses().get(0).withPeer(id.multihash()),
                "--registry-addr=127.0.0.1:" + port,
                "--metrics-addr=127.0.0.1:" + MeasuredProcess.freePort()));
    }

    /** Asks until the answer is 200, and tells when it was. */
    private static long await(Process process, Path log, int port, String path)
            throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        long endNanos = System.nanoTime() + LIMIT.toNanos();
        while (!HttpConnection.answersOk(address, path)) {
            if (!process.isAlive() || System.nanoTime() - endNanos > 0) {
                throw new IOException(
                        "%s isn't answered 200; the agent says: %s".formatted(path, Files.readString(log)));
            }
            Thread.sleep(PAUSE.toMillis());
        }
        return System.nanoTime();
    }
}
