package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.util.Comparator;

/** A peer and where it lies in the key space, which is hashed once. */
record Contact(PeerId id, Position position) {
    static Contact of(PeerId id) {
        return new Contact(id, Position.of(id.toBytes()));
    }

    /** Orders contacts by their distance from {@code target}. */
    static Comparator<Contact> nearestTo(Position target) {
        return (a, b) -> target.compareDistance(a.position, b.position);
    }
}
