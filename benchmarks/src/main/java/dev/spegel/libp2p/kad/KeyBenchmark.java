package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The way from a digest to the peers that are nearest to it. */
@NullMarked
@State(Scope.Thread)
public class KeyBenchmark {
    /** As many as a query asks for: kad-dht/README.md#replication-parameter-k. */
    private static final int K = 20;

    @Param("1000")
    private int network;

    private String digest = "sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b";
    private final RoutingTable table = new RoutingTable(peer(0), K);
    private final List<Position> targets = new ArrayList<>();
    private int next;

    private static PeerId peer(int number) {
        return KeyPair.ofSeed(ByteBuffer.allocate(32).putInt(number).array()).peerId();
    }

    @Setup
    public void setUp() {
        for (int i = 1; i < network; i++) {
            table.add(peer(i), false, 0);
        }
        for (int i = 0; i < 256; i++) {
            targets.add(KadKey.ofText("key " + i).position());
        }
    }

    /** The key's hash, which goes over the wire, and its place, which doesn't. */
    @Benchmark
    public Position key() {
        return KadKey.ofText(digest).position();
    }

    @Benchmark
    public List<PeerId> nearest() {
        next = (next + 1) % targets.size();
        return table.nearest(targets.get(next), K);
    }
}
