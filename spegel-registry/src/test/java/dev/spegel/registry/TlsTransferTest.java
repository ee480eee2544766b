package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.Peer;
import dev.spegel.routing.tls.ReloadedTls;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import dev.spegel.testkit.TestAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that speak TLS and do wrong all the same: what {@link MirrorTest} says of plain ones holds for them too. */
class TlsTransferTest {
    /** Too large to be verified before the first byte goes out. */
    private static final byte[] LARGE = new byte[6 * 1024 * 1024 + 17];

    private static final byte[] SMALL = new byte[100_000];

    /** Where the first peer breaks off: not at the end of a record, and far from both ends of the blob. */
    private static final int POSITION = 2_500_001;

    /** So that the first peer is the one that is asked first. */
    private static final HedgeBounds ONE_AT_A_TIME = new HedgeBounds(Duration.ofHours(1), Duration.ofHours(1));

    /** Nothing waits for any of these but the stall limit. Who stalls is left after a quarter of the stall limit. */
    private static final MirrorConfig PATIENT = new MirrorConfig(
            Duration.ofMillis(50),
            4,
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(6),
            ONE_AT_A_TIME,
            QuarantineTerms.DEFAULTS);

    static {
        new Random(1).nextBytes(LARGE);
        new Random(2).nextBytes(SMALL);
    }

    @TempDir
    Path directory;

    private final Digest large = Digest.ofSha256(LARGE);
    private final Digest small = Digest.ofSha256(SMALL);
    private TestAuthority authority;
    private SSLContext ours;
    private FaultyPeer first;
    private FaultyPeer last;

    @BeforeEach
    void start() throws Exception {
        authority = new TestAuthority("cluster");
        ours = contextOf(authority, "node", "127.0.0.1");
        first = holder(FaultyPeer.start(ours));
        last = holder(FaultyPeer.start(contextOf(authority, "last", "127.0.0.1")));
    }

    @AfterEach
    void stop() {
        first.close();
        last.close();
    }

    private SSLContext contextOf(TestAuthority issuer, String node, String address)
            throws GeneralSecurityException, IOException {
        return ReloadedTls.of(issuer.issue(
                        directory.resolve(node), address, Instant.now().plus(Duration.ofHours(1))))
                .get();
    }

    private FaultyPeer holder(FaultyPeer peer) {
        peer.addBlob(LARGE);
        peer.addBlob(SMALL);
        return peer;
    }

    private TestRegistry registryThatAsks(FaultyPeer... peers) throws Exception {
        return new TestRegistry(
                RegistryConfig.DEFAULTS.withMirror(PATIENT).withTls(() -> ours),
                new MemoryStore(),
                new OrderedRouter(Arrays.stream(peers).map(FaultyPeer::peer).toArray(Peer[]::new)));
    }

    private static String blob(Digest digest) {
        return "/v2/team/app/blobs/" + digest + "?ns=registry.example";
    }

