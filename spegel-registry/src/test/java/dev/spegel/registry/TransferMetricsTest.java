package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is counted of bodies. */
class TransferMetricsTest {
    private static final byte[] OWN = new byte[1_000_000];
    private static final byte[] SMALL = new byte[100_000];

    /** Too large to be verified before the first byte goes out. */
    private static final byte[] LARGE = new byte[6 * 1024 * 1024 + 17];

    static {
        new Random(1).nextBytes(OWN);
        new Random(2).nextBytes(SMALL);
        new Random(3).nextBytes(LARGE);
    }

    private FaultyPeer first;
    private FaultyPeer second;
    private TestRegistry registry;

    @BeforeEach
    void start() throws Exception {
        first = FaultyPeer.start();
        second = FaultyPeer.start();
        for (FaultyPeer peer : new FaultyPeer[] {first, second}) {
            peer.addBlob(SMALL);
            peer.addBlob(LARGE);
        }
        registry = new TestRegistry(
                RegistryConfig.DEFAULTS, MemoryStore.of(OWN), new OrderedRouter(first.peer(), second.peer()));
    }

    @AfterEach
    void stop() {
        registry.close();
        first.close();
        second.close();
    }

    private RawHttp.Answer get(byte[] content, String... headers) throws Exception {
        return registry.client().get("/v2/team/app/blobs/%s?ns=x.example".formatted(Digest.ofSha256(content)), headers);
    }

    /** A client may have the last byte before it is counted. */
    private void awaitMoved(long received, long relayed, long served, long uploaded) {
        await().untilAsserted(() -> assertThat(new long[] {
                    moved("peer", "received"),
                    moved("peer", "to_client"),
                    moved("store", "to_client"),
                    moved("store", "to_node")
                })
                .containsExactly(received, relayed, served, uploaded));
    }

    private long moved(String source, String direction) {
        return (long) registry.count("spegel.transfer.bytes", "source", source, "direction", direction);
    }

    private long firstBytes(String source) {
        return registry.meters
                .get("spegel.time.to.first.byte")
                .tag("source", source)
                .timer()
                .count();
    }

    @Test
    void ownContentCountsForClients() throws Exception {
        get(OWN);
        awaitMoved(0, 0, OWN.length, 0);
        assertThat(firstBytes("store")).isEqualTo(1);
        assertThat(firstBytes("peer")).isZero();
    }

    @Test
    void rangesCountWithTheirOwnLength() throws Exception {
        get(OWN, "Range: bytes=10-19");
        awaitMoved(0, 0, 10, 0);
    }

    @Test
    void whatOtherNodesGetIsToldApart() throws Exception {
        get(OWN, "X-Spegel-Mirrored: true");
        awaitMoved(0, 0, 0, OWN.length);
    }

    @Test
    void whatPeersGiveIsReceivedAndRelayed() throws Exception {
        get(SMALL);
        get(LARGE);
        awaitMoved(SMALL.length + LARGE.length, SMALL.length + LARGE.length, 0, 0);
        assertThat(firstBytes("peer")).isEqualTo(2);
        assertThat(firstBytes("store")).isZero();
    }

    @Test
    void wrongBytesAreReceivedAndNotRelayed() throws Exception {
        first.behave(new Fault.CorruptAt(50_000));
        get(SMALL);
        awaitMoved(2L * SMALL.length, SMALL.length, 0, 0);
    }

    @Test
    void bodyThatBreaksOffCountsAsFarAsItCame() throws Exception {
        first.behave(new Fault.CutAt(3_000_000));
        second.behave(new Fault.Answer(503));
        get(LARGE);
        awaitMoved(3_000_000, 3_000_000, 0, 0);
    }
}
