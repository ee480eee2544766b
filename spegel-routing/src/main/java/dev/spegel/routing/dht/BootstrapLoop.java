package dev.spegel.routing.dht;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.host.ConnectedPeer;
import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.HostListener;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.KadDht;
import dev.spegel.routing.Backoff;
import dev.spegel.routing.RoutingException;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import dev.spegel.routing.bootstrap.Bootstrapper;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for peers at the start, whenever this node has lost everybody, and now and then: a thread of its own that asks a
 * {@link Bootstrapper} and dials whom it names.
 *
 * <p>A node has lost everybody if it has no connection with a server of the DHT, or nobody in its routing table. Peers that go away
 * stay in the table for a while, since they may come back; their connections don't.
 */
final class BootstrapLoop implements HostListener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BootstrapLoop.class);

    /** How soon an emptied table is noticed; the Go implementation checks as often. A lost connection is noticed at once. */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(30);

    /** The thread obeys interruption wherever it waits. */
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<PeerId> servers = ConcurrentHashMap.newKeySet();
    private final KadDht dht;
    private final Bootstrapper bootstrapper;
    private final BootstrapDials dials;
    private final BootstrapTimes times;
    private final Backoff backoff;
    private final Thread thread;

    /** Guarded by the lock. */
    private boolean closed;

    /** Whether the log says that nobody is there. Of the thread. */
    private boolean told;

    /** Call {@link #start} once the host listens. */
    BootstrapLoop(
            Host host,
            KadDht dht,
            Bootstrapper bootstrapper,
            DhtRouterConfig config,
            RandomGenerator random,
            String threadName) {
        this.dht = requireNonNull(dht, "dht");
        this.bootstrapper = requireNonNull(bootstrapper, "bootstrapper");
        this.times = config.bootstrap();
        this.dials = new BootstrapDials(host, config.peerPort());
        this.backoff = new Backoff(times.firstBackoff(), times.longestBackoff(), random);
        this.thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void identified(ConnectedPeer peer) {
        if (peer.speaks(dht.protocol())) {
            servers.add(peer.id());
        } else {
            disconnected(peer.id());
        }
    }

    @Override
    public void disconnected(PeerId peer) {
        if (servers.remove(peer) && servers.isEmpty()) {
            wake();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean hasLostEverybody() {
        return servers.isEmpty() || dht.size() == 0;
    }

    private void run() {
        try {
            lookForPeers();
        } catch (InterruptedException e) {
            log.debug("{} ends", Thread.currentThread().getName());
        }
    }

    /**
     * Waits before a round, not after one, so that two rounds are never closer than the back-off wants, however often everybody
     * comes and goes. It begins anew only after a time without trouble.
     */
    private void lookForPeers() throws InterruptedException {
        long roundAtNanos = System.nanoTime() - times.interval().toNanos();
        long wellSinceNanos = System.nanoTime();
        Duration wait = Duration.ZERO;
        while (!isClosed()) {
            if (hasLostEverybody()) {
                pause(left(roundAtNanos, wait), true);
                if (!isClosed() && hasLostEverybody()) {
                    round();
                    roundAtNanos = System.nanoTime();
                    wait = backoff.next();
                }
                wellSinceNanos = System.nanoTime();
                continue;
            }
            if (told) {
                log.info("Met {} peers through {}", dht.size(), bootstrapper);
                told = false;
            }
            if (left(wellSinceNanos, times.longestBackoff()).isZero()) {
                backoff.reset();
                wait = Duration.ZERO;
            }
            Duration untilRound = left(roundAtNanos, times.interval());
            if (untilRound.isZero()) {
                round();
                roundAtNanos = System.nanoTime();
            } else {
                Duration rest = wait.isZero() ? CHECK_INTERVAL : left(wellSinceNanos, times.longestBackoff());
                pause(min(min(rest, untilRound), CHECK_INTERVAL), false);
            }
        }
    }

    private static Duration left(long sinceNanos, Duration limit) {
        return Duration.ofNanos(Math.max(0, limit.toNanos() - (System.nanoTime() - sinceNanos)));
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** @param whole whether to wait even if everybody is lost meanwhile */
    private void pause(Duration limit, boolean whole) throws InterruptedException {
        long left = limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (left > 0 && !closed && (whole || !hasLostEverybody())) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void round() throws InterruptedException {
        long startNanos = System.nanoTime();
        try {
            List<BootstrapPeer> named = bootstrapper.find(times.roundLimit());
            int met = dials.connect(named, left(startNanos, times.roundLimit()));
            if (met > 0) {
                dht.refresh();
            } else {
                tell(
                        named.isEmpty()
                                ? "it names nobody"
                                : "none of the %d that it names is another node that can be reached"
                                        .formatted(named.size()));
            }
        } catch (RoutingException e) {
            tell(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) { // by a bug here or in a bootstrapper; the next round may be luckier
            if (told) {
                log.debug("Looking for peers through {} fails still: {}", bootstrapper, e.toString());
            } else {
                log.error("Looking for peers through {} fails, trying on", bootstrapper, e);
                told = true;
            }
        }
    }

    private void tell(String why) {
        if (!hasLostEverybody()) {
            log.debug("Nobody new through {}: {}", bootstrapper, why);
        } else if (told) {
            log.debug("Still nobody met through {}: {}", bootstrapper, why);
        } else {
            log.warn("Nobody met through {}, trying on: {}", bootstrapper, why);
            told = true;
        }
    }

    /** Ends the thread, and waits for that. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
        try {
            thread.join(TimeUnit.NANOSECONDS.toMillis(END_LIMIT.toNanos()));
            if (thread.isAlive()) {
                log.warn("{} is still busy after {}", thread.getName(), END_LIMIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
