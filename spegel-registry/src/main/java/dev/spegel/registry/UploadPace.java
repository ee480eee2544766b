package dev.spegel.registry;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Tells senders how long to wait so that all together keep to a rate: a token bucket that is paid after the fact, so a sender needn't
 * know how much the socket will take. Safe for use by many threads; nothing blocks.
 */
final class UploadPace {
    /** What a paced stream sends between two waits: small, so that streams take turns and none waits long. */
    static final int PIECE_BYTES = 64 * 1024;

    /** What wasn't used lately may be made up for: a sender that was late by a time slice or two doesn't lower the rate. */
    static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final long bytesPerSecond;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    /** When all that was sent would have been sent at exactly the rate. */
    private long paidNanos;

    UploadPace(long bytesPerSecond, LongSupplier nanoClock) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoClock = nanoClock;
        paidNanos = nanoClock.getAsLong();
    }

    boolean isLimited() {
        return bytesPerSecond != Long.MAX_VALUE;
    }

    /** Notes that so many bytes were sent, at most {@link #PIECE_BYTES}, and tells how long their sender must wait now. */
    long sentNanos(long bytes) {
        if (!isLimited()) {
            return 0;
        }
        lock.lock();
        try {
            long nowNanos = nanoClock.getAsLong();
            if (nowNanos - paidNanos > BURST_NANOS) {
                paidNanos = nowNanos - BURST_NANOS;
            }
            paidNanos += (long) ((double) bytes / (double) bytesPerSecond * 1e9);
            return Math.max(0, paidNanos - nowNanos);
        } finally {
            lock.unlock();
        }
    }
}
