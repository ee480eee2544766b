package dev.spegel.libp2p.kad;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The keys that this node provides, and when each is to be announced again.
 *
 * <p>Every key has its time within the interval, in proportion to its distance from this node: so keys that lie together come up
 * together, the work is spread evenly, and no two nodes do the same at the same time (go-libp2p-kad-dht, {@code provider},
 * {@code reprovideTimeForPrefix}).
 */
final class OwnKeys {
    static final class OwnKey {
        final KadKey key;
        final Position position;
        final long offsetNanos;
        long dueNanos;
        /** When it was last {@linkplain #schedule scheduled}, that is sent; means nothing unless it was {@link #sent}. */
        long sentNanos;
        /** Whether somebody is finding out whom to send it to. */
        boolean inWork;
        /** Whether it was ever sent, to as many peers as there were. */
        boolean sent;
        /** Whether that went well, since there was last nobody to send to. */
        boolean announced;
        /** How far the farthest holder is; zero before it was sent, all ones if every peer is to hold it. */
        Position radius = Position.ZERO;

        private OwnKey(KadKey key, Position position, long offsetNanos, long nowNanos) {
            this.key = key;
            this.position = position;
            this.offsetNanos = offsetNanos;
            dueNanos = nowNanos;
        }
    }

    private final Position self;
    private final long intervalNanos;
    private final long skipNanos;
    private final long epochNanos;
    private final Map<KadKey, OwnKey> keys = new HashMap<>();

    /** @param skip a key's time that is no farther off is left out, since it has just been sent */
    OwnKeys(Position self, Duration interval, Duration skip, long nowNanos) {
        this.self = self;
        intervalNanos = interval.toNanos();
        skipNanos = skip.toNanos();
        epochNanos = nowNanos;
    }

    /** When within the interval a key has its time: at its distance from this node, as part of the greatest possible. */
    static Duration offset(Position self, Position key, Duration interval) {
        return Duration.ofNanos((long) (key.xor(self).fraction() * interval.toNanos()));
    }

    boolean contains(KadKey key) {
        return keys.containsKey(key);
    }

    /** Whether this very entry is still provided, and not one that was taken back and given anew. */
    boolean contains(OwnKey key) {
        return keys.get(key.key) == key;
    }

    int size() {
        return keys.size();
    }

    Collection<OwnKey> all() {
        return keys.values();
    }

    /** Adds the key, due at once, unless it's there; returns what is then there. */
    OwnKey add(KadKey key, long nowNanos) {
        return keys.computeIfAbsent(key, k -> {
            Position position = k.position();
            Duration offset = offset(self, position, Duration.ofNanos(intervalNanos));
            return new OwnKey(k, position, offset.toNanos(), nowNanos);
        });
    }

    void remove(KadKey key) {
        keys.remove(key);
    }

    /** The key longest due by {@code nowNanos} that nobody works on and that passes. */
    Optional<OwnKey> due(long nowNanos, Predicate<OwnKey> passes) {
        OwnKey earliest = null;
        for (OwnKey key : keys.values()) {
            if (!key.inWork
                    && key.dueNanos - nowNanos <= 0
                    && (earliest == null || key.dueNanos - earliest.dueNanos < 0)
                    && passes.test(key)) {
                earliest = key;
            }
        }
        return Optional.ofNullable(earliest);
    }

    /**
     * The keys within {@code part} that are due by {@code untilNanos} and that nobody works on. Those that aren't due by
     * {@code nowNanos} and were sent a moment ago are left out: their next time has only just come into reach, and to send many
     * takes several turns.
     */
    List<OwnKey> dueIn(Prefix part, long nowNanos, long untilNanos) {
        return keys.values().stream()
                .filter(key -> !key.inWork
                        && key.dueNanos - untilNanos <= 0
                        && (key.dueNanos - nowNanos <= 0 || !isSentLately(key, nowNanos))
                        && part.covers(key.position))
                .toList();
    }

    private boolean isSentLately(OwnKey key, long nowNanos) {
        return key.sent && nowNanos - key.sentNanos < skipNanos;
    }

    /**
     * As {@link #dueIn(Prefix, long, long)}, but no more than {@code count}. Those that aren't due by {@code nowNanos} come first, since
     * they come along only as long as others are.
     */
    List<OwnKey> dueIn(Prefix part, long nowNanos, long untilNanos, int count) {
        List<OwnKey> due = dueIn(part, nowNanos, untilNanos);
        if (due.size() <= count) {
            return due;
        }
        return Stream.concat(
                        due.stream().filter(key -> key.dueNanos - nowNanos > 0),
                        due.stream().filter(key -> key.dueNanos - nowNanos <= 0))
                .limit(count)
                .toList();
    }

    /** When the next key becomes due after {@code nowNanos}; {@code latest} if that's earlier. */
    long nextDueNanos(long nowNanos, long latest) {
        long next = latest;
        for (OwnKey key : keys.values()) {
            if (!key.inWork && key.dueNanos - nowNanos > 0 && key.dueNanos - next < 0) {
                next = key.dueNanos;
            }
        }
        return next;
    }

    /** A key of ours within {@code part}, if there is one. */
    Optional<KadKey> anyIn(Prefix part) {
        return keys.values().stream()
                .filter(key -> part.covers(key.position))
                .map(key -> key.key)
                .findFirst();
    }

    /** Makes the key, which is being sent, due at its next time. */
    void schedule(OwnKey key, long nowNanos) {
        key.sentNanos = nowNanos;
        long base = epochNanos + key.offsetNanos;
        long passed = Math.floorDiv(nowNanos + skipNanos - base, intervalNanos) + 1;
        key.dueNanos = base + passed * intervalNanos;
    }
}
