package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Where peers listen, each address until it expires.
 *
 * <p>What a peer says of itself and what others say of it are kept apart, so that a stranger who invents peers can push out
 * only what strangers said.
 */
final class AddressBook {
    /** What another peer said, long enough for a lookup: go-libp2p, {@code peerstore.TempAddrTTL}. */
    static final Duration HEARSAY_LIFE = Duration.ofMinutes(2);

    /** What a peer said of itself, once it's no longer connected: go-libp2p, {@code peerstore.RecentlyConnectedAddrTTL}. */
    static final Duration LIFE = Duration.ofMinutes(15);

    /** Some 16 lookups' worth of peers; at about 300 bytes each 1.2 MiB. */
    static final int MAX_HEARSAY_PEERS = 4096;

    /** More than a routing table holds in a network of any size, and than a cluster has nodes; about 1.2 MiB. */
    static final int MAX_PEERS = 4096;

    private final Predicate<PeerId> keep;
    private final Shelf own = new Shelf(MAX_PEERS);
    private final Shelf hearsay = new Shelf(MAX_HEARSAY_PEERS);
    private long version;

    /** @param keep whose addresses don't expire: peers in the routing table or connected */
    AddressBook(Predicate<PeerId> keep) {
        this.keep = keep;
    }

    /** Notes what the peer said itself, if anything, in place of what it said before. That never shortens a life promised before. */
    void saidBySelf(PeerId peer, Collection<Multiaddr> addresses, Duration life, long nowNanos) {
        if (!addresses.isEmpty()) {
            own.put(peer, addresses, nowNanos + life.toNanos(), nowNanos);
        }
    }

    /** Notes what somebody else said about the peer. */
    void saidByOthers(PeerId peer, Collection<Multiaddr> addresses, long nowNanos) {
        if (!addresses.isEmpty() && own.get(peer, nowNanos).isEmpty()) {
            hearsay.put(peer, addresses, nowNanos + HEARSAY_LIFE.toNanos(), nowNanos);
        }
    }

    /** The addresses known, best source first; empty if there's none. */
    List<Multiaddr> of(PeerId peer, long nowNanos) {
        List<Multiaddr> known = own.get(peer, nowNanos);
        return known.isEmpty() ? hearsay.get(peer, nowNanos) : known;
    }

    /** Drops what has expired. */
    void sweep(long nowNanos) {
        own.sweep(nowNanos);
        hearsay.sweep(nowNanos);
    }

    /** Changes whenever somebody's addresses do, other than by expiring. */
    long version() {
        return version;
    }

    int size() {
        return own.byPeer.size() + hearsay.byPeer.size();
    }

    private record Known(List<Multiaddr> addresses, long expiresNanos) {}

    private final class Shelf {
        final int maxPeers;
        final Map<PeerId, Known> byPeer = new LinkedHashMap<>();

        Shelf(int maxPeers) {
            this.maxPeers = maxPeers;
        }

        void put(PeerId peer, Collection<Multiaddr> addresses, long expiresNanos, long nowNanos) {
            Known before = byPeer.remove(peer); // so that it goes to the end of the order
            long expires =
                    before == null || before.expiresNanos() - expiresNanos < 0 ? expiresNanos : before.expiresNanos();
            if (byPeer.size() >= maxPeers && !makeRoom(nowNanos)) {
                return;
            }
            if (before != null && before.addresses().equals(List.copyOf(addresses))) {
                byPeer.put(peer, new Known(before.addresses(), expires)); // as with almost each of many announcements
                return;
            }
            List<Multiaddr> kept =
                    addresses.stream().distinct().limit(PeerEntry.MAX_ADDRESSES).toList();
            byPeer.put(peer, new Known(kept, expires));
            if (before == null || !before.addresses().equals(kept)) {
                version++;
            }
        }

        List<Multiaddr> get(PeerId peer, long nowNanos) {
            Known known = byPeer.get(peer);
            return known == null || isExpired(peer, known, nowNanos) ? List.of() : known.addresses();
        }

        void sweep(long nowNanos) {
            byPeer.entrySet().removeIf(entry -> isExpired(entry.getKey(), entry.getValue(), nowNanos));
        }

        private boolean isExpired(PeerId peer, Known known, long nowNanos) {
            return nowNanos - known.expiresNanos() >= 0 && !keep.test(peer);
        }

        /** Drops the peer that has gone longest without news and isn't to be kept. */
        private boolean makeRoom(long nowNanos) {
            sweep(nowNanos);
            if (byPeer.size() < maxPeers) {
                return true;
            }
            for (Iterator<PeerId> peers = byPeer.keySet().iterator(); peers.hasNext(); ) {
                if (!keep.test(peers.next())) {
                    peers.remove();
                    return true;
                }
            }
            return false;
        }
    }
}
