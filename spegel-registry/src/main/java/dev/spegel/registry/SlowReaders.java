package dev.spegel.registry;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Decides whose body ends for the sake of others. A place for a large body is one of few, and whoever reads a few bytes now and then would
 * hold it for ever, as no pause is long enough to be an idle connection. So a body whose reader has taken next to nothing for a while ends,
 * but only if others wait for its place, and no more of them than that takes: where there is room, a node with a slow disk may take its
 * time. What counts is the time in which this node waited for the reader: it isn't to blame for a slow peer or a limit of ours. The body ends
 * in order, so that a client which is merely slow asks for the rest.
 *
 * <p>Safe for use by many threads.
 */
final class SlowReaders {
    /**
     * Slower than any disk or network that a cluster is made of. Half of it wouldn't be told from it: a socket takes something again when a
     * third of its buffer is free, which with Linux' largest, 4 MiB, is once in 40 s at this rate.
     */
    static final long MIN_BYTES_PER_SECOND = 32 * 1024;

    /** One that ends makes room for one that waits; this is ample time for that one to take its place, and be counted no more. */
    private static final Duration BETWEEN_ENDS = Duration.ofMillis(100);

    /** Other nodes that are sent away come back after a second at the earliest ({@link UploadConfig}), and find a place then. */
    private static final Duration REFUSAL_COUNTS = Duration.ofSeconds(5);

    private final IntSupplier waiting;
    private final LongSupplier nanoClock;
    private final long patienceNanos;
    private final AtomicLong nextEndNanos;
    /** Until when somebody who was sent away may come back for a place. */
    private final AtomicLong wantedUntilNanos;

    /**
     * @param waiting how many requests wait for a place
     * @param patience how long a reader may be too slow
     */
    SlowReaders(IntSupplier waiting, Duration patience, LongSupplier nanoClock) {
        this.waiting = waiting;
        this.nanoClock = nanoClock;
        patienceNanos = patience.toNanos();
        nextEndNanos = new AtomicLong(nanoClock.getAsLong());
        wantedUntilNanos = new AtomicLong(nanoClock.getAsLong());
    }

    /** Notes that somebody was sent away for want of a place. */
    void refused() {
        wantedUntilNanos.set(nanoClock.getAsLong() + REFUSAL_COUNTS.toNanos());
    }

    /** Begins to watch the reader of one body. */
    Watch watch() {
        return new Watch();
    }

    /** Whether somebody needs the place of one that could end now; if so, nobody else is to end for that. */
    private boolean claim() {
        long nowNanos = nanoClock.getAsLong();
        long wantedUntil = wantedUntilNanos.get();
        boolean wanted = wantedUntil - nowNanos > 0;
        if (waiting.getAsInt() == 0 && !wanted) {
            return false;
        }
        long next = nextEndNanos.get();
        if (nowNanos - next < 0 || !nextEndNanos.compareAndSet(next, nowNanos + BETWEEN_ENDS.toNanos())) {
            return false;
        }
        if (wanted) {
            wantedUntilNanos.compareAndSet(wantedUntil, nowNanos);
        }
        return true;
    }

    /** How quickly one body is taken. Used by one thread. */
    final class Watch {
        private long waitedNanos;
        private long takenBytes;
        private boolean slow;

        private Watch() {}

        /** Notes what the reader's socket took. What it takes before it's full for the first time says nothing about the reader. */
        void took(long bytes) {
            if (waitedNanos > 0) {
                takenBytes += bytes;
            }
        }

        /** Notes for how long its socket took nothing. */
        void waited(long nanos) {
            waitedNanos += nanos;
            if (waitedNanos >= patienceNanos) {
                slow = takenBytes / (waitedNanos / 1e9) < MIN_BYTES_PER_SECOND;
                waitedNanos = 1; // it has been full
                takenBytes = 0;
            }
        }

        /** Throws if this body must end now, for others. */
        void check() throws BrokenBodyException {
            if (slow && claim()) {
                throw BrokenBodyException.incomplete(
                        "others wait for its place, and its reader takes less than %d bytes a second"
                                .formatted(MIN_BYTES_PER_SECOND));
            }
        }
    }
}
