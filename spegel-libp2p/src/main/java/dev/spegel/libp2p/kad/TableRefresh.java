package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.Random;

/**
 * Which lookups keep the routing table filled: one for this node itself, then for each bucket one for a random key in it, unless
 * a lookup has been there lately. The rules of go-libp2p-kad-dht, {@code rtrefresh}.
 */
final class TableRefresh {
    /** The deepest bucket that is refreshed by itself; deeper ones fill with the lookup for this node. */
    static final int MAX_PREFIX = 15;

    private final PeerId self;
    private final Position position;
    private final Duration interval;
    private final Random random;
    private final long[] refreshedNanos = new long[MAX_PREFIX + 1];
    private final boolean[] refreshed = new boolean[MAX_PREFIX + 1];
    private final Deque<KadKey> targets = new ArrayDeque<>();

    TableRefresh(PeerId self, Duration interval, Random random) {
        this.self = self;
        this.interval = interval;
        this.random = random;
        position = Contact.of(self).position();
    }

    /** Plans a round. */
    void start(RoutingTable table, long nowNanos) {
        targets.clear();
        targets.add(KadKey.of(self));
        int longest = Math.min(table.longestSharedPrefix(), MAX_PREFIX);
        for (int prefix = 0; prefix <= longest; prefix++) {
            boolean lately = refreshed[prefix] && nowNanos - refreshedNanos[prefix] < interval.toNanos();
            if (!lately) {
                targets.add(keySharing(prefix));
            }
            if (table.countSharing(prefix) == 0) {
                // A gap: the network may hardly reach this deep.
                longest = Math.min(longest, 2 * (prefix + 1));
            }
        }
    }

    /** The next key of the round to look up. */
    Optional<KadKey> next() {
        return Optional.ofNullable(targets.poll());
    }

    /** A lookup for this point has ended by itself. */
    void lookedUp(Position target, long nowNanos) {
        int prefix = position.commonPrefixLength(target);
        if (prefix <= MAX_PREFIX) {
            refreshed[prefix] = true;
            refreshedNanos[prefix] = nowNanos;
        }
    }

    /** Forgets which buckets were refreshed: the next round does them all. */
    void forget() {
        Arrays.fill(refreshed, false);
    }

    /** A key that shares exactly {@code prefix} leading bits with this node. */
    KadKey keySharing(int prefix) {
        return Preimages.within(new Prefix(position.flip(prefix), prefix + 1), random.nextInt());
    }
}
