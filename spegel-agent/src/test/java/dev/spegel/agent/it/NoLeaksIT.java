package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two agents in a DHT, of which one has mirrored 10,000 blobs of the other: no descriptor, thread, transfer buffer or request is left over,
 * and Netty's leak detector, which follows every buffer, has found nothing. Every tenth client hangs up in the middle. What peers do wrong,
 * and Jetty's leak detector, are those of {@code NoLeaksTest} in spegel-registry.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "descriptors and threads are counted in /proc")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class NoLeaksIT {
    private static final int PULLS = 10_000;
    private static final int CLIENTS = 8;
    private static final int BLOBS = 20;
    private static final int BLOB_BYTES = 8 * 1024;
    private static final int SO_TIMEOUT_MILLIS = 60_000;

    /** Each client's pull may have one connection more to the holder in one moment than in another, and one thread that asks it. */
    private static final int FLUCTUATION = 2 * CLIENTS;

    private static final String[] FOLLOW_EVERY_BUFFER = {"-Dio.netty.leakDetection.level=paranoid"};

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    @Test
    void nothingIsLeftOver() throws Exception {
        Path layout = directory.resolve("layout");
        List<Descriptor> blobs = write(layout);
        AgentProcess mirror = AgentProcess.startInDht(
                processes,
                "mirror",
                Files.createDirectory(directory.resolve("empty")),
                Optional.empty(),
                List.of(),
                FOLLOW_EVERY_BUFFER);
        AgentProcess holder = AgentProcess.startInDht(
                        processes, "holder", layout, Optional.of(mirror), List.of(), FOLLOW_EVERY_BUFFER)
                .awaitServing(NAME);
        mirror.awaitReady().awaitFinding(NAME);
        List<AgentProcess> agents = List.of(mirror, holder);

        pull(mirror, blobs, PULLS / 10); // what is opened once and for all, and as many threads as it takes
        List<Long> files = count(agents, "fd");
        List<Long> threads = count(agents, "task");
        pull(mirror, blobs, PULLS);
        for (int i = 0; i < agents.size(); i++) {
            AgentProcess agent = agents.get(i);
            long filesBefore = files.get(i);
            long threadsBefore = threads.get(i);
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                assertThat(count(agent, "fd")).as("descriptors").isLessThanOrEqualTo(filesBefore + FLUCTUATION);
                assertThat(count(agent, "task")).as("threads").isLessThanOrEqualTo(threadsBefore + FLUCTUATION);
                assertThat(agent.blobsInFlight()).as("requests").isZero();
                assertThat(agent.metric("spegel_transfer_buffers_available"))
                        .as("free transfer buffers")
                        .isEqualTo(68);
            });
            System.out.printf(
                    "%d pulls: %d descriptors before, %d after; %d threads before, %d after%n",
                    PULLS, filesBefore, count(agent, "fd"), threadsBefore, count(agent, "task"));
        }
        for (AgentProcess agent : agents) {
            processes.run(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(agent.process().pid()),
                    "GC.run");
        }
        pull(mirror, blobs, PULLS / 100); // the detector looks when something is allocated
        for (AgentProcess agent : agents) {
            assertThat(agent.process().log()).doesNotContain("LEAK:");
        }
        assertThat(mirror.hits()).isGreaterThanOrEqualTo(PULLS);
    }

    private static List<Descriptor> write(Path layout) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor target =
                    GeneratedImage.of(11, BLOBS, (long) BLOBS * BLOB_BYTES).writeTo(writer);
            writer.name(NAME, target);
            writer.commit();
            try (InputStream json = writer.read(target.digest()).orElseThrow()) {
                return ImageManifest.parse(json.readAllBytes()).layers();
            }
        }
    }

    /** All of them, by several clients, each of which keeps its connection until it hangs up. */
    private static void pull(AgentProcess agent, List<Descriptor> blobs, int pulls) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(i);
                all.add(() -> {
                    pull(agent, blobs, pulls / CLIENTS, random);
                    return null;
                });
            }
            for (Future<Void> one : clients.invokeAll(all)) {
                one.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private static void pull(AgentProcess agent, List<Descriptor> blobs, int pulls, Random random) throws IOException {
        Socket socket = connect(agent);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        try {
            for (int i = 0; i < pulls; i++) {
                Descriptor blob = blobs.get(random.nextInt(blobs.size()));
                socket.getOutputStream()
                        .write("GET /v2/%s/blobs/%s?ns=%s HTTP/1.1\r\nHost: x\r\n\r\n"
                                .formatted(NAME.repository(), blob.digest(), NAME.registry())
                                .getBytes(StandardCharsets.US_ASCII));
                if (random.nextInt(10) == 0) {
                    assertThat(in.readNBytes(12)).asString().isEqualTo("HTTP/1.1 200");
                    socket.close();
                    socket = connect(agent);
                    in = new BufferedInputStream(socket.getInputStream());
                } else {
                    assertThat(Digest.ofSha256(readBody(in, (int) blob.sizeBytes())))
                            .isEqualTo(blob.digest());
                }
            }
        } finally {
            socket.close();
        }
    }

    private static Socket connect(AgentProcess agent) throws IOException {
        String registry = agent.registry();
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), Integer.parseInt(registry.substring(registry.indexOf(':') + 1)));
        socket.setSoTimeout(SO_TIMEOUT_MILLIS);
        return socket;
    }

    private static byte[] readBody(InputStream in, int bytes) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("the headers end: %s", head).isNotNegative();
            head.append((char) next);
        }
        assertThat(head.toString()).startsWith("HTTP/1.1 200 ");
        return in.readNBytes(bytes);
    }

    private static List<Long> count(List<AgentProcess> agents, String what) throws IOException {
        List<Long> counts = new ArrayList<>();
        for (AgentProcess agent : agents) {
            counts.add(count(agent, what));
        }
        return counts;
    }

    /** How many entries the process has in this directory of {@code /proc}: proc(5). */
    private static long count(AgentProcess agent, String what) throws IOException {
        try (Stream<Path> entries =
                Files.list(Path.of("/proc/" + agent.process().pid() + "/" + what))) {
            return entries.count();
        }
    }
}
