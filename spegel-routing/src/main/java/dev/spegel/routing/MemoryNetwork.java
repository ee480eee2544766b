package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * A network of nodes inside one process: each {@link #join} gives the router of one more node. For tests of whoever uses a
 * {@link Router}, and for several registries in one process.
 *
 * <p>Safe for use by many threads; nothing blocks. Holds what its members advertise, no more: expired entries go, and so do
 * all entries of a router that is closed.
 */
public final class MemoryNetwork {
    /** Longer than any process lives. */
    private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Peer> members = new LinkedHashMap<>();
    /** Who has a key, and when they last said so, in the order in which they first did. */
    private final Map<Key, Map<String, Long>> holders = new HashMap<>();

    private final Duration entryLifetime;
    private final LongSupplier nanoClock;
    private long sweptAtNanos;

    /** A network whose entries don't expire. */
    public MemoryNetwork() {
        this(FOR_EVER, System::nanoTime);
    }

    /**
     * @param entryLifetime how long after {@link Router#advertise} a key is still found
     * @param nanoClock like {@link System#nanoTime}
     */
    public MemoryNetwork(Duration entryLifetime, LongSupplier nanoClock) {
        if (entryLifetime.isNegative() || entryLifetime.isZero()) {
            throw new IllegalArgumentException("entryLifetime must be positive, got " + entryLifetime);
        }
        this.entryLifetime = entryLifetime;
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        this.sweptAtNanos = nanoClock.getAsLong();
    }

    /**
     * Adds a node. It leaves when its router is closed.
     *
     * @param self what other nodes find when they look for this one's content
     * @throws IllegalArgumentException if a member has this ID already
     */
    public MemoryRouter join(Peer self) {
        lock.lock();
        try {
            if (members.putIfAbsent(self.id(), self) != null) {
                throw new IllegalArgumentException(
                        "the network has a member %s already".formatted(Quoted.of(self.id())));
            }
            return new MemoryRouter(this, self);
        } finally {
            lock.unlock();
        }
    }

    /** Half of the lifetime, so that one repetition may be lost. */
    Duration advertisementInterval() {
        return entryLifetime.dividedBy(2);
    }

    List<Peer> membersOtherThan(Peer self) {
        lock.lock();
        try {
            return members.values().stream()
                    .filter(member -> !member.id().equals(self.id()))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** In random order, as in a real network nobody is always first. */
    List<Peer> holdersOtherThan(Peer self, Key key) {
        lock.lock();
        try {
            long now = nanoClock.getAsLong();
            List<Peer> found = new ArrayList<>();
            holders.getOrDefault(key, Map.of()).forEach((id, saidAtNanos) -> {
                Peer member = members.get(id);
                if (member != null && !id.equals(self.id()) && !isExpired(saidAtNanos, now)) {
                    found.add(member);
                }
            });
            Collections.shuffle(found);
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** @throws RoutingException if this node has left */
    void add(Peer self, Collection<Key> keys) throws RoutingException {
        lock.lock();
        try {
            if (!members.containsKey(self.id())) { // or what it adds would stay for ever
                throw new RoutingException("%s has left the network".formatted(Quoted.of(self.id())));
            }
            long now = nanoClock.getAsLong();
            sweepIfDue(now);
            for (Key key : keys) {
                holders.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(self.id(), now);
            }
        } finally {
            lock.unlock();
        }
    }

    void remove(Peer self, Collection<Key> keys) {
        lock.lock();
        try {
            for (Key key : keys) {
                holders.computeIfPresent(key, (k, byId) -> {
                    byId.remove(self.id());
                    return byId.isEmpty() ? null : byId;
                });
            }
        } finally {
            lock.unlock();
        }
    }

    void leave(Peer self) {
        lock.lock();
        try {
            if (members.remove(self.id()) != null) {
                holders.values().removeIf(byId -> {
                    byId.remove(self.id());
                    return byId.isEmpty();
                });
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many keys are held in memory, expired ones that no sweep has met included. */
    int keysHeld() {
        lock.lock();
        try {
            return holders.size();
        } finally {
            lock.unlock();
        }
    }

    /** Once a lifetime, so that its cost spreads over the advertisements made since. */
    private void sweepIfDue(long now) {
        if (isExpired(sweptAtNanos, now)) {
            sweptAtNanos = now;
            holders.values().removeIf(byId -> {
                byId.values().removeIf(saidAtNanos -> isExpired(saidAtNanos, now));
                return byId.isEmpty();
            });
        }
    }

    private boolean isExpired(long saidAtNanos, long now) {
        return now - saidAtNanos >= entryLifetime.toNanos(); // subtract first: nanoTime may wrap
    }
}
