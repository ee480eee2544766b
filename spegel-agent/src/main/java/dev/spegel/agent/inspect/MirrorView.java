package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.registry.PeerLoad;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Another view, with what this node's mirror knows of the peers: how busy and fast they are, and which of them sent wrong bytes. */
public final class MirrorView implements NetworkView {
    private final NetworkView network;
    private final Supplier<Map<String, PeerLoad>> loads;
    private final Supplier<Map<String, Duration>> quarantine;

    /**
     * @param loads of those that were asked lately, by their IDs
     * @param quarantine for how much longer which peers, by their IDs, are kept away from
     */
    public MirrorView(
            NetworkView network, Supplier<Map<String, PeerLoad>> loads, Supplier<Map<String, Duration>> quarantine) {
        this.network = requireNonNull(network, "network");
        this.loads = requireNonNull(loads, "loads");
        this.quarantine = requireNonNull(quarantine, "quarantine");
    }

    /** A peer in quarantine that isn't known any more comes last, with its ID alone. */
    @Override
    public PeersReport peers() throws IOException, InterruptedException {
        return marked(network.peers());
    }

    /** As {@link #peers}. */
    @Override
    public PeersReport known() throws IOException, InterruptedException {
        return marked(network.known());
    }

    private PeersReport marked(PeersReport report) {
        Map<String, Duration> left = new HashMap<>(quarantine.get());
        Map<String, PeerLoad> asked = loads.get();
        List<KnownPeer> peers = new ArrayList<>();
        for (KnownPeer peer : report.peers()) {
            peers.add(peer.withMirror(
                    Optional.ofNullable(asked.get(peer.id())), Optional.ofNullable(left.remove(peer.id()))));
        }
        int room = Math.max(0, MAX_PEERS - peers.size());
        left.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .limit(room)
                .forEach(entry -> peers.add(KnownPeer.named(entry.getKey())
                        .withMirror(Optional.ofNullable(asked.get(entry.getKey())), Optional.of(entry.getValue()))));
        return new PeersReport(report.node(), report.known() + left.size(), peers);
    }

    @Override
    public LookupReport lookup(LookupRequest request) throws IOException, InterruptedException {
        return network.lookup(request);
    }
}
