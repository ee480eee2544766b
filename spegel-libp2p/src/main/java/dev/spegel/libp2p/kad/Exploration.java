package dev.spegel.libp2p.kad;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the smallest part of the key space around a key that holds at least {@code replication} peers, and all peers in it, with
 * a few lookups, however many keys lie there. For each of those keys the nearest peers are then known without any lookup: all
 * peers within a part are nearer to its keys than any outside.
 *
 * <p>Outline: a lookup gives the nearest {@code replication} peers. If the farthest of them shares {@code c} bits with the key,
 * then all peers that share more are among them, so the part of {@code c + 1} bits is covered; and the one of {@code c} bits
 * holds enough peers. What isn't covered of the latter is looked up in turn. If a lookup finds fewer peers, it has found all
 * that there are, and the part is the whole space.
 *
 * <p>go-libp2p-kad-dht, {@code provider.SweepingProvider}, explores in the same spirit; its bounds are taken from there.
 */
final class Exploration {
    /** Enough for ten times the peers that a part holds on average. */
    static final int MAX_LOOKUPS = 64;

    /** Lookups in a row without a new peer, after which the part counts as covered. */
    static final int MAX_IDLE_LOOKUPS = 2;

    private final int replication;
    private final Set<Contact> peers = new LinkedHashSet<>();
    private final List<Prefix> covered = new ArrayList<>();
    private Prefix region = Prefix.EVERYTHING;
    private int lookups;
    private int idleLookups;

    Exploration(int replication) {
        this.replication = replication;
    }

    /** Takes in what a lookup for {@code target} found, nearest first. */
    void found(Position target, List<Contact> closest) {
        lookups++;
        idleLookups = peers.addAll(closest) ? 0 : idleLookups + 1;
        if (closest.size() < replication) {
            region = Prefix.EVERYTHING;
            covered.add(Prefix.EVERYTHING);
            return;
        }
        int shared = target.commonPrefixLength(closest.get(closest.size() - 1).position());
        covered.add(new Prefix(target, Math.min(shared + 1, Position.BITS)));
        if (lookups == 1) {
            region = new Prefix(target, shared);
        }
    }

    /** The part that is being explored; known after the first lookup. */
    Prefix region() {
        return region;
    }

    Collection<Contact> peers() {
        return peers;
    }

    /** Where to look next; empty once all is covered. */
    Optional<Prefix> gap() {
        if (lookups >= MAX_LOOKUPS || idleLookups >= MAX_IDLE_LOOKUPS) {
            return Optional.empty();
        }
        return gapIn(region);
    }

    private Optional<Prefix> gapIn(Prefix part) {
        boolean touched = false;
        for (Prefix done : covered) {
            if (done.covers(part)) {
                return Optional.empty();
            }
            touched |= part.covers(done);
        }
        return touched ? gapIn(part.low()).or(() -> gapIn(part.high())) : Optional.of(part);
    }
}
