package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.agent.inspect.PeersReport;
import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.registry.PeerLoad;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The other nodes, those in use first. */
final class PeersSection implements Section {
    /** More rows than anybody reads; the debug API has all. */
    private static final int MAX_ROWS = 100;

    private static final String UNKNOWN = "–";

    private static final Comparator<KnownPeer> BUSIEST_FIRST = Comparator.<KnownPeer>comparingInt(
                    peer -> -peer.load().map(PeerLoad::inFlight).orElse(0))
            .thenComparing(peer -> peer.quarantinedFor().isEmpty())
            .thenComparing(peer -> peer.load().isEmpty())
            .thenComparing(KnownPeer::id);

    private final NetworkView network;

    PeersSection(NetworkView network) {
        this.network = requireNonNull(network, "network");
    }

    @Override
    public String id() {
        return "peers";
    }

    @Override
    public String title() {
        return "Peers";
    }

    @Override
    public int refreshSeconds() {
        return 5;
    }

    @Override
    public void write(Html html, Question question) throws IOException, InterruptedException {
        PeersReport report = network.known();
        if (report.peers().isEmpty()) {
            html.element("p", "No other node is known.");
            return;
        }
        List<KnownPeer> shown =
                report.peers().stream().sorted(BUSIEST_FIRST).limit(MAX_ROWS).toList();
        html.element(
                "p",
                Amounts.count(report.known(), "other node is", "other nodes are") + " known"
                        + (shown.size() < report.known() ? "; here are %d of them.".formatted(shown.size()) : "."));
        Tables.begin(html, "Peers", "Peer", "Registry", "Zone", "In flight", "Throughput", "State");
        for (KnownPeer peer : shown) {
            row(html, peer);
        }
        Tables.end(html);
    }

    private static void row(Html html, KnownPeer peer) {
        Optional<PeerLoad> load = peer.load();
        html.open("tr");
        html.foreign("th", peer.id(), "scope", "row", "class", "long");
        html.foreign(
                "td", peer.registries().isEmpty() ? UNKNOWN : peer.registries().get(0), "class", "nowrap");
        html.foreign("td", peer.zone().orElse(UNKNOWN));
        html.element("td", load.map(known -> Integer.toString(known.inFlight())).orElse("0"), "class", "number");
        html.element(
                "td",
                load.filter(known -> known.bytesPerSecond().isPresent())
                        .map(known -> Amounts.rate(known.bytesPerSecond().getAsDouble()))
                        .orElse(UNKNOWN),
                "class",
                "number nowrap");
        html.open("td", "class", "nowrap");
        state(html, peer);
        html.close().close();
    }

    private static void state(Html html, KnownPeer peer) {
        if (peer.quarantinedFor().isPresent()) {
            Tables.badge(
                    html,
                    Tables.Mood.BAD,
                    "quarantined for " + Amounts.time(peer.quarantinedFor().get()));
        } else if (peer.load().flatMap(PeerLoad::busyFor).isPresent()) {
            Tables.badge(html, Tables.Mood.MIDDLING, "too busy");
        } else if (peer.load().filter(PeerLoad::avoided).isPresent()) {
            Tables.badge(html, Tables.Mood.MIDDLING, "avoided for now");
        } else if (peer.connectedFor().isPresent()) {
            Tables.badge(html, Tables.Mood.GOOD, "connected");
        } else {
            Tables.badge(html, Tables.Mood.PLAIN, "known");
        }
    }
}
