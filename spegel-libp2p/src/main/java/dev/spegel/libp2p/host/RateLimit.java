package dev.spegel.libp2p.host;

import java.time.Duration;

/** So many at once, and then one after each interval: a token bucket. */
final class RateLimit {
    private final int burst;
    private final long intervalNanos;
    private int left;
    private long sinceNanos;

    RateLimit(int burst, Duration interval) {
        this.burst = burst;
        this.intervalNanos = interval.toNanos();
        left = burst;
    }

    boolean allows(long nowNanos) {
        if (left == burst) {
            sinceNanos = nowNanos;
        } else {
            long more = Math.min((nowNanos - sinceNanos) / intervalNanos, burst - left);
            left += (int) more;
            sinceNanos += more * intervalNanos;
        }
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
