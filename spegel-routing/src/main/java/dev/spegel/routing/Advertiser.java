package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreEvent;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a store holds advertised on a router: the digests of all its content, and those of its tags that this node can serve
 * whole.
 *
 * <p>The caller hands it a thread of its own, as a {@link Runnable}, and ends it with {@link #close}:
 *
 * <pre>{@code
 * Advertiser advertiser = new Advertiser(store, router, filter, AdvertiserConfig.DEFAULTS, System::nanoTime);
 * new Thread(advertiser, "advertiser").start();
 * }</pre>
 *
 * <p><b>Order.</b> Blobs, then manifests and indexes, then tags; withdrawn in reverse. A node that resolves a tag and then lacks
 * the digest makes containerd try again for ever instead of going to the real registry. So a tag is advertised only while its
 * manifest is in the store with its config and all layers, or its index with at least one manifest for which that holds (a node
 * pulls its own platform only). A tag whose content arrives later is advertised then; one whose content goes is withdrawn before
 * that. Content that no tag leads to counts as a blob here, whatever it is. Tags that the filter doesn't admit aren't advertised;
 * digests belong to no registry, and are.
 *
 * <p><b>Failures.</b> A store that fails is watched anew, after a back-off, and what it holds then is compared with what the network
 * was told; meanwhile nothing is repeated, so that what can't be served expires. A router that fails is tried again with the same
 * keys, after a back-off. A document that can't be read is tried again too, and holds up nothing but its own tags. None of this
 * ever gives up, and each outage is one line in the log when it begins and one when it ends.
 */
public final class Advertiser implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Advertiser.class);

    /** Events applied before the network hears of any: bounds how long a flood of them can hold that up. */
    private static final int MAX_EVENTS_A_ROUND = 10_000;

    /** How much longer than its withdrawal limit {@link #close} waits for a router to obey the interruption. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final ContentStore store;
    private final AdvertiserConfig config;
    private final LongSupplier nanoClock;

    /** Guards the content's state, which the running thread changes and {@link #numbers} reads; not held over I/O. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Advertisable content;
    private final Announcer announcer;
    private final Outage storeOutage;
    private final Outage documentOutage;
    /** Documents that couldn't be read. For the running thread. */
    private final Set<Digest> failing = new HashSet<>();

    private final CountDownLatch finished = new CountDownLatch(1);
    private @Nullable Thread runner;
    private boolean started;
    private volatile boolean closed;

    /**
     * @param store stays the caller's, who closes it later
     * @param router stays the caller's, who closes it later
     * @param filter which tags to advertise
     * @param nanoClock like {@link System#nanoTime}
     */
    public Advertiser(
            ContentStore store, Router router, RegistryFilter filter, AdvertiserConfig config, LongSupplier nanoClock) {
        this.store = requireNonNull(store, "store");
        this.config = requireNonNull(config, "config");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        requireNonNull(filter, "filter");
        RandomGenerator random = RandomGenerator.getDefault();
        this.content = new Advertisable(
                tag -> filter.admits(Optional.of(tag.registry()), tag.repository(), Optional.of(tag.tag())));
        this.storeOutage = new Outage("The store", config, random, nanoClock);
        this.documentOutage = new Outage("Reading manifests from the store", config, random, nanoClock);
        this.announcer = new Announcer(
                content, lock, router, config, new Outage("The router", config, random, nanoClock), nanoClock);
    }

    /**
     * Works until {@link #close}, then withdraws everything. If the thread is interrupted by somebody else it stops at once, with
     * nothing withdrawn and the thread's interrupt flag set. Runs once.
     */
    @Override
    public void run() {
        lock.lock();
        try {
            if (started) {
                throw new IllegalStateException("an advertiser runs once");
            }
            started = true;
            if (closed) {
                return;
            }
            runner = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        boolean interruptedByOthers = false;
        try {
            interruptedByOthers = !workUntilClosed();
            if (!interruptedByOthers) {
                withdrawAll();
            }
        } finally {
            lock.lock();
            try {
                runner = null; // from here on the thread isn't ours to interrupt
                Thread.interrupted(); // nor does anybody else need to see that it was
            } finally {
                lock.unlock();
            }
            if (interruptedByOthers) {
                Thread.currentThread().interrupt();
            }
            finished.countDown();
        }
    }

    /** Returns false if it was interrupted by somebody other than {@link #close}. */
    private boolean workUntilClosed() {
        try {
            while (!closed) {
                try (StoreWatch watch = store.watch()) {
                    reconcile(watch);
                    follow(watch);
                } catch (StoreException | RuntimeException e) {
                    if (!closed) { // closing interrupts the store's I/O too
                        storeOutage.failed(e);
                        TimeUnit.NANOSECONDS.sleep(storeOutage.untilRetry().toNanos());
                    }
                }
            }
            return true;
        } catch (InterruptedException e) {
            return closed;
        }
    }

    private void reconcile(StoreWatch watch) {
        lock.lock();
        try {
            content.reconcile(watch.snapshot());
        } finally {
            lock.unlock();
        }
        documentOutage.retryNow();
    }

    private void follow(StoreWatch watch) throws StoreException, InterruptedException {
        long begin = nanoClock.getAsLong();
        while (!closed) {
            readDocuments();
            boolean more = announcer.sendNext();
            Optional<StoreEvent> event = watch.next(more ? Duration.ZERO : untilNextDeed(begin));
            if (event.isPresent()) {
                apply(event.get());
                gather(watch, more ? Duration.ZERO : config.coalescing());
            }
            if (untilSteady(begin).isZero()) {
                storeOutage.over();
            }
        }
    }

    /** A store that works for less long than it was waited for is still in the same outage, or it would be hammered. */
    private Duration untilSteady(long begin) {
        Duration left = storeOutage.lastWait().minusNanos(nanoClock.getAsLong() - begin);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Applies what else happens until the limit has passed. */
    private void gather(StoreWatch watch, Duration limit) throws StoreException, InterruptedException {
        long start = nanoClock.getAsLong();
        for (int applied = 0; applied < MAX_EVENTS_A_ROUND; applied++) {
            Duration left = limit.minusNanos(nanoClock.getAsLong() - start);
            Optional<StoreEvent> event = watch.next(left.isNegative() ? Duration.ZERO : left);
            if (event.isEmpty()) {
                return;
            }
            apply(event.get());
        }
    }

    private Duration untilNextDeed(long begin) {
        Duration wait = announcer.untilNext();
        if (documentOutage.isOn()) {
            wait = shorter(wait, documentOutage.untilRetry());
        }
        if (storeOutage.isOn()) {
            wait = shorter(wait, untilSteady(begin));
        }
        return wait;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void apply(StoreEvent event) {
        lock.lock();
        try {
            if (event instanceof StoreEvent.ContentAdded added) {
                content.addContent(added.digest());
            } else if (event instanceof StoreEvent.ContentRemoved removed) {
                content.removeContent(removed.digest());
            } else if (event instanceof StoreEvent.TagAdded added) {
                content.addTag(added.tag(), added.digest());
            } else if (event instanceof StoreEvent.TagRemoved removed) {
                content.removeTag(removed.tag());
            } else {
                throw new AssertionError("an event that this class doesn't know: " + event);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Reads what tags lead to, documents that the ones just read lead to included. Those that fail wait for their retry. */
    private void readDocuments() {
        if (documentOutage.untilRetry().isZero()) {
            failing.clear();
        }
        boolean progress = true;
        while (progress && !closed) {
            progress = false;
            for (Digest digest : unread()) {
                if (!failing.contains(digest)) {
                    progress |= readDocument(digest);
                }
            }
        }
        if (failing.isEmpty()) {
            documentOutage.over();
        }
    }

    private boolean readDocument(Digest digest) {
        Optional<ImageNeeds> needs;
        try {
            needs = ImageNeeds.read(store, digest);
        } catch (IOException | RuntimeException e) {
            if (!closed) { // closing interrupts the store's I/O too
                // One that fails while others wait for their retry is tried again with them.
                if (documentOutage.untilRetry().isZero()) {
                    documentOutage.failed(e);
                }
                failing.add(digest);
            }
            return false;
        }
        if (needs.isEmpty()) {
            // The event that says so is on its way, or else the store will have it again.
            log.debug("{} is in the store no longer", digest);
            if (documentOutage.untilRetry().isZero()) {
                documentOutage.postponed();
            }
            failing.add(digest);
            return false;
        }
        lock.lock();
        try {
            content.read(digest, needs.get());
        } finally {
            lock.unlock();
        }
        return true;
    }

    private List<Digest> unread() {
        lock.lock();
        try {
            return content.unread();
        } finally {
            lock.unlock();
        }
    }

    private void withdrawAll() {
        lock.lock();
        try {
            Thread.interrupted(); // close() sets it under the lock, to wake this thread: it has
        } finally {
            lock.unlock();
        }
        try {
            announcer.withdrawAll();
        } catch (InterruptedException e) {
            log.info(
                    "Some content stays advertised until it expires: withdrawing it took longer than {}",
                    config.withdrawalLimit());
        } catch (RoutingException | RuntimeException e) {
            log.info("Some content stays advertised until it expires: {}", e.toString());
        }
    }

    /** How much is advertised now. Takes time in proportion to that: for metrics, not for each request. */
    public AdvertisedNumbers numbers() {
        lock.lock();
        try {
            return content.numbers();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Withdraws everything and ends {@link #run}. Waits for that, at most {@link AdvertiserConfig#withdrawalLimit} and a second.
     * Closing twice is harmless; so is closing one that has never run.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            boolean first = !closed;
            closed = true;
            if (runner == null) {
                return;
            }
            if (first) {
                runner.interrupt();
            }
        } finally {
            lock.unlock();
        }
        try {
            if (!finished.await(config.withdrawalLimit().toNanos(), TimeUnit.NANOSECONDS)) {
                interruptRunner();
                if (!finished.await(GRACE.toNanos(), TimeUnit.NANOSECONDS)) {
                    log.warn("The router doesn't obey an interruption; its thread is left running");
                }
            }
        } catch (InterruptedException e) {
            interruptRunner();
            Thread.currentThread().interrupt();
        }
    }

    private void interruptRunner() {
        lock.lock();
        try {
            if (runner != null) {
                runner.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
