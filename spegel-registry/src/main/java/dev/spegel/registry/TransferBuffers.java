package dev.spegel.registry;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The direct buffers that all bodies pass through. Few and large: the size of a system call decides the speed of this path.
 *
 * <p>Whoever reads slowly keeps its buffer for long. So a few are only for bodies that fit a socket's own buffer, which are gone at once
 * whatever their reader does: however many slow readers there are, manifests and configs don't wait for them.
 */
final class TransferBuffers {
    /** What the system takes for a connection without its reader: less than half of Linux' default for {@code net.ipv4.tcp_wmem}'s limit. */
    static final int SMALL_BYTES = 128 * 1024;

    /** More that wait are refused at once: 64 streams and these leave a quarter of an agent's 128 requests to those that needn't wait. */
    static final int MAX_WAITING = 32;

    /** With 256 KiB each a MiB at once: docs/benchmarks.md. */
    private static final int MAX_BUFFERS_A_PIECE = 4;

    private final int bufferBytes;
    private final int maxBuffers;
    private final Semaphore permits;
    /** What bodies that aren't small may have of {@link #permits}. */
    private final Semaphore large;

    private final int maxLarge;
    /** Last in, first out, so that buffers still in the processor's cache are used again. */
    private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

    TransferBuffers(TransferConfig config) {
        bufferBytes = config.bufferBytes();
        maxBuffers = config.maxBuffers();
        permits = new Semaphore(maxBuffers, true);
        maxLarge = config.maxStreams();
        large = new Semaphore(maxLarge, true);
    }

    /** Waits for one buffer that a body of this size passes through; empty if there was none within the limit, or too many wait. */
    Optional<Lease> acquire(long bodyBytes, Duration limit) throws InterruptedException {
        return acquire(1, bodyBytes, limit);
    }

    /** Waits for as many buffers as hold these bytes; empty if they weren't free within the limit, or there aren't as many. */
    Optional<Lease> acquireFor(long sizeBytes, Duration limit) throws InterruptedException {
        long count = Math.max(1, (sizeBytes - 1) / bufferBytes + 1);
        return count <= maxBuffers ? acquire((int) count, sizeBytes, limit) : Optional.empty();
    }

    private Optional<Lease> acquire(int count, long bodyBytes, Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        int ofLarge = bodyBytes <= SMALL_BYTES ? 0 : count;
        if (ofLarge > maxLarge || (ofLarge > 0 && large.getQueueLength() >= MAX_WAITING)) {
            return Optional.empty();
        }
        // To take none of a fair semaphore waits as well, if somebody else does.
        if (ofLarge > 0 && !large.tryAcquire(ofLarge, limit.toNanos(), TimeUnit.NANOSECONDS)) {
            return Optional.empty();
        }
        boolean taken = false;
        try {
            taken = permits.tryAcquire(count, endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
            return taken ? Optional.of(take(count, ofLarge)) : Optional.empty();
        } finally {
            if (!taken) {
                large.release(ofLarge);
            }
        }
    }

    /** How many buffers are free. */
    int available() {
        return permits.availablePermits();
    }

    /** How many buffers are in use. */
    int inUse() {
        return maxBuffers - permits.availablePermits();
    }

    /** How many requests wait for buffers of bodies that aren't small. */
    int waiting() {
        return large.getQueueLength();
    }

    /** Whether one body may have several, since half of all stay free. */
    private boolean plenty(int count) {
        return large.getQueueLength() == 0 && large.availablePermits() - count >= maxBuffers / 2;
    }

    /** Whether those who have several should give them back. */
    private boolean scarce() {
        return large.getQueueLength() > 0 || large.availablePermits() < maxBuffers / 4;
    }

    private Lease take(int count, int ofLarge) {
        List<ByteBuffer> buffers = new ArrayList<>(count);
        try {
            while (buffers.size() < count) {
                ByteBuffer buffer = free.pollFirst();
                buffers.add(buffer == null ? ByteBuffer.allocateDirect(bufferBytes) : buffer);
            }
        } catch (OutOfMemoryError e) { // direct memory is set smaller than the configured buffers need
            buffers.forEach(free::addFirst);
            permits.release(count);
            large.release(ofLarge);
            throw e;
        }
        return new Lease(buffers, ofLarge);
    }

    private @Nullable Lease takeNow(int count) {
        if (!large.tryAcquire(count)) {
            return null;
        }
        if (!permits.tryAcquire(count)) {
            large.release(count);
            return null;
        }
        return take(count, count);
    }

    /** Buffers in use by one request. Closing twice is harmless. */
    final class Lease implements AutoCloseable {
        private final List<ByteBuffer> buffers;
        private final int ofLarge;
        private final AtomicBoolean open = new AtomicBoolean(true);
        private @Nullable Lease more;
        private Piece piece;
        private boolean filled;

        private Lease(List<ByteBuffer> buffers, int ofLarge) {
            this.buffers = buffers;
            this.ofLarge = ofLarge;
            piece = new Piece(buffers);
        }

        /**
         * The buffers for the next piece of a large body, whose last piece has been dealt with: several for one that fills its buffers,
         * as long as many are free. Used by one thread.
         */
        Piece piece() {
            if (more == null && filled && ofLarge == 1 && plenty(MAX_BUFFERS_A_PIECE - 1)) {
                more = takeNow(MAX_BUFFERS_A_PIECE - 1);
                if (more != null) {
                    List<ByteBuffer> all = new ArrayList<>(buffers);
                    all.addAll(more.buffers);
                    piece = new Piece(all);
                }
            } else if (more != null && scarce()) {
                giveBackMore();
                piece = new Piece(buffers);
            }
            return piece;
        }

        /** Says whether the source had enough to fill the last piece. */
        void filled(boolean full) {
            filled = full;
        }

        private void giveBackMore() {
            if (more != null) {
                more.close();
                more = null;
            }
        }

        ByteBuffer first() {
            return buffers.get(0);
        }

        List<ByteBuffer> all() {
            return buffers;
        }

        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                giveBackMore();
                buffers.forEach(free::addFirst);
                permits.release(buffers.size());
                large.release(ofLarge);
            }
        }
    }
}
