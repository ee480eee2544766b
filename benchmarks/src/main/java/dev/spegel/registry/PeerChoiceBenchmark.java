package dev.spegel.registry;

import dev.spegel.routing.Peer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The choice of the peer to ask, and the end of its use; the state is shared by all requests of a node. */
@NullMarked
@State(Scope.Benchmark)
public class PeerChoiceBenchmark {
    @Param({"3", "100"})
    private int holders;

    private final PeerLoads loads = new PeerLoads(System::nanoTime);
    private final List<Peer> peers = new ArrayList<>();

    @Setup
    public void setUp() throws UnknownHostException {
        for (int i = 0; i < holders; i++) {
            InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i});
            peers.add(new Peer("peer-" + i, List.of(address), 5000, Optional.empty()));
        }
    }

    @Benchmark
    public Peer choose() {
        try (PeerLoads.Use use = loads.begin(peers).orElseThrow()) {
            return use.peer();
        }
    }
}
