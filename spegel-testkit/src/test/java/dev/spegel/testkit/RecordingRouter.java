package dev.spegel.testkit;

import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.Router;
import dev.spegel.routing.RoutingException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A router of one node that notes what it is told, and fails or hangs when a test says so. */
final class RecordingRouter implements Router {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static final Peer OTHER =
            new Peer("other", List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());

    /** What the other node there is serves. */
    final Set<Key> servedElsewhere = ConcurrentHashMap.newKeySet();

    /** All that was looked up, in order. */
    final List<Key> lookups = new CopyOnWriteArrayList<>();

    final AtomicInteger closedLookups = new AtomicInteger();
    volatile boolean lonely;
    volatile boolean slow;

    /** A call that went well. */
    record Call(boolean advertised, List<Key> keys) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition called = lock.newCondition();
    private final List<Call> calls = new ArrayList<>();
    private final Set<Key> known = new HashSet<>();
    private final Duration interval;
    private int attempts;
    private int failures;
    private boolean hanging;

    RecordingRouter(Duration interval) {
        this.interval = interval;
    }

    /** The next calls fail, this many. */
    void failNext(int count) {
        lock.lock();
        try {
            failures = count;
        } finally {
            lock.unlock();
        }
    }

    /** Calls from now on don't return until their thread is interrupted. */
    void hang() {
        lock.lock();
        try {
            hanging = true;
        } finally {
            lock.unlock();
        }
    }

    List<Call> calls() {
        lock.lock();
        try {
            return List.copyOf(calls);
        } finally {
            lock.unlock();
        }
    }

    /** All keys that were advertised, in order, as often as they were. */
    List<Key> advertised() {
        return keys(true);
    }

    List<Key> withdrawn() {
        return keys(false);
    }

    private List<Key> keys(boolean advertised) {
        return calls().stream()
                .filter(call -> call.advertised() == advertised)
                .flatMap(call -> call.keys().stream())
                .toList();
    }

    Set<Key> known() {
        lock.lock();
        try {
            return Set.copyOf(known);
        } finally {
            lock.unlock();
        }
    }

    void awaitKnown(Set<Key> expected) throws InterruptedException {
        await("known: " + expected, () -> known.equals(expected));
    }

    void awaitKnown(Key expected) throws InterruptedException {
        await("known: " + expected, () -> known.contains(expected));
    }

    /** Waits for this many calls, failed and hanging ones included. */
    void awaitAttempts(int count) throws InterruptedException {
        await(count + " calls", () -> attempts >= count);
    }

    /** The condition is looked at after each call, under this router's lock. */
    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long left = LIMIT.toNanos();
        lock.lockInterruptibly();
        try {
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    throw new AssertionError("expected within %s: %s; calls: %s".formatted(LIMIT, what, calls));
                }
                left = called.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void advertise(Collection<Key> keys) throws RoutingException, InterruptedException {
        call(true, keys);
    }

    @Override
    public void withdraw(Collection<Key> keys) throws RoutingException, InterruptedException {
        call(false, keys);
    }

    private void call(boolean advertised, Collection<Key> keys) throws RoutingException, InterruptedException {
        lock.lockInterruptibly();
        try {
            attempts++;
            called.signalAll();
            if (hanging) {
                lock.unlock();
                try {
                    new CountDownLatch(1).await(LIMIT.toSeconds(), TimeUnit.SECONDS);
                } finally {
                    lock.lock();
                }
                throw new RoutingException("nobody interrupted this");
            }
            if (failures > 0) {
                failures--;
                throw new RoutingException("the network is down");
            }
            calls.add(new Call(advertised, List.copyOf(keys)));
            if (advertised) {
                known.addAll(keys);
            } else {
                keys.forEach(known::remove);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has a network. */
    @Override
    public boolean ready() {
        return !lonely;
    }

    /** Finds the one other node there is at once, or nobody; while it is slow, nothing until the lookup is closed. */
    @Override
    public Lookup lookup(Key key, int maxPeers) {
        lookups.add(key);
        return new Lookup() {
            private boolean over;

            @Override
            public Next next(Duration limit) {
                if (slow && !over) {
                    return new TimedOut();
                }
                boolean found = !over && servedElsewhere.contains(key);
                over = true;
                return found ? new Found(OTHER) : new Ended();
            }

            @Override
            public void close() {
                over = true;
                closedLookups.incrementAndGet();
            }
        };
    }

    @Override
    public Duration advertisementInterval() {
        return interval;
    }

    @Override
    public List<Peer> peers() {
        return List.of();
    }

    @Override
    public void close() {
        // Nothing to free.
    }
}
