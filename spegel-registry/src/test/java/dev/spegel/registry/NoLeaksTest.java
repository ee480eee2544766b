package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutStore;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.routing.Peer;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * After many pulls, of all sizes, from peers that do everything wrong, by clients of which many hang up, nothing is left over: transfer
 * buffers, Jetty's buffers, threads, connections, file descriptors.
 *
 * <p>For longer: {@code -Dspegel.leaks.pulls=10000}.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "descriptors are counted in /proc")
class NoLeaksTest {
    private static final int PULLS = Integer.getInteger("spegel.leaks.pulls", 400);
    private static final int QUICK_PULLS = 10_000;
    private static final int CLIENTS = 8;
    private static final int PEERS = 4;
    private static final int[] SIZES = {1, 10_000, 300_000, 4 * 1024 * 1024, 4 * 1024 * 1024 + 700_000};

    private static final MirrorConfig QUICK = new MirrorConfig(
            Duration.ofMillis(50),
            PEERS,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofMillis(500),
            new HedgeBounds(Duration.ofMillis(5), Duration.ofMillis(50)),
            new QuarantineTerms(Duration.ofMillis(50), Duration.ofMillis(200)));

    private static final List<Fault> FAULTS = List.of(
            new Fault.None(),
            new Fault.CloseAfterAccept(),
            new Fault.StallBeforeHeaders(),
            new Fault.LateHeaders(Duration.ofMillis(100)),
            new Fault.StallAt(5_000),
            new Fault.CutAt(0),
            new Fault.CutAt(200_000),
            new Fault.ResetAt(200_000),
            new Fault.CorruptAt(5_000),
            new Fault.Answer(404),
            new Fault.Answer(500),
            new Fault.Answer(429, Map.of("Retry-After", "1")),
            new Fault.WrongLength(1000),
            new Fault.WrongLength(-1000),
            new Fault.WrongContentRange(),
            new Fault.IgnoreRange(),
            new Fault.Trickle(100_000, Duration.ofMillis(1)));

    /** Those that cost nobody any time. */
    private static final List<Fault> QUICK_FAULTS = List.of(
            new Fault.None(),
            new Fault.CloseAfterAccept(),
            new Fault.CutAt(0),
            new Fault.CutAt(5_000),
            new Fault.CorruptAt(5_000),
            new Fault.Answer(404),
            new Fault.Answer(500),
            new Fault.WrongLength(-1000));

    @TempDir
    private Path directory = Path.of("");

    private final List<byte[]> bodies = new ArrayList<>();
    private final List<Blob> mirrored = new ArrayList<>();
    private final List<Blob> local = new ArrayList<>();
    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger hungUp = new AtomicInteger();

    private record Blob(Digest digest, long sizeBytes) {}

    @Test
    void nothingIsLeftOver() throws Exception {
        assertNothingIsLeftOver(PULLS, SIZES, FAULTS);
    }

    @Test
    void nothingIsLeftOverOfTenThousandSmallPulls() throws Exception {
        assertNothingIsLeftOver(QUICK_PULLS, new int[] {1, 10_000}, QUICK_FAULTS);
    }

    private void assertNothingIsLeftOver(int pulls, int[] sizes, List<Fault> faults) throws Exception {
        for (int size : sizes) {
            byte[] body = new byte[size];
            new Random(size).nextBytes(body);
            bodies.add(body);
            mirrored.add(new Blob(Digest.ofSha256(body), size));
        }
        writeLayout(sizes);
        run(CLIENTS * sizes.length, faults); // what is opened once and for all: classes, selectors, the first threads
        long filesBefore = openFiles();
        Map<String, Integer> threadsBefore = threads();

        run(pulls, faults);

        await().untilAsserted(() -> {
            assertThat(openFiles()).as("open files").isLessThanOrEqualTo(filesBefore);
            assertThat(threads())
                    .as("threads")
                    .allSatisfy((name, count) -> assertThat(count)
                            .as(name)
                            .isLessThanOrEqualTo(
                                    threadsBefore.getOrDefault(name, 0))); // those of earlier tests may end meanwhile
        });
        System.out.printf(
                "%d pulls: %s whole, %s broken off, %s refused, %s hung up; open files %d before, %d after; threads %s%n",
                pulls, whole, broken, refused, hungUp, filesBefore, openFiles(), threads());
    }

