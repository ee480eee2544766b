package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Another view, with what this node's mirror thinks of the peers: those that sent wrong bytes are marked. */
public final class QuarantineView implements NetworkView {
    private final NetworkView network;
    private final Supplier<Map<String, Duration>> quarantine;

    /** @param quarantine for how much longer which peers, by their IDs, are kept away from */
    public QuarantineView(NetworkView network, Supplier<Map<String, Duration>> quarantine) {
        this.network = requireNonNull(network, "network");
        this.quarantine = requireNonNull(quarantine, "quarantine");
    }

    /** A peer that is marked but not known any more comes last, with its ID alone. */
    @Override
    public PeersReport peers() throws IOException, InterruptedException {
        PeersReport report = network.peers();
        Map<String, Duration> left = new HashMap<>(quarantine.get());
        List<KnownPeer> peers = new ArrayList<>();
        for (KnownPeer peer : report.peers()) {
            Optional<Duration> term = Optional.ofNullable(left.remove(peer.id()));
            peers.add(term.isPresent() ? peer.withQuarantine(term.get()) : peer);
        }
        int room = Math.max(0, MAX_PEERS - peers.size());
        left.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .limit(room)
                .forEach(entry -> peers.add(KnownPeer.named(entry.getKey()).withQuarantine(entry.getValue())));
        return new PeersReport(report.node(), report.known() + left.size(), peers);
    }

    @Override
    public LookupReport lookup(LookupRequest request) throws IOException, InterruptedException {
        return network.lookup(request);
    }
}
