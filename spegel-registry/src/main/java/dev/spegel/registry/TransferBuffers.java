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

/** The direct buffers that all bodies pass through. Few and large: the size of a system call decides the speed of this path. */
final class TransferBuffers {
    private final int bufferBytes;
    private final int maxBuffers;
    private final Semaphore permits;
    /** Last in, first out, so that buffers still in the processor's cache are used again. */
    private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

    TransferBuffers(TransferConfig config) {
        bufferBytes = config.bufferBytes();
        maxBuffers = config.maxBuffers();
        permits = new Semaphore(maxBuffers, true);
    }

    /** Waits for one buffer; empty if there was none within the limit. */
    Optional<Lease> acquire(Duration limit) throws InterruptedException {
        return acquireFor(1, limit);
    }

    /** Waits for as many buffers as hold these bytes; empty if they weren't free within the limit, or there aren't as many. */
    Optional<Lease> acquireFor(long sizeBytes, Duration limit) throws InterruptedException {
        long count = Math.max(1, (sizeBytes - 1) / bufferBytes + 1);
        return count <= maxBuffers && permits.tryAcquire((int) count, limit.toNanos(), TimeUnit.NANOSECONDS)
                ? Optional.of(take((int) count))
                : Optional.empty();
    }

    /** How many buffers are free. */
    int available() {
        return permits.availablePermits();
    }

    private Lease take(int count) {
        List<ByteBuffer> buffers = new ArrayList<>(count);
        try {
            while (buffers.size() < count) {
                ByteBuffer buffer = free.pollFirst();
                buffers.add(buffer == null ? ByteBuffer.allocateDirect(bufferBytes) : buffer);
            }
        } catch (OutOfMemoryError e) { // direct memory is set smaller than the configured buffers need
            buffers.forEach(free::addFirst);
            permits.release(count);
            throw e;
        }
        return new Lease(buffers);
    }

    /** Buffers in use by one request. Closing twice is harmless. */
    final class Lease implements AutoCloseable {
        private final List<ByteBuffer> buffers;
        private final AtomicBoolean open = new AtomicBoolean(true);

        private Lease(List<ByteBuffer> buffers) {
            this.buffers = buffers;
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
                buffers.forEach(free::addFirst);
                permits.release(buffers.size());
            }
        }
    }
}
