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
        long earned = (nowNanos - sinceNanos) / intervalNanos;
        if (earned >= burst - left) {
            left = burst;
            sinceNanos = nowNanos;
        } else {
            left += (int) earned;
            sinceNanos += earned * intervalNanos;
        }
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
