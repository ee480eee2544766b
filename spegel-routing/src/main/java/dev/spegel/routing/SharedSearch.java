package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The results of one search, which grow until it ends, and the lookups that read them.
 *
 * <p>Whoever searches adds peers; each lookup reads all of them from the first on, at its own pace. No lookup owns the search:
 * one that is closed or interrupted changes nothing for the others.
 */
final class SharedSearch {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<String> ids = new HashSet<>();
    private final List<Peer> found = new ArrayList<>();
    private final BooleanSupplier routerClosed;
    private boolean ended;

    /** @param routerClosed once true, lookups end even if they have unread results; {@link #end} then wakes those that wait */
    SharedSearch(BooleanSupplier routerClosed) {
        this.routerClosed = requireNonNull(routerClosed, "routerClosed");
    }

    /** Adds a peer, unless one with its ID is there already or the search has ended. */
    void add(Peer peer) {
        lock.lock();
        try {
            if (!ended && ids.add(peer.id())) {
                found.add(peer);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Says that nothing more will be found. Doing it twice is harmless. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many peers have been found so far. */
    int size() {
        lock.lock();
        try {
            return found.size();
        } finally {
            lock.unlock();
        }
    }

    /** A new lookup, which begins with the first result. */
    Lookup newLookup(int maxPeers) {
        return new Reader(maxPeers);
    }

    private final class Reader implements Lookup {
        private final int maxPeers;
        private int read;
        private boolean closed;

        private Reader(int maxPeers) {
            this.maxPeers = requireMaxPeers(maxPeers);
        }

        @Override
        public Next next(Duration limit) throws InterruptedException {
            long nanosLeft = TimeUnit.NANOSECONDS.convert(limit); // saturates, where Duration.toNanos throws
            lock.lockInterruptibly();
            try {
                while (true) {
                    if (closed || read == maxPeers || routerClosed.getAsBoolean()) {
                        return new Ended();
                    }
                    if (read < found.size()) {
                        return new Found(found.get(read++));
                    }
                    if (ended) {
                        return new Ended();
                    }
                    if (nanosLeft <= 0) {
                        return new TimedOut();
                    }
                    nanosLeft = changed.awaitNanos(nanosLeft);
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** @throws IllegalArgumentException if less than one peer is wanted */
    static int requireMaxPeers(int maxPeers) {
        if (maxPeers < 1) {
            throw new IllegalArgumentException("maxPeers must be positive, got " + maxPeers);
        }
        return maxPeers;
    }
}
