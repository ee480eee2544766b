package dev.spegel.registry;

import dev.spegel.routing.Peer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The peers that sent wrong bytes, which for a while are asked only if nobody else is left. The term grows each time, until the peer
 * has sent something whole and right. Safe for use by many threads.
 */
final class PeerQuarantine {
    /** More liars than a cluster should have; beyond them the one that has behaved for longest is forgotten. */
    static final int MAX_PEERS = 1000;

    private final QuarantineTerms lengths;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    /** By peer ID, in the order in which they last lied. Stays after the term, for the next one. */
    private final Map<String, Term> terms = new LinkedHashMap<>();

    private record Term(Duration length, long sinceNanos) {
        Duration left(long nowNanos) {
            return length.minusNanos(nowNanos - sinceNanos);
        }
    }

    PeerQuarantine(QuarantineTerms lengths, LongSupplier nanoClock) {
        this.lengths = lengths;
        this.nanoClock = nanoClock;
    }

    /**
     * Begins a term.
     *
     * @param askedNanos when the peer was asked for what turned out wrong. If that was before it was found to lie, this is the same
     *     incident: three layers fetched at a time from a broken disk count once
     * @return whether this is a new incident
     */
    boolean add(Peer peer, long askedNanos) {
        lock.lock();
        try {
            Term last = terms.get(peer.id());
            if (last != null && askedNanos - last.sinceNanos() < 0) {
                return false;
            }
            terms.remove(peer.id()); // or it would keep its old place
            terms.put(
                    peer.id(),
                    new Term(last == null ? lengths.first() : lengths.after(last.length()), nanoClock.getAsLong()));
            if (terms.size() > MAX_PEERS) {
                terms.remove(terms.keySet().iterator().next());
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets all: the peer has sent something whole that has the digest. */
    void honest(Peer peer) {
        lock.lock();
        try {
            terms.remove(peer.id());
        } finally {
            lock.unlock();
        }
    }

    boolean contains(Peer peer) {
        lock.lock();
        try {
            Term term = terms.get(peer.id());
            return term != null && isRunning(term, nanoClock.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    /** Who is in quarantine, by peer ID, and for how much longer. */
    Map<String, Duration> current() {
        lock.lock();
        try {
            long nowNanos = nanoClock.getAsLong();
            Map<String, Duration> current = new HashMap<>();
            terms.forEach((id, term) -> {
                if (isRunning(term, nowNanos)) {
                    current.put(id, term.left(nowNanos));
                }
            });
            return current;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        return current().size();
    }

    private static boolean isRunning(Term term, long nowNanos) {
        Duration left = term.left(nowNanos);
        return !left.isNegative() && !left.isZero();
    }
}
