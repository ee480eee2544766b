package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.MemoryStore;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A registry that sends as much to other nodes as it may. */
class UploadLimitsTest {
    private static final String MIRRORED = "X-Spegel-Mirrored: true";

    /** More than sockets hold: a client that doesn't read keeps it from being sent. */
    private static final byte[] LARGE = new byte[32 * 1024 * 1024];

    private static final byte[] SMALL = new byte[1000];

    static {
        new Random(1).nextBytes(LARGE);
    }

    private final MemoryStore store = new MemoryStore();
    private final Digest large = store.put(LARGE);
    private final Digest small = store.put(SMALL);
    private TestRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = new TestRegistry(RegistryConfig.DEFAULTS, store, new OrderedRouter());
    }

    private void restart(RegistryConfig config) throws Exception {
        registry.close();
        registry = new TestRegistry(config, store, new OrderedRouter());
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private static String blob(Digest digest) {
        return "/v2/app/blobs/" + digest + "?ns=registry.example";
    }

    /** A client that has read the first byte of a large blob, and reads no further. */
    private Socket begin(String header) throws IOException {
        Socket socket = registry.client().open();
        socket.getOutputStream()
                .write("GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n"
                        .formatted(blob(large), header)
                        .getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        return socket;
    }

    private double meter(String name) {
        return registry.meters.get(name).meter().measure().iterator().next().getValue();
    }

    @Test
    void nodeThatAsksForMoreIsSentToAnother() throws Exception {
        restart(RegistryConfig.DEFAULTS.withUpload(
                new UploadConfig(1, Long.MAX_VALUE, Duration.ofMillis(1), Duration.ofSeconds(7))));
        try (Socket busy = begin(MIRRORED)) {
            assertThat(busy.isConnected()).isTrue();
            RawHttp.Answer refused = registry.client().get(blob(large), MIRRORED);
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).contains("7");
            assertThat(refused.text()).contains("TOOMANYREQUESTS");
            assertThat(meter("spegel.upload.refused")).isEqualTo(1);
            assertThat(meter("spegel.upload.streams")).isEqualTo(1);

            assertThat(registry.client().get(blob(large)).body())
                    .as("own clients")
                    .isEqualTo(LARGE);
            assertThat(registry.client().get(blob(small), MIRRORED).body()).isEqualTo(SMALL);
            assertThat(registry.client().head(blob(large), MIRRORED).status()).isEqualTo(200);
        }
        await().until(() -> registry.client().get(blob(large), MIRRORED).status() == 200);
        await().until(() -> meter("spegel.upload.streams") == 0);
    }

    @Test
    void nodeWaitsForItsTurn() throws Exception {
        restart(RegistryConfig.DEFAULTS.withUpload(
                new UploadConfig(1, Long.MAX_VALUE, Duration.ofSeconds(20), Duration.ofSeconds(1))));
        Socket busy = begin(MIRRORED);
        try (Socket next = registry.client().open()) {
            next.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n"
                            .formatted(blob(large), MIRRORED)
                            .getBytes(StandardCharsets.US_ASCII));
            await().until(() -> meter("http.requests.inflight") == 2);
            busy.close();
            assertThat(RawHttp.read(next, false).body()).isEqualTo(LARGE);
        }
    }

    @Test
    void ownClientThatGetsNoBufferGoesOnToTheRegistry() throws Exception {
        restart(RegistryConfig.DEFAULTS
                .withTransfer(new TransferConfig(256 * 1024, 1, Duration.ofMillis(1)))
                .withUpload(new UploadConfig(1, Long.MAX_VALUE, Duration.ofMillis(1), Duration.ofSeconds(1))));
        try (Socket busy = begin("Accept: */*")) {
            assertThat(busy.isConnected()).isTrue();
            RawHttp.Answer own = registry.client().get(blob(small));
            assertThat(own.status()).isEqualTo(404);
            assertThat(own.text()).contains("BLOB_UNKNOWN", "all transfer buffers are in use");
            assertThat(registry.client().get(blob(small), MIRRORED).status()).isEqualTo(429);
        }
    }

    @Test
    void rateHoldsForOtherNodesOnly() throws Exception {
        restart(RegistryConfig.DEFAULTS.withUpload(
                new UploadConfig(4, 32 * 1024 * 1024, Duration.ofSeconds(1), Duration.ofSeconds(1))));
        long start = System.nanoTime();
        assertThat(registry.client().get(blob(large), MIRRORED).body()).isEqualTo(LARGE);
        // That it isn't quicker is certain; what a second's worth may be made up for is 50 ms.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));
        assertThat(registry.client().get(blob(large)).body()).isEqualTo(LARGE);
    }
}
