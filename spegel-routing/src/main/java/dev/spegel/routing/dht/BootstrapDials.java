package dev.spegel.routing.dht;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.host.ConnectedPeer;
import dev.spegel.libp2p.host.DialledSelfException;
import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Protocol;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects with peers that a bootstrapper names, except for this node itself and those that it is connected with. For one thread. */
final class BootstrapDials {
    private static final Logger log = LoggerFactory.getLogger(BootstrapDials.class);

    private final Host host;
    private final Multiaddr peerPort;

    /** @param peerPort the TCP port of peers that are named without one */
    BootstrapDials(Host host, int peerPort) {
        this.host = requireNonNull(host, "host");
        this.peerPort = Multiaddr.parse("/tcp/" + peerPort);
    }

    /** All at once; returns with how many of them this node is connected, when all is decided or time is up. */
    int connect(List<BootstrapPeer> named, Duration limit) throws InterruptedException {
        long startNanos = System.nanoTime();
        Set<InetSocketAddress> own = sockets(host.addresses());
        Set<InetSocketAddress> connected = new HashSet<>();
        host.peers().forEach(peer -> connected.addAll(sockets(peer.addresses())));
        int met = 0;
        List<CompletableFuture<ConnectedPeer>> dials = new ArrayList<>();
        for (BootstrapPeer peer : named) {
            List<Multiaddr> addresses = peer.addresses().stream()
                    .map(this::withPort)
                    .filter(address -> address.tcpSocket().filter(own::contains).isEmpty())
                    .toList();
            if (peer.id().equals(Optional.of(host.peerId())) || addresses.isEmpty()) {
                continue; // this node
            }
            if (peer.id().isEmpty() && sockets(addresses).stream().anyMatch(connected::contains)) {
                met++; // dialling an address makes a connection more, and peers accept only so many
                continue;
            }
            dials.add(dial(peer.id(), addresses));
        }
        for (CompletableFuture<ConnectedPeer> dial : dials) {
            if (isMet(dial, limit.minusNanos(System.nanoTime() - startNanos))) {
                met++;
            }
        }
        return met;
    }

    private static boolean isMet(CompletableFuture<ConnectedPeer> dial, Duration limit) throws InterruptedException {
        try {
            ConnectedPeer peer = dial.get(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
            log.debug("Met {} at {}", peer.id(), peer.remote());
            return true;
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof DialledSelfException)) {
                log.debug("A bootstrap peer can't be reached: {}", String.valueOf(e.getCause()));
            }
        } catch (TimeoutException e) {
            log.debug("A bootstrap peer wasn't reached in time");
        }
        return false;
    }

    private CompletableFuture<ConnectedPeer> dial(Optional<PeerId> id, List<Multiaddr> addresses) {
        return id.map(known -> host.connect(known, addresses)).orElseGet(() -> dialOneOf(addresses));
    }

    /** One after the other, as they should be one peer's. */
    private CompletableFuture<ConnectedPeer> dialOneOf(List<Multiaddr> addresses) {
        CompletableFuture<ConnectedPeer> dial = host.connect(addresses.get(0));
        for (Multiaddr next : addresses.subList(1, addresses.size())) {
            dial = dial.exceptionallyCompose(failure -> host.connect(next));
        }
        return dial;
    }

    private static Set<InetSocketAddress> sockets(List<Multiaddr> addresses) {
        Set<InetSocketAddress> sockets = new HashSet<>();
        addresses.forEach(address -> address.tcpSocket().ifPresent(sockets::add));
        return sockets;
    }

    private Multiaddr withPort(Multiaddr address) {
        Protocol last =
                address.components().get(address.components().size() - 1).protocol();
        return switch (last) {
            case IP4, IP6, DNS, DNS4, DNS6 -> address.plus(peerPort);
            default -> address;
        };
    }
}
