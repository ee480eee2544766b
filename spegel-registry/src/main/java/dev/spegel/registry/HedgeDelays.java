package dev.spegel.registry;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How long to wait for one peer's headers before another is asked as well: as long as nine in ten took lately, over all peers, and for
 * this kind of request where enough of it were seen. So about one request in ten costs a second one, whether peers are quick or slow.
 *
 * <p>A peer that failed or was given up on counts too: it would have taken <em>at least</em> as long as it was waited for. If only
 * answers counted, peers that become slow would never be seen to be slow.
 *
 * <p>Safe for use by many threads; nothing blocks.
 */
final class HedgeDelays {
    /** Nine in ten: one extra request in ten is a load that peers don't notice, and one slow answer in ten is shortened. */
    static final int PERCENT = 90;

    /** The last so many observations. A tenth of them, 13 slow answers, moves the delay; a busy node sees that many in a second. */
    static final int SAMPLE = 128;

    /** With fewer, the ninth tenth is one or two values: chance. */
    static final int ENOUGH = 20;

    /** While too little was seen: what the Go implementation starts from. */
    static final Duration UNKNOWN = Duration.ofMillis(50);

    private final HedgeBounds bounds;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<RequestKind, Sample> byKind = new EnumMap<>(RequestKind.class);
    private final Sample all = new Sample();

    HedgeDelays(HedgeBounds bounds) {
        this.bounds = bounds;
        for (RequestKind kind : RequestKind.values()) {
            byKind.put(kind, new Sample());
        }
    }

    Duration of(RequestKind kind) {
        lock.lock();
        try {
            return Duration.ofNanos(delayNanos(kind));
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a peer's headers were there after this time. */
    void answered(RequestKind kind, Duration took) {
        lock.lock();
        try {
            add(kind, took.toNanos());
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a peer failed, or wasn't waited for any longer, after this time. A quick failure says nothing about quick answers. */
    void unanswered(RequestKind kind, Duration atLeast) {
        lock.lock();
        try {
            add(kind, Math.max(atLeast.toNanos(), delayNanos(kind)));
        } finally {
            lock.unlock();
        }
    }

    private void add(RequestKind kind, long nanos) {
        sample(kind).add(nanos);
        all.add(nanos);
    }

    private long delayNanos(RequestKind kind) {
        Sample sample = sample(kind).count >= ENOUGH ? sample(kind) : all;
        return bounds.clampNanos(sample.count >= ENOUGH ? sample.percentile() : UNKNOWN.toNanos());
    }

    private Sample sample(RequestKind kind) {
        return byKind.getOrDefault(kind, all); // there is one for each
    }

    /** The last {@link #SAMPLE} observations. */
    private static final class Sample {
        private final long[] nanos = new long[SAMPLE];
        private int count;
        private int next;

        void add(long observed) {
            nanos[next] = observed;
            next = (next + 1) % SAMPLE;
            count = Math.min(count + 1, SAMPLE);
        }

        /** The smallest observation that {@link #PERCENT} of all don't exceed. */
        long percentile() {
            long[] sorted = Arrays.copyOf(nanos, count);
            Arrays.sort(sorted);
            return sorted[(count * PERCENT + 99) / 100 - 1];
        }
    }
}
