package dev.spegel.benchmarks;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Whether an agent that mirrors grows: clients pull through it what another has, small and large, whole and in part, and what nobody has. */
final class MixedPart {
    private static final String PART = "mixed";
    private static final double MIB = 1024.0 * 1024;
    private static final List<Long> SIZES = List.of(1024L, 10L << 10, 100L << 10, 1L << 20, 8L << 20, 64L << 20);
    private static final int CLIENTS = 4;
    private static final long SEED = 6;

    /** About as many requests a second as a node has that starts pods all the time; a saturated machine would only measure itself. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** Memory is compared between the first tenth after this and the last tenth. */
    private static final int TENTHS = 10;

    private MixedPart() {}

    static List<Figure> measure(Path agent, Path directory, Duration time) throws IOException, InterruptedException {
        Path layout = directory.resolve("layout");
        List<Descriptor> blobs = BlobLayout.write(layout, SIZES);
        try (AgentPair pair = AgentPair.start("mirror", agent, directory, layout)) {
            MeasuredProcess mirror = pair.mirror().orElseThrow();
            long endNanos = System.nanoTime() + time.toNanos();
            AtomicLong pulls = new AtomicLong();
            ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
            try {
                List<Future<Void>> clients = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    Random random = new Random(SEED + client);
                    clients.add(threads.submit(client(mirror.address(), blobs, random, endNanos, pulls)));
                }
                List<Double> rss = new ArrayList<>();
                while (System.nanoTime() - endNanos < 0) {
                    Thread.sleep(1000);
                    rss.add(mirror.rssBytes() / MIB);
                }
                for (Future<Void> client : clients) {
                    client.get();
                }
                int tenth = Math.max(1, rss.size() / TENTHS);
                double early = mean(rss.subList(Math.min(tenth, rss.size() - 1), Math.min(2 * tenth, rss.size())));
                double late = mean(rss.subList(rss.size() - tenth, rss.size()));
                return List.of(
                        Figure.of(PART, "requests", (double) pulls.get(), ""),
                        Figure.of(PART, "RSS, mean of the second tenth", early, "MiB"),
                        Figure.of(PART, "RSS, mean of the last tenth", late, "MiB"),
                        Figure.of(PART, "RSS, peak", mirror.peakRssBytes() / MIB, "MiB"));
            } catch (ExecutionException e) {
                throw new IOException("a client failed: " + e.getCause(), e);
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static Callable<Void> client(
            InetSocketAddress server, List<Descriptor> blobs, Random random, long endNanos, AtomicLong pulls) {
        return () -> {
            while (System.nanoTime() - endNanos < 0) {
                // Smaller ones more often, as layers and configs are.
                Descriptor blob = blobs.get(Math.min(random.nextInt(blobs.size()), random.nextInt(blobs.size())));
                String path = BlobLayout.agentPath(blob.digest());
                try (HttpConnection connection = HttpConnection.open(server)) {
                    if (random.nextInt(10) == 0) {
                        HttpConnection.answersOk(server, BlobLayout.agentPath(nobodys(random)));
                    }
                    connection.get(
                            random.nextInt(4) == 0
                                    ? Fetch.range(path, blob.sizeBytes())
                                    : Fetch.whole(path, blob.sizeBytes()));
                }
                pulls.incrementAndGet();
                Thread.sleep(PAUSE.toMillis());
            }
            return null;
        };
    }

    private static Digest nobodys(Random random) {
        StringBuilder hex = new StringBuilder();
        while (hex.length() < 64) {
            hex.append(Character.forDigit(random.nextInt(16), 16));
        }
        return Digest.parse("sha256:" + hex);
    }
}
