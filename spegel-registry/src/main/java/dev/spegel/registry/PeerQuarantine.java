package dev.spegel.registry;

import dev.spegel.routing.Peer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** The peers that sent wrong bytes, which aren't asked for a while. Safe for use by many threads. */
final class PeerQuarantine {
    /** More liars than a cluster should have; beyond them the eldest is let out early. */
    static final int MAX_PEERS = 1000;

    private final Duration term;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    /** Peer IDs in the order of their ends, since all terms are equal. */
    private final Map<String, Long> endNanos = new LinkedHashMap<>();

    PeerQuarantine(Duration term, LongSupplier nanoClock) {
        this.term = term;
        this.nanoClock = nanoClock;
    }

    void add(Peer peer) {
        lock.lock();
        try {
            endNanos.remove(peer.id()); // or it would keep its old place
            endNanos.put(peer.id(), nanoClock.getAsLong() + term.toNanos());
            if (endNanos.size() > MAX_PEERS) {
                endNanos.remove(endNanos.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    boolean contains(Peer peer) {
        lock.lock();
        try {
            dropEnded();
            return endNanos.containsKey(peer.id());
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            dropEnded();
            return endNanos.size();
        } finally {
            lock.unlock();
        }
    }

    private void dropEnded() {
        long nowNanos = nanoClock.getAsLong();
        endNanos.values().removeIf(end -> end - nowNanos <= 0);
    }
}