    /** The rest of the large blob, from a byte that the first peer had sent. */
    private void assertLastGaveTheRest() {
        assertThat(last.requests()).singleElement().satisfies(request -> {
            String range = request.header("Range").orElseThrow();
            assertThat(range).matches("bytes=\\d+-" + (LARGE.length - 1));
            assertThat(Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-'))))
                    .isBetween(1, POSITION);
        });
    }

    private static Stream<Fault> breaks() {
        return Stream.of(new Fault.CutAt(POSITION), new Fault.ResetAt(POSITION), new Fault.StallAt(POSITION));
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void aBodyThatBreaksOffGoesOnFromAnotherPeer(Fault fault) throws Exception {
        first.behave(fault);
        try (TestRegistry registry = registryThatAsks(first, last)) {
            RawHttp.assertWhole(registry.client().get(blob(large)), LARGE);
            assertLastGaveTheRest();
            assertThat(registry.count("spegel.mirror.resumes", "outcome", "resumed"))
                    .isEqualTo(1);
        }
    }

    @Test
    void theRestOfARangeToo() throws Exception {
        first.behave(new Fault.CutAt(POSITION));
        try (TestRegistry registry = registryThatAsks(first, last)) {
            RawHttp.Answer answer = registry.client().get(blob(large), "Range: bytes=7-");
            assertThat(answer.status()).isEqualTo(206);
            assertThat(answer.ending()).isEqualTo(RawHttp.Ending.WHOLE);
            assertThat(Arrays.mismatch(answer.body(), Arrays.copyOfRange(LARGE, 7, LARGE.length)))
                    .isEqualTo(-1);
            assertThat(last.requests()).hasSize(1);
        }
    }

    private enum Impostor {
        OF_ANOTHER_AUTHORITY,
        FOR_ANOTHER_ADDRESS
    }

    private FaultyPeer start(Impostor impostor) throws Exception {
        return holder(
                switch (impostor) {
                    case OF_ANOTHER_AUTHORITY ->
                        FaultyPeer.start(contextOf(new TestAuthority("cluster"), "impostor", "127.0.0.1"));
                    case FOR_ANOTHER_ADDRESS -> FaultyPeer.start(contextOf(authority, "impostor", "127.0.0.2"));
                });
    }

    private static Stream<Impostor> impostors() {
        return Stream.of(Impostor.values());
    }

    /** The first is asked and breaks off, the impostor can't be asked, the last has the rest. */
    @ParameterizedTest
    @MethodSource("impostors")
    void anImpostorInBetweenIsPassedOver(Impostor kind) throws Exception {
        first.behave(new Fault.CutAt(POSITION));
        try (FaultyPeer impostor = start(kind);
                TestRegistry registry = registryThatAsks(first, impostor, last)) {
            RawHttp.assertWhole(registry.client().get(blob(large)), LARGE);
            assertThat(impostor.requests()).isEmpty();
            assertThat(registry.count("spegel.mirror.peer.requests", "outcome", "failed"))
                    .as("the impostor was tried")
                    .isEqualTo(1);
            assertLastGaveTheRest();
        }
    }

    @Test
    void aSmallBlobThatBreaksOffComesWholeFromAnotherPeer() throws Exception {
        first.behave(new Fault.CutAt(30_000));
        try (TestRegistry registry = registryThatAsks(first, last)) {
            RawHttp.assertWhole(registry.client().get(blob(small)), SMALL);
            assertThat(List.of(first.requests().size(), last.requests().size())).containsOnly(1);
        }
    }

    @Test
    void wrongBytesAreNoticed() throws Exception {
        first.behave(new Fault.CorruptAt(30_000));
        try (TestRegistry registry = registryThatAsks(first, last)) {
            assertThat(registry.client().get(blob(large)).ending()).isEqualTo(RawHttp.Ending.RESET);
            RawHttp.assertWhole(registry.client().get(blob(large)), LARGE);
        }
    }

    /** A wire that fails knows nothing of records, so it mostly does so within one. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEndWithinARecordCostsNoByte(boolean silent) throws Exception {
        try (FailingWire wire = new FailingWire(first, POSITION, silent);
                TestRegistry registry = new TestRegistry(
                        RegistryConfig.DEFAULTS.withMirror(PATIENT).withTls(() -> ours),
                        new MemoryStore(),
                        new OrderedRouter(wire.peer(), last.peer()))) {
            RawHttp.assertWhole(registry.client().get(blob(large)), LARGE);
            assertLastGaveTheRest();
        }
    }

    /** Takes one connection to a peer, and passes on so many bytes of what the peer sends. */
    private static final class FailingWire implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final ExecutorService threads = Executors.newFixedThreadPool(2);
        private final Socket toPeer;
        private final int bytes;
        private final boolean silent;

        @SuppressWarnings("FutureReturnValueIgnored") // a wire that fails in another way shows in what the client gets
        FailingWire(FaultyPeer peer, int bytes, boolean silent) throws IOException {
            toPeer = new Socket(InetAddress.getLoopbackAddress(), peer.peer().registryPort());
            this.bytes = bytes;
            this.silent = silent;
            threads.submit(this::carry);
        }

        Peer peer() {
            return new Peer("wire", List.of(listener.getInetAddress()), listener.getLocalPort(), Optional.empty());
        }

        private Void carry() throws IOException, InterruptedException, ExecutionException {
            try (Socket client = listener.accept()) {
                Future<Long> requests =
                        threads.submit(() -> client.getInputStream().transferTo(toPeer.getOutputStream()));
                OutputStream out = client.getOutputStream();
                byte[] buffer = new byte[10_007];
                for (int left = bytes; left > 0; ) {
                    int count = toPeer.getInputStream().read(buffer, 0, Math.min(left, buffer.length));
                    out.write(buffer, 0, count);
                    left -= count;
                }
                if (silent) {
                    requests.get(); // until the client hangs up
                }
            }
            return null;
        }

        @Override
        public void close() throws IOException {
            listener.close();
            toPeer.close();
            threads.shutdownNow();
        }
    }
}
