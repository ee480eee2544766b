package dev.spegel.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that want to keep others from being served, by holding connections, threads or buffers. {@code -Dspegel.hostile.connections=10000}
 * makes them many, and prints how long a blob of 10 KiB takes beside them.
 */
@Timeout(300)
class HostileClientsTest {
    private static final Reference IMAGE = Reference.parse("registry.example/samples/app:1.0");

    /** More than an agent lets be open at a time. */
    private static final int CONNECTIONS = Integer.getInteger("spegel.hostile.connections", 2500);

    /** More than there are buffers, and than may wait for one. */
    private static final int SLOW_READERS = 100;

    private static final int SAMPLES = CONNECTIONS / 5;

    /** More than the sockets on both sides and the server's buffers hold. */
    private static final long LARGE_BYTES = 64L << 20;

    @TempDir
    private Path directory;

    private final List<Socket> hostile = new ArrayList<>();
    private Agent agent;
    private Descriptor small;
    private Descriptor large;

    @BeforeEach
    void start() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(directory)) {
            small = layer(writer, "small", 10 * 1024);
            large = layer(writer, "large", LARGE_BYTES);
            writer.commit();
        }
        Listeners listeners = TestAgents.listen();
        agent = TestAgents.start(directory, listeners, Duration.ofMillis(100), TestAgents.addressOf(listeners));
    }

    private static Descriptor layer(OciLayoutWriter writer, String tag, long bytes) throws IOException {
        Descriptor manifest = GeneratedImage.of(bytes, 1, bytes).writeTo(writer);
        writer.name(Reference.parse("registry.example/samples/app:" + tag), manifest);
        byte[] json = writer.read(manifest.digest()).orElseThrow().readAllBytes();
        return ImageManifest.parse(json).layers().get(0);
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : hostile) {
            socket.close();
        }
        agent.close();
    }

    private Socket connect() throws IOException {
        InetSocketAddress address = agent.registryAddress();
        Socket socket = new Socket();
        socket.setReceiveBufferSize(32 * 1024);
        socket.setSoTimeout(20_000);
        socket.connect(address);
        return socket;
    }

    private static byte[] request(Descriptor blob) {
        return "GET /v2/%s/blobs/%s?ns=registry.example HTTP/1.1\r\nHost: x\r\n\r\n"
                .formatted(IMAGE.repository(), blob.digest())
                .getBytes(US_ASCII);
    }

    /** Each on a connection of its own, as a client that comes now. */
    private void assertOthersAreServed() throws IOException {
        long[] nanos = new long[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            long startNanos = System.nanoTime();
            try (Socket socket = connect()) {
                socket.getOutputStream().write(request(small));
                assertThat(readAnswer(socket, small.sizeBytes())).startsWith("HTTP/1.1 200 ");
            }
            nanos[i] = System.nanoTime() - startNanos;
        }
        Arrays.sort(nanos);
        System.out.printf(
                "10 KiB with its connection beside %d others: p50 %d us, p99 %d us%n",
                hostile.size(),
                TimeUnit.NANOSECONDS.toMicros(nanos[SAMPLES / 2]),
                TimeUnit.NANOSECONDS.toMicros(nanos[SAMPLES * 99 / 100]));
    }

    /** Returns the head. */
    private static String readAnswer(Socket socket, long bodyBytes) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("the headers end").isNotNegative();
            head.append((char) next);
        }
        in.skipNBytes(bodyBytes);
        return head.toString();
    }

    @Test
    void connectionsThatNobodyUsesMakeRoomForOthers() throws IOException {
        assertOthersAreServed();
        for (int i = 0; i < CONNECTIONS; i++) {
            hostile.add(connect());
        }
        assertOthersAreServed();
    }

    @Test
    void requestsThatAreNeverFinishedMakeRoomForOthers() throws IOException {
        for (int i = 0; i < CONNECTIONS; i++) {
            Socket socket = connect();
            socket.getOutputStream().write("GET /v2/ HTTP/1.1\r\nHost:".getBytes(US_ASCII));
            hostile.add(socket);
        }
        assertOthersAreServed();
    }

    @Test
    void slowReadersAndUnusedConnectionsKeepNobodyFromSmallContent() throws IOException {
        for (int i = 0; i < SLOW_READERS; i++) {
            Socket socket = connect();
            socket.getOutputStream().write(request(large));
            hostile.add(socket);
        }
        // Those that got a buffer have their headers; then all buffers for large bodies are in use.
        await().until(() -> TestAgents.get(agent.metricsAddress(), "/metrics")
                .body()
                .contains("\nspegel_transfer_buffers_available 4.0\n"));
        for (int i = 0; i < CONNECTIONS; i++) {
            hostile.add(connect());
        }
        assertOthersAreServed();
    }

    @Test
    void connectionInUseIsNotClosedForOthers() throws IOException {
        try (Socket reader = connect()) {
            reader.getOutputStream().write(request(large));
            assertThat(readAnswer(reader, 1)).startsWith("HTTP/1.1 200 ");
            for (int i = 0; i < CONNECTIONS; i++) {
                hostile.add(connect());
            }
            reader.getInputStream().skipNBytes(large.sizeBytes() - 1);
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        try (Socket socket = connect()) {
            byte[] one = request(small);
            byte[] ten = new byte[10 * one.length];
            for (int i = 0; i < 10; i++) {
                System.arraycopy(one, 0, ten, i * one.length, one.length);
            }
            socket.getOutputStream().write(ten);
            for (int i = 0; i < 10; i++) {
                assertThat(readAnswer(socket, small.sizeBytes())).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void malformedRequestsEndTheirConnectionAlone() throws IOException {
        List<String> malformed = List.of(
                "\0\1\2\3\r\n\r\n",
                "GET\r\n\r\n",
                "GET /v2/ HTTP/9.9\r\n\r\n",
                "GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                "GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET /v2/ HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(20_000) + "\r\n\r\n",
                "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        for (String request : malformed) {
            try (Socket socket = connect()) {
                socket.getOutputStream().write(request.getBytes(US_ASCII));
                String answer = new String(socket.getInputStream().readNBytes(12), US_ASCII);
                assertThat(answer).as(request).matches("HTTP/1\\.[01] (4..|505)");
            }
        }
        assertOthersAreServed();
    }
}
