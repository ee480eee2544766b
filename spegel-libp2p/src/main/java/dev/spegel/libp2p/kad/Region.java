package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part of the key space of which all peers are known, as of some time. */
final class Region {
    private final Prefix prefix;
    private final Map<PeerId, Contact> peers = new LinkedHashMap<>();
    private final long knownNanos;

    Region(Prefix prefix, Collection<Contact> peers, long knownNanos) {
        this.prefix = prefix;
        this.knownNanos = knownNanos;
        peers.forEach(this::add);
    }

    Prefix prefix() {
        return prefix;
    }

    int size() {
        return peers.size();
    }

    long ageNanos(long nowNanos) {
        return nowNanos - knownNanos;
    }

    boolean contains(PeerId peer) {
        return peers.containsKey(peer);
    }

    /** Takes in a peer, if it lies here. */
    void add(Contact peer) {
        if (prefix.covers(peer.position())) {
            peers.put(peer.id(), peer);
        }
    }

    boolean remove(PeerId peer) {
        return peers.remove(peer) != null;
    }

    /** The peers nearest to {@code position}, nearest first. */
    List<Contact> nearest(Position position, int count) {
        return peers.values().stream()
                .sorted(Contact.nearestTo(position))
                .limit(count)
                .toList();
    }
}
