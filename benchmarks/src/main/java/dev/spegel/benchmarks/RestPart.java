package dev.spegel.benchmarks;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An agent in a process of its own that has nothing to do but to be part of the network: it keeps its keys announced, keeps records
 * for the others, and answers nobody's look-ups.
 */
final class RestPart {
    /** The figure of the most memory. */
    static final String MOST_RSS = "RSS, most";

    private static final String PART = "rest";
    private static final double MIB = 1024.0 * 1024;
    private static final Duration ACQUAINTANCE_LIMIT = Duration.ofMinutes(2);

    /** For start-up, just-in-time compiler and the first announcements, which aren't rest. */
    private static final Duration SETTLING = Duration.ofSeconds(60);

    private static final Duration SAMPLE = Duration.ofSeconds(10);

    /** An image's keys besides its layers: tag, manifest and config. */
    private static final int OTHER_KEYS = 3;

    private final LoopbackNetwork network;
    private final Path directory;
    private final int metricsPort;

    /** @param directory an empty one, for what the agent serves and says */
    RestPart(LoopbackNetwork network, Path directory) throws IOException {
        this.network = network;
        this.directory = directory;
        metricsPort = MeasuredProcess.freePort();
    }

    /** @param keys how many the agent is to announce, at least 4: those of one image */
    List<Figure> measure(Path agent, int keys, Duration time) throws IOException, InterruptedException {
        BlobLayout.write(directory.resolve("layout"), Collections.nCopies(keys - OTHER_KEYS, 1024L));
        int port = MeasuredProcess.freePort();
        try (MeasuredProcess process =
                MeasuredProcess.start("agent", port, directory.resolve("agent.log"), command(agent, port))) {
            double known = awaitAtHome(keys);
            Thread.sleep(SETTLING.toMillis());
            List<Double> shares = new ArrayList<>();
            List<Double> rss = new ArrayList<>();
            double startCpu = process.cpuSeconds();
            long start = System.nanoTime();
            double cpu = startCpu;
            long now = start;
            while (now - start < time.toNanos()) {
                Thread.sleep(SAMPLE.toMillis());
                double nextCpu = process.cpuSeconds();
                long next = System.nanoTime();
                shares.add(100 * (nextCpu - cpu) / ((next - now) / 1e9));
                rss.add(process.rssBytes() / MIB);
                cpu = nextCpu;
                now = next;
            }
            return List.of(
                    Figure.of(PART, "keys announced", keys, ""),
                    Figure.of(PART, "peers in the routing table", known, ""),
                    Figure.of(PART, "processor time", 100 * (cpu - startCpu) / ((now - start) / 1e9), "% of core")
                            .atMost(1),
                    Figure.of(PART, "processor time, quietest 10 s", Collections.min(shares), "% of core"),
                    Figure.of(PART, "processor time, busiest 10 s", Collections.max(shares), "% of core"),
                    Figure.of(PART, "RSS, least", Collections.min(rss), "MiB"),
                    Figure.of(PART, MOST_RSS, Collections.max(rss), "MiB"),
                    Figure.of(PART, "of it, at the end: nobody else's", process.privateBytes() / MIB, "MiB"),
                    Figure.of(PART, "of it, at the end: no file's", process.anonymousBytes() / MIB, "MiB"));
        }
    }

    private List<String> command(Path agent, int port) throws IOException {
        BootstrapPeer first = network.router(0).asBootstrapPeer().orElseThrow();
        PeerId id = first.id().orElseThrow();
        return List.of(
                agent.toString(),
                "registry",
                "--store=oci-layout",
                "--oci-layout-path=" + directory.resolve("layout"),
                "--data-dir=" + directory.resolve("data"),
                "--router=dht",
                "--router-addr=127.0.0.1:" + MeasuredProcess.freePort(),
                "--bootstrap-kind=static",
                "--static-bootstrap-peers=" + first.addresses().get(0).withPeer(id.multihash()),
                "--registry-addr=127.0.0.1:" + port,
                "--metrics-addr=127.0.0.1:" + metricsPort);
    }

    /** Waits until the agent announces its keys and knows most of the network, and tells how many peers it knows. */
    private double awaitAtHome(int keys) throws IOException, InterruptedException {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
                .timeout(Duration.ofSeconds(10))
                .build();
        long endNanos = System.nanoTime() + ACQUAINTANCE_LIMIT.toNanos();
        while (true) {
            String metrics =
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            double peers = gauge(metrics, "spegel_dht_routing_table_peers");
            double provided = gauge(metrics, "spegel_dht_provided_keys");
            if (provided == keys
                    && peers >= LoopbackNetwork.enoughPeers(network.ids().size() + 1)) {
                return peers;
            }
            if (System.nanoTime() - endNanos > 0) {
                throw new IOException("within %s the agent got to know %.0f peers and announced %.0f of %d keys"
                        .formatted(ACQUAINTANCE_LIMIT, peers, provided, keys));
            }
            Thread.sleep(500);
        }
    }

    private static double gauge(String metrics, String name) throws IOException {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IOException("the agent has no metric " + name));
    }
}