    /** From the start of a registry and its peers to their end. */
    private void run(int pulls, List<Fault> faults) throws Exception {
        List.of(whole, broken, refused, hungUp).forEach(count -> count.set(0));
        List<FaultyPeer> peers = new ArrayList<>();
        ExecutorService watcher = Executors.newSingleThreadExecutor();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try (ContentStore store = OciLayoutStore.open(directory, watcher)) {
            for (int i = 0; i < PEERS; i++) {
                FaultyPeer peer = FaultyPeer.start();
                bodies.forEach(peer::addBlob);
                peers.add(peer);
            }
            OrderedRouter router =
                    new OrderedRouter(peers.stream().map(FaultyPeer::peer).toArray(Peer[]::new));
            try (TestRegistry registry = new TestRegistry(RegistryConfig.DEFAULTS.withMirror(QUICK), store, router)) {
                List<Future<?>> results = new ArrayList<>();
                for (int i = 0; i < pulls; i++) {
                    Random random = new Random(i);
                    results.add(clients.submit(() -> {
                        peers.get(random.nextInt(PEERS - 1)).behave(faults.get(random.nextInt(faults.size())));
                        pull(random, registry.client());
                        return null;
                    }));
                }
                for (Future<?> result : results) {
                    result.get();
                }
                await().untilAsserted(() -> assertAtRest(registry, peers));
            }
        } finally {
            peers.forEach(FaultyPeer::close);
            clients.shutdownNow();
            watcher.shutdownNow();
            assertThat(clients.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            assertThat(watcher.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void assertAtRest(TestRegistry registry, List<FaultyPeer> peers) {
        assertThat(registry.meters
                        .get("spegel.transfer.buffers.available")
                        .gauge()
                        .value())
                .as("transfer buffers")
                .isEqualTo(TransferConfig.DEFAULTS.maxBuffers());
        assertThat(registry.meters.get("spegel.upload.streams").gauge().value()).isZero();
        assertThat(registry.meters.get("http.requests.inflight").gauges())
                .allSatisfy(gauge -> assertThat(gauge.value()).isZero());
        assertThat(registry.connections()).as("clients' connections").isZero();
        assertThat(peers)
                .allSatisfy(peer -> assertThat(peer.openConnections())
                        .as("connections to a peer")
                        .isLessThanOrEqualTo(IdleConnections.MAX_PER_PEER));
        assertThat(registry.pool.getLeaks()).as("Jetty's buffers").isEmpty();
    }

    private void pull(Random random, RawHttp client) throws IOException {
        List<Blob> blobs = random.nextInt(4) == 0 ? local : mirrored;
        Blob blob = blobs.get(random.nextInt(blobs.size()));
        String headers = random.nextInt(5) == 0 ? "Range: bytes=" + blob.sizeBytes() / 3 + "-\r\n" : "";
        headers += random.nextInt(8) == 0 ? "X-Spegel-Mirrored: true\r\n" : "";
        String request = "%s /v2/samples/app/blobs/%s?ns=registry.example HTTP/1.1\r\nHost: x\r\n%s\r\n"
                .formatted(random.nextInt(10) == 0 ? "HEAD" : "GET", blob.digest(), headers);
        if (random.nextInt(5) == 0) {
            hangUp(random, client, request);
            return;
        }
        RawHttp.Answer answer = client.exchange(request, request.startsWith("HEAD"));
        if (answer.status() >= 400) {
            refused.incrementAndGet();
        } else if (answer.ending() == RawHttp.Ending.WHOLE) {
            whole.incrementAndGet();
            assertThat(answer.status() == 206
                            || request.startsWith("HEAD")
                            || blob.digest().equals(Digest.ofSha256(answer.body())))
                    .as("the bytes are right")
                    .isTrue();
        } else {
            broken.incrementAndGet();
        }
    }

    private void hangUp(Random random, RawHttp client, String request) throws IOException {
        try (Socket socket = client.open()) {
            boolean halfRequest = random.nextInt(4) == 0;
            String sent = halfRequest ? request.substring(0, random.nextInt(request.length())) : request;
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            if (!halfRequest && random.nextBoolean()) {
                assertThat(socket.getInputStream().read(new byte[1 + random.nextInt(20_000)]))
                        .isPositive();
            }
            if (random.nextBoolean()) {
                socket.setSoLinger(true, 0);
            }
        }
        hungUp.incrementAndGet();
    }

    private void writeLayout(int[] sizes) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(directory)) {
            for (int size : sizes) {
                Descriptor manifest = GeneratedImage.of(size, 1, size).writeTo(writer);
                writer.name(Reference.parse("registry.example/samples/app:" + size), manifest);
                byte[] json = writer.read(manifest.digest()).orElseThrow().readAllBytes();
                for (Descriptor layer : ImageManifest.parse(json).layers()) {
                    local.add(new Blob(layer.digest(), layer.sizeBytes()));
                }
            }
            writer.commit();
        }
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    /** How many of each name, without numbers. The JVM's own and those of tests that ran before come and go. */
    private static Map<String, Integer> threads() {
        Map<String, Integer> counts = new TreeMap<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String name = thread.getName().replaceAll("[0-9]+", "#");
            if (Stream.of("test-registry", "ask-peer", "peer-client", "faulty-peer", "pool", "Scheduler")
                    .anyMatch(name::startsWith)) {
                counts.merge(name, 1, Integer::sum);
            }
        }
        return counts;
    }
}
