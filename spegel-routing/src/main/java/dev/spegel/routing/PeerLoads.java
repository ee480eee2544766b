package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;

/**
 * How many requests this node has in flight to each peer, and the choice of the peer that has the fewest. What other nodes ask
 * of a peer isn't known here.
 *
 * <p>Safe for use by many threads; nothing blocks. A peer is counted by its ID, and only while it is in use, so memory is bounded
 * by the requests in flight.
 */
public final class PeerLoads {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Integer> inFlight = new HashMap<>();
    private final IntUnaryOperator randomBelow;

    public PeerLoads() {
        this(bound -> ThreadLocalRandom.current().nextInt(bound));
    }

    /** @param randomBelow gives a number from 0 to its argument, which is excluded; decides ties */
    PeerLoads(IntUnaryOperator randomBelow) {
        this.randomBelow = requireNonNull(randomBelow, "randomBelow");
    }

    /** The peer with the fewest requests in flight, by chance among equals; empty if there are no candidates. */
    public Optional<Peer> leastUsed(Collection<Peer> candidates) {
        lock.lock();
        try {
            return choose(candidates);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Chooses like {@link #leastUsed} and counts the use in the same step, so that many threads that choose at once spread over
     * the candidates. Empty if there are none.
     */
    public Optional<Use> beginLeastUsed(Collection<Peer> candidates) {
        lock.lock();
        try {
            return choose(candidates).map(this::count);
        } finally {
            lock.unlock();
        }
    }

    /** Counts a request to this peer until the caller closes the result. */
    public Use begin(Peer peer) {
        requireNonNull(peer, "peer");
        lock.lock();
        try {
            return count(peer);
        } finally {
            lock.unlock();
        }
    }

    /** How many uses of this peer are open. */
    public int inFlight(Peer peer) {
        lock.lock();
        try {
            return inFlight.getOrDefault(peer.id(), 0);
        } finally {
            lock.unlock();
        }
    }

    /** How many peers have a use open. */
    public int peersInUse() {
        lock.lock();
        try {
            return inFlight.size();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Peer> choose(Collection<Peer> candidates) {
        List<Peer> best = new ArrayList<>();
        int fewest = Integer.MAX_VALUE;
        for (Peer candidate : candidates) {
            int uses = inFlight.getOrDefault(candidate.id(), 0);
            if (uses < fewest) {
                best.clear();
                fewest = uses;
            }
            if (uses == fewest) {
                best.add(candidate);
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best.get(randomBelow.applyAsInt(best.size())));
    }

    private Use count(Peer peer) {
        inFlight.merge(peer.id(), 1, Integer::sum);
        return new Use(peer);
    }

    private void end(Peer peer) {
        lock.lock();
        try {
            // Gone at zero, or every peer ever seen would stay.
            inFlight.computeIfPresent(peer.id(), (id, uses) -> uses == 1 ? null : uses - 1);
        } finally {
            lock.unlock();
        }
    }

    /** One request to a peer, in flight until it is closed. */
    public final class Use implements AutoCloseable {
        private final Peer peer;
        private final AtomicBoolean open = new AtomicBoolean(true);

        private Use(Peer peer) {
            this.peer = peer;
        }

        /** The peer in use. */
        public Peer peer() {
            return peer;
        }

        /** Closing twice is harmless. From any thread. */
        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                end(peer);
            }
        }

        @Override
        public String toString() {
            return "use of peer " + Quoted.of(peer.id());
        }
    }
}
