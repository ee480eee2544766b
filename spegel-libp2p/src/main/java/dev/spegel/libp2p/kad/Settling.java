package dev.spegel.libp2p.kad;

import java.time.Duration;

/**
 * When a node that has met its first peer looks for its neighbours again. Of two that come to a network at the same moment neither
 * finds the other, as nobody has both in its table yet; and the next refresh is minutes away. So it looks again a few times, ever
 * more rarely, as long as it knows so few that each of them matters.
 */
final class Settling {
    /** By then whoever came at the same moment is in the tables of others: to be asked takes a round trip or two. */
    static final Duration FIRST = Duration.ofMillis(250);

    /** Each wait is so many times the one before. */
    static final int GROWTH = 4;

    /** The last is 85 s after the first peer was met: time for all nodes of a cluster that starts to have come. */
    static final int MAX_LOOKS = 5;

    private long waitNanos;
    private long dueNanos;
    private int left;

    /** The first peer has been met. */
    void begin(long nowNanos) {
        waitNanos = FIRST.toNanos();
        dueNanos = nowNanos + waitNanos;
        left = MAX_LOOKS;
    }

    /** It isn't worth it any more. */
    void end() {
        left = 0;
    }

    /** Whether to look now; true once for each time. */
    boolean next(long nowNanos) {
        if (wakeIn(nowNanos) > 0) {
            return false;
        }
        left--;
        waitNanos *= GROWTH;
        dueNanos = nowNanos + waitNanos;
        return true;
    }

    /** In how many nanoseconds {@link #next} is true. */
    long wakeIn(long nowNanos) {
        return left == 0 ? Long.MAX_VALUE : dueNanos - nowNanos;
    }
}
