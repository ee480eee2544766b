package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The connections of a host, and which of them to close when there are too many: go-libp2p's rules and constants,
 * p2p/net/connmgr/connmgr.go. To be used on the event loop.
 */
final class ConnectionTable {
    /** A connection this young, or with open streams used this lately, isn't trimmed: {@code defaultGracePeriod}. */
    static final Duration GRACE = Duration.ofMinutes(1);

    private final HostConfig config;
    private final Map<PeerId, KnownPeer> peers = new HashMap<>();
    private final Set<PeerId> guarded = new HashSet<>();
    private int size;

    ConnectionTable(HostConfig config) {
        this.config = config;
    }

    int size() {
        return size;
    }

    Optional<KnownPeer> peer(PeerId id) {
        return Optional.ofNullable(peers.get(id));
    }

    /** Those with a connection; a copy. */
    List<KnownPeer> peers() {
        return List.copyOf(peers.values());
    }

    /** A connection that this side has dialled to that very address. */
    Optional<Connection> dialledTo(Multiaddr address) {
        Optional<InetSocketAddress> socket = address.tcpSocket();
        return peers.values().stream()
                .flatMap(peer -> peer.connections().stream())
                .map(KnownPeer.Held::connection)
                .filter(connection -> connection.isDialled()
                        && socket.isPresent()
                        && connection.remote().tcpSocket().equals(socket))
                .findAny();
    }

    /** Which peers' connections aren't trimmed from now on. */
    void guard(Collection<PeerId> wanted) {
        guarded.clear();
        guarded.addAll(wanted);
    }

    boolean isFull() {
        return size >= config.maxConnections();
    }

    /** Which connection to give up for a new one: of those without streams the least recently used. */
    Optional<Connection> idlest(long nowNanos) {
        return unguarded()
                .map(KnownPeer.Held::connection)
                .filter(connection -> connection.openStreams() == 0)
                .min(Comparator.comparingLong(connection -> connection.lastUsedNanos() - nowNanos));
    }

    /**
     * Takes a connection in.
     *
     * @throws IOException if there are too many; the caller closes it then
     */
    KnownPeer add(Connection connection, long nowNanos) throws IOException {
        if (isFull()) {
            throw new IOException("there are %d connections, as many as there may be".formatted(size));
        }
        KnownPeer peer = peers.get(connection.peer());
        if (peer != null && peer.connections().size() >= config.maxConnectionsPerPeer()) {
            throw new IOException("there are %d connections with %s, as many as there may be"
                    .formatted(peer.connections().size(), connection.peer()));
        }
        KnownPeer known = peers.computeIfAbsent(connection.peer(), KnownPeer::new);
        known.connections().add(new KnownPeer.Held(connection, nowNanos));
        size++;
        return known;
    }

    /** Returns the peer if that was its last connection. */
    Optional<KnownPeer> remove(Connection connection) {
        KnownPeer peer = peers.get(connection.peer());
        if (peer == null || !peer.connections().removeIf(held -> held.connection() == connection)) {
            return Optional.empty();
        }
        size--;
        if (!peer.connections().isEmpty()) {
            return Optional.empty();
        }
        peers.remove(peer.id());
        return Optional.of(peer);
    }

    /**
     * Which connections to close, if there are as many as there may be: enough to get down to those to keep, as far as they can be
     * spared. Those without a stream first, and of these the least recently used.
     */
    List<Connection> surplus(long nowNanos) {
        if (!isFull()) {
            return List.of();
        }
        return unguarded()
                .filter(held -> nowNanos - held.sinceNanos() >= GRACE.toNanos())
                .filter(held -> held.connection().openStreams() == 0
                        || nowNanos - held.connection().lastUsedNanos() >= GRACE.toNanos())
                .map(KnownPeer.Held::connection)
                .sorted(Comparator.comparing((Connection connection) -> connection.openStreams() > 0)
                        .thenComparingLong(connection -> connection.lastUsedNanos() - nowNanos))
                .limit(size - config.keptConnections())
                .toList();
    }

    private Stream<KnownPeer.Held> unguarded() {
        return peers.values().stream()
                .filter(peer -> !guarded.contains(peer.id()))
                .flatMap(peer -> peer.connections().stream());
    }
}
