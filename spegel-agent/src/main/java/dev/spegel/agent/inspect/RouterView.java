package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.LookupReport.FoundPeer;
import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.agent.inspect.PeersReport.Self;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.Router;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** What a router of this process sees, of whatever sort it is. */
public final class RouterView implements NetworkView {
    private final Router router;
    private final LongSupplier nanoClock;

    /** @param nanoClock like {@link System#nanoTime} */
    public RouterView(Router router, LongSupplier nanoClock) {
        this.router = requireNonNull(router, "router");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    }

    /** It measures no round trips. */
    @Override
    public PeersReport peers() {
        return known();
    }

    @Override
    public PeersReport known() {
        List<Peer> peers = router.peers();
        return new PeersReport(
                new Self(router.kind(), "", router.ready(), List.of()),
                peers.size(),
                peers.stream().limit(MAX_PEERS).map(RouterView::described).toList());
    }

    private static KnownPeer described(Peer peer) {
        return new KnownPeer(
                peer.id(),
                List.of(),
                registriesOf(peer),
                "",
                Optional.empty(),
                Optional.empty(),
                false,
                peer.zone(),
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public LookupReport lookup(LookupRequest request) throws InterruptedException {
        long start = nanoClock.getAsLong();
        List<FoundPeer> found = new ArrayList<>();
        boolean ended = false;
        try (Lookup lookup = router.lookup(request.key(), request.maxPeers())) {
            while (!ended && found.size() < request.maxPeers()) {
                Duration left = request.limit().minus(since(start));
                Lookup.Next next = lookup.next(left.isNegative() ? Duration.ZERO : left);
                if (next instanceof Lookup.Found one) {
                    found.add(new FoundPeer(one.peer().id(), registriesOf(one.peer()), since(start)));
                } else if (next instanceof Lookup.TimedOut) {
                    break;
                } else {
                    ended = true;
                }
            }
        }
        return new LookupReport(request.key().text(), since(start), ended || found.size() == request.maxPeers(), found);
    }

    private Duration since(long startNanos) {
        return Duration.ofNanos(nanoClock.getAsLong() - startNanos);
    }

    static List<String> registriesOf(Peer peer) {
        return peer.registryAddresses().stream().map(RouterView::text).toList();
    }

    private static String text(InetSocketAddress address) {
        return new PeerAddress(address.getAddress().getHostAddress(), address.getPort()).toString();
    }
}
