package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The results of one search, which grow until it ends, and the lookups that read them. Made by {@link SharedSearches}. Safe for
 * use by many threads; none of its own methods blocks.
 *
 * <p>Whoever searches adds peers; each lookup reads all of them from the first on, at its own pace. No lookup owns the search:
 * one that is closed or interrupted changes nothing for the others.
 */
public final class SharedSearch {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<String> ids = new HashSet<>();
    private final List<Peer> found = new ArrayList<>();
    private final BooleanSupplier routerClosed;
    private final Consumer<SharedSearch> ending;
    /** As many as the lookup wants that wants most. */
    private int wanted;

    private boolean ended;
    /** Whether there may be more than was found. */
    private boolean stopped;

    /**
     * A search that has found nothing yet.
     *
     * @param routerClosed once true, lookups end even if they have unread results; {@link #end} then wakes those that wait
     * @param ending told once, when the search ends; before lookups see it unless they have what they want
     */
    SharedSearch(BooleanSupplier routerClosed, Consumer<SharedSearch> ending) {
        this.routerClosed = requireNonNull(routerClosed, "routerClosed");
        this.ending = requireNonNull(ending, "ending");
    }

    /** Adds a peer, unless one with its ID is there already or the search has ended. */
    public void add(Peer peer) {
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
    public void end() {
        lock.lock();
        try {
            if (ended) {
                return;
            }
        } finally {
            lock.unlock();
        }
        ending.accept(this); // without the lock, as what it does takes another that is held when lookups are made
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the search if it has found as many peers as any lookup wants so far; whoever wants more then needs another search.
     *
     * @return whether the search has ended, now or before
     */
    public boolean endIfSatisfied() {
        lock.lock();
        try {
            if (ended) {
                return true;
            }
            if (found.size() < wanted) {
                return false;
            }
            ended = true;
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        ending.accept(this);
        return true;
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

    /** A new lookup, which begins with the first result; empty if the search was stopped before it found so many. */
    Optional<Lookup> newLookup(int maxPeers) {
        requireMaxPeers(maxPeers);
        lock.lock();
        try {
            if (stopped && found.size() < maxPeers) {
                return Optional.empty();
            }
            wanted = Math.max(wanted, maxPeers);
            return Optional.of(new Reader(maxPeers));
        } finally {
            lock.unlock();
        }
    }

    private final class Reader implements Lookup {
        private final int maxPeers;
        private int read;
        private boolean closed;

        private Reader(int maxPeers) {
            this.maxPeers = maxPeers;
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
