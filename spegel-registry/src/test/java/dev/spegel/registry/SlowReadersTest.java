package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.testkit.FaultyPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SlowReadersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long ENOUGH_BYTES = PATIENCE.toSeconds() * SlowReaders.MIN_BYTES_PER_SECOND;

    private long nowNanos;
    private int waiting;
    private final SlowReaders readers = new SlowReaders(() -> waiting, PATIENCE, () -> nowNanos);

    private SlowReaders.Watch slowReader() {
        SlowReaders.Watch reader = readers.watch();
        reader.waited(PATIENCE.toNanos());
        return reader;
    }

    private static boolean ends(SlowReaders.Watch reader) {
        return catchThrowable(reader::check) instanceof BrokenBodyException;
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    @Test
    void endsForOneThatWaits() {
        SlowReaders.Watch reader = slowReader();
        waiting = 1;
        assertThatThrownBy(reader::check)
                .isInstanceOf(BrokenBodyException.class)
                .hasMessageContaining("less than 32768 bytes a second");
    }

    @Test
    void takesItsTimeWhileNobodyWaits() {
        assertThat(ends(slowReader())).isFalse();
    }

    @Test
    void endsOnlyWhenItsTimeIsUp() {
        SlowReaders.Watch reader = readers.watch();
        waiting = 1;
        reader.waited(PATIENCE.toNanos() - 1);
        assertThat(ends(reader)).isFalse();
        reader.waited(1);
        assertThat(ends(reader)).isTrue();
    }

    @Test
    void whoTakesEnoughGoesOn() {
        waiting = 1;
        SlowReaders.Watch reader = readers.watch();
        reader.waited(1);
        reader.took(ENOUGH_BYTES);
        reader.waited(PATIENCE.toNanos() - 1);
        assertThat(ends(reader)).isFalse();
    }

    @Test
    void whatFillsTheSocketAtFirstDoesNotCount() {
        waiting = 1;
        SlowReaders.Watch reader = readers.watch();
        reader.took(ENOUGH_BYTES);
        reader.waited(PATIENCE.toNanos());
        assertThat(ends(reader)).isTrue();
    }

    @Test
    void whoReadsQuicklyAgainIsForgiven() {
        waiting = 1;
        SlowReaders.Watch reader = slowReader();
        reader.took(ENOUGH_BYTES);
        reader.waited(PATIENCE.toNanos() - 1);
        assertThat(ends(reader)).isFalse();
    }

    @Test
    void oneEndsForOneThatWaits() {
        SlowReaders.Watch first = slowReader();
        SlowReaders.Watch second = slowReader();
        waiting = 1;
        assertThat(ends(first)).isTrue();
        assertThat(ends(second)).as("the first one's place is being taken").isFalse();
        pass(Duration.ofMillis(100));
        waiting = 0;
        assertThat(ends(second)).isFalse();
        waiting = 1;
        assertThat(ends(second)).isTrue();
    }

    @Test
    void oneEndsForOneThatWasSentAwayAndMayComeBack() {
        SlowReaders.Watch first = slowReader();
        SlowReaders.Watch second = slowReader();
        readers.refused();
        assertThat(ends(first)).isTrue();
        pass(Duration.ofMillis(100));
        assertThat(ends(second)).isFalse();
        readers.refused();
        pass(Duration.ofSeconds(5));
        assertThat(ends(second)).as("it hasn't come back").isFalse();
    }

    /** With the registry, whose readers read a few bytes and then no more. */
    @Nested
    class Served {
        private static final RegistryConfig ONE_PLACE = RegistryConfig.DEFAULTS.withTransfer(
                new TransferConfig(64 * 1024, 1, Duration.ofSeconds(45), Duration.ofMillis(200)));

        /** More than sockets hold. */
        private final byte[] large = new byte[24 << 20];

        private final Digest digest;

        Served() {
            new Random(3).nextBytes(large);
            digest = Digest.ofSha256(large);
        }

        private Socket begin(TestRegistry registry) throws IOException {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(16 * 1024);
            socket.setSoTimeout(45_000);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), registry.port()));
            socket.getOutputStream()
                    .write("GET /v2/app/blobs/%s?ns=registry.example HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .formatted(digest)
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readNBytes(12)).asString().isEqualTo("HTTP/1.1 200");
            return socket;
        }

        private void assertMakesRoom(TestRegistry registry) throws Exception {
            try (Socket slow = begin(registry)) {
                RawHttp.Answer other = registry.client().get("/v2/app/blobs/" + digest + "?ns=registry.example");
                assertThat(other.status()).isEqualTo(200);
                assertThat(Digest.ofSha256(other.body())).isEqualTo(digest);
                // It ends early and in order: a reset would throw an exception.
                assertThat(slow.getInputStream().readAllBytes()).hasSizeLessThan(large.length);
            }
        }

        @Test
        void contentOfTheStore() throws Exception {
            MemoryStore store = new MemoryStore();
            store.put(large);
            try (TestRegistry registry = new TestRegistry(ONE_PLACE, store, new OrderedRouter())) {
                assertMakesRoom(registry);
            }
        }

        @Test
        void contentOfPeers() throws Exception {
            try (FaultyPeer peer = FaultyPeer.start();
                    TestRegistry registry =
                            new TestRegistry(ONE_PLACE, new MemoryStore(), new OrderedRouter(peer.peer()))) {
                peer.addBlob(large);
                assertMakesRoom(registry);
            }
        }

        @Test
        void allGoOnWhileThereIsRoom() throws Exception {
            RegistryConfig room = RegistryConfig.DEFAULTS.withTransfer(
                    new TransferConfig(64 * 1024, 8, Duration.ofSeconds(45), Duration.ofMillis(200)));
            MemoryStore store = new MemoryStore();
            store.put(large);
            try (TestRegistry registry = new TestRegistry(room, store, new OrderedRouter())) {
                List<Socket> slow = new ArrayList<>();
                try {
                    for (int i = 0; i < 3; i++) {
                        slow.add(begin(registry));
                    }
                    await().pollDelay(Duration.ofSeconds(1)).until(() -> true); // five times their patience
                    for (Socket socket : slow) {
                        socket.getInputStream().skipNBytes(large.length); // throws if it ends before
                    }
                } finally {
                    for (Socket socket : slow) {
                        socket.close();
                    }
                }
            }
        }
    }
}
