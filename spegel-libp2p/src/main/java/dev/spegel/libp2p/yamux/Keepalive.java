package dev.spegel.libp2p.yamux;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * When to ping, and when to give a peer up. One ping at the start, for the round-trip time, and one an interval, never a
 * second one before the first is answered or given up. A peer is lost if its answer is late and nothing else came in meanwhile;
 * one that sends other things is alive, whatever it makes of pings.
 */
final class Keepalive {
    private final long intervalNanos;
    private final long timeoutNanos;
    private long pingDueNanos;
    private long sentNanos;
    private long heardNanos;
    private boolean waiting;
    private long value = FrameHeader.MAX_UINT32; // so that the first is 0
    private long roundTripNanos;

    Keepalive(Duration interval, Duration timeout, long nowNanos) {
        intervalNanos = interval.toNanos();
        timeoutNanos = timeout.toNanos();
        pingDueNanos = nowNanos;
        heardNanos = nowNanos;
    }

    /** What to do now. */
    enum Due {
        NOTHING,
        /** Send a ping with {@link #value}. */
        PING,
        /** The peer is lost. */
        TIMEOUT
    }

    Due tick(long nowNanos) {
        if (waiting && nowNanos - sentNanos >= timeoutNanos) {
            if (heardNanos - sentNanos <= 0) {
                return Due.TIMEOUT;
            }
            waiting = false;
        }
        if (!waiting && nowNanos - pingDueNanos >= 0) {
            waiting = true;
            sentNanos = nowNanos;
            pingDueNanos = nowNanos + intervalNanos;
            value = (value + 1) & FrameHeader.MAX_UINT32;
            return Due.PING;
        }
        return Due.NOTHING;
    }

    /** When {@link #tick} has something to do next. */
    long deadlineNanos() {
        return waiting ? sentNanos + timeoutNanos : pingDueNanos;
    }

    /** Takes note that something arrived. */
    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    /** Takes note of an answer. Returns the round trip; empty if this isn't the answer that is awaited. */
    OptionalLong answered(long answer, long nowNanos) {
        if (!waiting || answer != value) {
            return OptionalLong.empty();
        }
        waiting = false;
        long measured = Math.max(1, nowNanos - sentNanos);
        roundTripNanos = roundTripNanos == 0 ? measured : (roundTripNanos + measured) / 2;
        return OptionalLong.of(measured);
    }

    /** The value of the last ping. */
    long value() {
        return value;
    }

    /** The round trip, smoothed; 0 if none was measured yet. */
    long roundTripNanos() {
        return roundTripNanos;
    }
}
