package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a store holds, and the watches that follow it: the part of {@link ContentStore#watch} that every store needs. The store
 * tells it each new state; it works out the events.
 *
 * <p>A watch begins under the same lock that changes the state, so that nothing falls between its snapshot and its first event.
 * The events of one update come in this order: content added, then tags (one that moved is removed and at once added again),
 * then content removed. So a tag never names content that is yet to be announced, or already gone, unless the store itself says
 * so.
 *
 * <p>Each watch has a bounded queue. A reader that falls further behind than that loses its watch with a
 * {@link StoreException} and starts again from a snapshot, which is also the shorter way to catch up.
 *
 * <p>Safe for use by many threads. Nothing here blocks but {@link StoreWatch#next}.
 */
public final class WatchedContents implements AutoCloseable {
    /**
     * Events that a watch holds for its reader. An image of 30 layers is some 35 events, so this is a burst of over 400 images;
     * full, a queue takes about half a MiB (an event and a slot, 32 bytes; digests are shared with the state).
     */
    public static final int DEFAULT_MAX_QUEUED_EVENTS = 16_384;

    private final ReentrantLock lock = new ReentrantLock();
    private final int maxQueuedEvents;
    private final Set<Watch> watches = new HashSet<>();
    private StoreSnapshot current;
    private boolean closed;

    /** With {@link #DEFAULT_MAX_QUEUED_EVENTS} for each watch. */
    public WatchedContents(StoreSnapshot initial) {
        this(initial, DEFAULT_MAX_QUEUED_EVENTS);
    }

    /** @throws IllegalArgumentException if {@code maxQueuedEvents} isn't positive */
    public WatchedContents(StoreSnapshot initial, int maxQueuedEvents) {
        this.current = requireNonNull(initial, "initial");
        if (maxQueuedEvents < 1) {
            throw new IllegalArgumentException("maxQueuedEvents must be positive, got " + maxQueuedEvents);
        }
        this.maxQueuedEvents = maxQueuedEvents;
    }

    /** The state that was set last, also once this is closed. */
    public StoreSnapshot current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** Replaces the state and tells the watches what changed. Once this is closed, does nothing. */
    public void update(StoreSnapshot next) {
        requireNonNull(next, "next");
        update(before -> next);
    }

    /** Computes the next state from the one that is current, with no other update between. {@code step} must not block. */
    public void update(UnaryOperator<StoreSnapshot> step) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            StoreSnapshot next = requireNonNull(step.apply(current), "next");
            List<StoreEvent> changes = changes(current, next);
            current = next;
            watches.removeIf(watch -> !watch.offer(changes));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins a watch at the current state.
     *
     * @throws StoreException once this is closed
     */
    public StoreWatch watch() throws StoreException {
        lock.lock();
        try {
            if (closed) {
                throw new StoreException("the store is closed");
            }
            Watch watch = new Watch(current);
            watches.add(watch);
            return watch;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the watches that are open, since changes may have been missed: the store lost its source for a while. The state stays,
     * and new watches may begin.
     */
    public void interrupt(String reason, Throwable cause) {
        requireNonNull(reason, "reason");
        requireNonNull(cause, "cause");
        lock.lock();
        try {
            endWatches(reason, cause);
        } finally {
            lock.unlock();
        }
    }

    /** Ends all watches, for good. Closing twice is harmless. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            endWatches("the store is closed", null);
        } finally {
            lock.unlock();
        }
    }

    private void endWatches(String reason, @Nullable Throwable cause) {
        watches.forEach(watch -> watch.end(reason, cause));
        watches.clear();
    }

    private static List<StoreEvent> changes(StoreSnapshot before, StoreSnapshot after) {
        List<StoreEvent> changes = new ArrayList<>();
        // A store that keeps a part of its state as it was hands over the same set; then there is nothing to go
        // through.
        boolean sameContent = before.content() == after.content();
        for (Digest digest : sameContent ? Set.<Digest>of() : after.content()) {
            if (!before.content().contains(digest)) {
                changes.add(new StoreEvent.ContentAdded(digest));
            }
        }
        Map<TagReference, Digest> added = new HashMap<>(after.tags());
        before.tags().forEach((tag, old) -> {
            Digest now = added.remove(tag);
            if (!old.equals(now)) {
                changes.add(new StoreEvent.TagRemoved(tag, old));
                if (now != null) {
                    changes.add(new StoreEvent.TagAdded(tag, now));
                }
            }
        });
        added.forEach((tag, digest) -> changes.add(new StoreEvent.TagAdded(tag, digest)));
        for (Digest digest : sameContent ? Set.<Digest>of() : before.content()) {
            if (!after.content().contains(digest)) {
                changes.add(new StoreEvent.ContentRemoved(digest));
            }
        }
        return changes;
    }

    /** All state under the lock of the contents. */
    private final class Watch implements StoreWatch {
        private final StoreSnapshot snapshot;
        private final ArrayDeque<StoreEvent> queue = new ArrayDeque<>();
        private final Condition changed = lock.newCondition();
        private @Nullable String endReason;
        private @Nullable Throwable endCause;

        Watch(StoreSnapshot snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public StoreSnapshot snapshot() {
            return snapshot;
        }

        @Override
        public Optional<StoreEvent> next(Duration limit) throws StoreException, InterruptedException {
            long left = TimeUnit.NANOSECONDS.convert(limit); // saturates, where Duration.toNanos throws
            lock.lockInterruptibly();
            try {
                while (true) {
                    if (endReason != null) {
                        throw endCause == null
                                ? new StoreException(endReason)
                                : new StoreException(endReason, endCause);
                    }
                    StoreEvent event = queue.poll();
                    if (event != null) {
                        return Optional.of(event);
                    }
                    if (left <= 0) {
                        return Optional.empty();
                    }
                    left = changed.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                watches.remove(this);
                end("the watch is closed", null);
            } finally {
                lock.unlock();
            }
        }

        /** Returns false, having ended the watch, if that is more than the queue holds. */
        boolean offer(List<StoreEvent> events) {
            if (events.size() > maxQueuedEvents - queue.size()) {
                end("the reader of this watch is more than %d events behind".formatted(maxQueuedEvents), null);
                return false;
            }
            queue.addAll(events);
            changed.signalAll();
            return true;
        }

        /** The first reason stays: it is the one that explains the others. */
        void end(String reason, @Nullable Throwable cause) {
            if (endReason == null) {
                endReason = reason;
                endCause = cause;
            }
            queue.clear();
            changed.signalAll();
        }
    }
}
