package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.agent.inspect.PeersReport.Self;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.Peer;
import dev.spegel.routing.RoutingException;
import dev.spegel.routing.dht.DhtPeer;
import dev.spegel.routing.dht.DhtRouter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node of the DHT in this process sees. */
public final class DhtView implements NetworkView {
    private static final Logger LOG = LoggerFactory.getLogger(DhtView.class);

    /** In one data centre a round trip takes a millisecond; one that takes longer than this is as good as none. */
    private static final Duration PING_LIMIT = Duration.ofMillis(500);

    /** For all together, one after the other; those that are left over by then aren't measured. */
    private static final Duration PINGS_LIMIT = Duration.ofSeconds(2);

    private final DhtRouter router;
    private final LongSupplier nanoClock;
    private final RouterView lookups;

    /** @param nanoClock like {@link System#nanoTime} */
    public DhtView(DhtRouter router, LongSupplier nanoClock) {
        this.router = requireNonNull(router, "router");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        this.lookups = new RouterView(router, nanoClock);
    }

    /** In the order of their IDs. */
    @Override
    public PeersReport peers() throws InterruptedException {
        List<DhtPeer> known = sorted();
        long start = nanoClock.getAsLong();
        List<KnownPeer> described = new ArrayList<>();
        for (DhtPeer peer : first(known)) {
            Duration left = PINGS_LIMIT.minusNanos(nanoClock.getAsLong() - start);
            described.add(described(peer, roundTrip(peer, left)));
        }
        return report(known, described);
    }

    /** In the order of their IDs. */
    @Override
    public PeersReport known() {
        List<DhtPeer> known = sorted();
        return report(
                known,
                first(known).stream()
                        .map(peer -> described(peer, Optional.empty()))
                        .toList());
    }

    private List<DhtPeer> sorted() {
        List<DhtPeer> known = new ArrayList<>(router.dhtPeers());
        known.sort(Comparator.comparing(peer -> peer.id().toString()));
        return known;
    }

    private static List<DhtPeer> first(List<DhtPeer> known) {
        return known.subList(0, Math.min(known.size(), MAX_PEERS));
    }

    private PeersReport report(List<DhtPeer> known, List<KnownPeer> described) {
        Self self = new Self(router.kind(), router.peerId().toString(), router.ready(), texts(router.addresses()));
        return new PeersReport(self, known.size(), described);
    }

    private Optional<Duration> roundTrip(DhtPeer peer, Duration left) throws InterruptedException {
        return peer.connectedFor().isEmpty() || left.isNegative() || left.isZero()
                ? Optional.empty()
                : ping(peer, left.compareTo(PING_LIMIT) < 0 ? left : PING_LIMIT);
    }

    private static KnownPeer described(DhtPeer peer, Optional<Duration> roundTrip) {
        return new KnownPeer(
                peer.id().toString(),
                texts(peer.addresses()),
                peer.registry().map(RouterView::registriesOf).orElse(List.of()),
                peer.agentVersion(),
                peer.connectedFor(),
                roundTrip,
                peer.inTable(),
                peer.registry().flatMap(Peer::zone),
                Optional.empty(),
                Optional.empty());
    }

    private Optional<Duration> ping(DhtPeer peer, Duration limit) throws InterruptedException {
        try {
            return Optional.of(router.ping(peer.id(), limit));
        } catch (RoutingException e) {
            LOG.debug("No round trip to {} was measured: {}", peer.id(), e.getMessage());
            return Optional.empty();
        }
    }

    private static List<String> texts(List<Multiaddr> addresses) {
        return addresses.stream().map(Multiaddr::toString).toList();
    }

    @Override
    public LookupReport lookup(LookupRequest request) throws InterruptedException {
        return lookups.lookup(request);
    }
}
