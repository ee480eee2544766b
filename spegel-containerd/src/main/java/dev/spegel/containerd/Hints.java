package dev.spegel.containerd;

import dev.spegel.oci.Digest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.store.StoreException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the follower is to look at, as the event stream, the directory watch and the store's readers say. A set and no queue: however
 * often something changes, one look finds out what became of it. Past a bound it is simply everything. Safe for use by many threads;
 * one takes.
 */
final class Hints {
    private static final Logger log = LoggerFactory.getLogger(Hints.class);

    /** Some 100 images; above that one listing is cheaper than as many single looks. */
    static final int MAX_HINTS = 4_096;

    /** An image's blobs and names come a few ms apart; this makes one look of those that come together. */
    private static final long QUIET_NANOS = 5_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Set<String> names = new HashSet<>();
    private Set<Digest> digests = new HashSet<>();
    private boolean everything;
    private boolean garbage;
    private boolean closed;
    private int stream;
    private @Nullable StoreException streamEnd;
    private long lastHintNanos;

    /**
     * @param names of images
     * @param everything whether more changed than is listed here
     * @param garbage whether something was deleted, so that content may go without a word
     * @param streamEnd why no more events come, if that is so
     */
    record Taken(
            Set<String> names,
            Set<Digest> digests,
            boolean everything,
            boolean garbage,
            Optional<StoreException> streamEnd) {}

    /** A listener for a stream of events. What earlier ones have still to say of their end doesn't count any more. */
    EventSubscription.Listener listenAnew() {
        lock.lock();
        try {
            stream++;
            streamEnd = null;
            return new StreamListener(stream);
        } finally {
            lock.unlock();
        }
    }

    void content(Digest digest) {
        hint(() -> digests.add(digest));
    }

    void everything() {
        hint(() -> everything = true);
    }

    private void hint(Runnable change) {
        lock.lock();
        try {
            change.run();
            if (names.size() + digests.size() > MAX_HINTS) {
                everything = true;
                names.clear();
                digests.clear();
            }
            lastHintNanos = System.nanoTime();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for hints and takes all that are there; empty sets if the time is up.
     *
     * @param untilNanos when the time is up, by {@link System#nanoTime}
     * @param notBeforeNanos until when to gather hints once there are some
     */
    Taken await(long untilNanos, long notBeforeNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && streamEnd == null) {
                long now = System.nanoTime();
                long end = untilNanos;
                if (hasHints()) {
                    long ready = later(notBeforeNanos, lastHintNanos + QUIET_NANOS);
                    end = everything ? notBeforeNanos : ready;
                    end = end - untilNanos < 0 ? end : untilNanos;
                }
                if (end - now <= 0) {
                    break;
                }
                long unused = changed.awaitNanos(end - now);
            }
            Taken taken = new Taken(names, digests, everything, garbage, Optional.ofNullable(streamEnd));
            names = new HashSet<>();
            digests = new HashSet<>();
            everything = false;
            garbage = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasHints() {
        return everything || garbage || !names.isEmpty() || !digests.isEmpty();
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Wakes whoever waits, for good. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private final class StreamListener implements EventSubscription.Listener {
        private final int number;

        StreamListener(int number) {
            this.number = number;
        }

        @Override
        public void imageChanged(String name, boolean deleted) {
            hint(() -> {
                names.add(name);
                garbage |= deleted;
            });
        }

        @Override
        public void contentChanged(String digest) {
            try {
                content(Digest.parse(digest));
            } catch (OciSyntaxException e) {
                log.debug("containerd tells of content that can't be served: {}", e.getMessage());
            }
        }

        @Override
        public void ended(StoreException cause) {
            lock.lock();
            try {
                if (number == stream) {
                    streamEnd = cause;
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
