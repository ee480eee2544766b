package dev.spegel.libp2p.yamux;

import java.util.function.LongPredicate;

/**
 * How much the peer may send on one stream, and when it may send more.
 *
 * <p>A window starts at 256 KiB. It is filled up again when the application has consumed half of it, so that a long transfer
 * costs one update a half window. Updates that follow each other within four round trips show that the window, not the
 * application, is what slows the peer: then it doubles. go-yamux v5 does the same.
 */
final class ReceiveWindow {
    /** What a stream starts with in both directions, whatever either side is set to: hashicorp/yamux, spec.md#window-update. */
    static final int INITIAL = 262_144;

    private static final int ROUND_TRIPS = 4;

    private final long largest;
    private long target = INITIAL;
    private long available = INITIAL;
    private long announced;
    private long unconsumed;
    private long updatedNanos;

    /** @param largest how far the window may grow, in bytes, at least {@link #INITIAL} */
    ReceiveWindow(long largest, long nowNanos) {
        this.largest = largest;
        updatedNanos = nowNanos;
    }

    /** Takes note that a frame with {@code count} bytes has begun. Returns whether the peer was allowed to. */
    boolean announce(long count) {
        if (count > available) {
            return false;
        }
        available -= count;
        announced += count;
        return true;
    }

    /** Takes note that {@code count} of the announced bytes were given to the application. */
    void deliver(long count) {
        announced -= count;
        unconsumed += count;
    }

    /**
     * Takes note that the application is done with {@code count} bytes.
     *
     * @param roundTripNanos 0 if not known yet; then the window doesn't grow
     * @param mayGrow asked before the window grows, with the number of bytes; the bytes are taken if the answer is yes
     * @return by how much to let the peer go on, 0 if it isn't time yet
     */
    long consume(long count, long nowNanos, long roundTripNanos, LongPredicate mayGrow) {
        unconsumed -= count;
        long increment = missing();
        if (increment < target / 2) {
            return 0;
        }
        boolean quick = nowNanos - updatedNanos < ROUND_TRIPS * roundTripNanos;
        long growth = Math.min(target, largest - target);
        if (quick && growth > 0 && mayGrow.test(growth)) {
            target += growth;
            increment += growth;
        }
        available += increment;
        updatedNanos = nowNanos;
        return increment;
    }

    /** Bytes given to the application that it hasn't consumed. */
    long unconsumed() {
        return unconsumed;
    }

    /** The whole window: what the peer may send, and what it sent and isn't consumed. */
    long target() {
        return target;
    }

    private long missing() {
        return target - available - announced - unconsumed;
    }
}
