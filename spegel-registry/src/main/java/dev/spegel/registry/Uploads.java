package dev.spegel.registry;

import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/** What is being sent to other nodes, within the limits for that. Safe for use by many threads. */
final class Uploads {
    /** More that wait are refused at once: together with 48 streams that leaves a third of an agent's 128 requests to its own clients. */
    static final int MAX_WAITING = 32;

    private final UploadConfig config;
    private final UploadPace pace;
    /** Fair: who has waited longest is next. */
    private final Semaphore free;

    Uploads(UploadConfig config, LongSupplier nanoClock) {
        this.config = config;
        pace = new UploadPace(config.bytesPerSecond(), nanoClock);
        free = new Semaphore(config.maxStreams(), true);
    }

    /** Waits for a place, for as long as a request may; empty if there was none. The caller closes it. */
    Optional<Stream> begin() throws InterruptedException {
        return free.getQueueLength() < MAX_WAITING
                        && free.tryAcquire(config.queueLimit().toNanos(), TimeUnit.NANOSECONDS)
                ? Optional.of(new Stream())
                : Optional.empty();
    }

    /** Whether a stream would have to wait for its place. */
    boolean full() {
        return free.availablePermits() == 0;
    }

    /** How many streams are being sent. */
    int running() {
        return config.maxStreams() - free.availablePermits();
    }

    /** How many requests wait for a place. */
    int waiting() {
        return free.getQueueLength();
    }

    /** One body on its way to another node. Closing twice is harmless. */
    final class Stream implements Throttle, AutoCloseable {
        private final AtomicBoolean open = new AtomicBoolean(true);

        private Stream() {}

        @Override
        public int pieceBytes() {
            return pace.isLimited() ? UploadPace.PIECE_BYTES : Integer.MAX_VALUE;
        }

        @Override
        public void sent(long bytes) throws ClientGoneException {
            try {
                TimeUnit.NANOSECONDS.sleep(pace.sentNanos(bytes));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ClientGoneException(new InterruptedIOException("the server stops"));
            }
        }

        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                free.release();
            }
        }
    }
}
