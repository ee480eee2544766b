package dev.spegel.registry;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * When the next peer of one race is to be asked: the first at once, a further one each time the delay has passed, the replacement of one
 * that failed at once; never more than {@link #MAX_IN_FLIGHT} at a time. Has no clock and no threads: times are given, as
 * {@link System#nanoTime}.
 */
final class HedgeSchedule {
    /** As many peers as are looked for by default. Each costs a connection, and of a blob some bytes that nobody reads. */
    static final int MAX_IN_FLIGHT = 3;

    private final Duration delay;
    private int inFlight;
    private long dueNanos;

    HedgeSchedule(Duration delay, long nowNanos) {
        this.delay = delay;
        dueNanos = nowNanos;
    }

    /** Whether to ask a peer now. */
    boolean isDue(long nowNanos) {
        return inFlight < MAX_IN_FLIGHT && dueNanos - nowNanos <= 0;
    }

    /** How long nothing is to be done if no peer answers; empty if until one does. */
    OptionalLong waitNanos(long nowNanos) {
        return inFlight < MAX_IN_FLIGHT ? OptionalLong.of(Math.max(0, dueNanos - nowNanos)) : OptionalLong.empty();
    }

    /** A peer was asked. */
    void asked(long nowNanos) {
        inFlight++;
        dueNanos = nowNanos + delay.toNanos();
    }

    /** A peer that was asked failed. */
    void failed(long nowNanos) {
        inFlight--;
        dueNanos = nowNanos;
    }

    /** Nobody is being asked, and whoever is to be next may be asked now. */
    void restart(long nowNanos) {
        dueNanos = nowNanos;
    }

    /** A peer was due, but there is none to ask; after another delay there may be. */
    void nobody(long nowNanos) {
        dueNanos = nowNanos + delay.toNanos();
    }
}
