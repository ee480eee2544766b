package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreEvent;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreWatch;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
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
 * manifest and config are in the store, and each layer is there too or another node serves it: containerd doesn't download a layer
 * that it has unpacked before. A tag whose content arrives later is advertised then; one whose content goes is withdrawn before
 * that. Content that no tag leads to counts as a blob here, whatever it is. Tags that the filter doesn't admit aren't advertised;
 * digests belong to no registry, and are. {@link #whyNot} tells what a tag lacks.
 *
 * <p><b>Platforms.</b> Of an index it is the manifest for this node's platform that has to be whole, the one that containerd
 * would choose. Where the store hasn't got that, or the index names none, any other that is there whole will do: an artifact has no
 * platform, and an image that was brought for another one is there for those who want it.
 *
 * <p><b>Layers elsewhere.</b> Whether another node serves a layer that this one lacks is looked up on the router, some at a time,
 * and again while the tag depends on it ({@link MissingLayerConfig}): when that node has gone the tag is withdrawn. No look-up is
 * made for an image that wouldn't be advertised anyway.
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

    /** Tags whose being held back is logged at once: bounds what a flood of them writes. */
    private static final int MAX_LOGGED_A_ROUND = 20;

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
    private final DocumentReader documents;
    private final LayerSearches searches;

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
                tag -> filter.admits(Optional.of(tag.registry()), tag.repository(), Optional.of(tag.tag())),
                config.missingLayers(),
                random);
        this.storeOutage = new Outage("The store", config, random, nanoClock);
        this.documents = new DocumentReader(
                content,
                lock,
                new ImageNeedsReader(store, config.platform()),
                new Outage("Reading manifests from the store", config, random, nanoClock),
                () -> closed);
        this.searches = new LayerSearches(content, lock, router, config.missingLayers(), nanoClock);
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
            searches.close();
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
        documents.retryNow();
    }

    private void follow(StoreWatch watch) throws StoreException, InterruptedException {
        long begin = nanoClock.getAsLong();
        while (!closed) {
            documents.readAll();
            searches.work();
            logHeldBack();
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
        Duration wait = shorter(announcer.untilNext(), searches.untilNext());
        if (documents.isRetrying()) {
            wait = shorter(wait, documents.untilRetry());
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

    private void logHeldBack() {
        List<HeldBackTag> some;
        lock.lock();
        try {
            some = content.newlyHeldBack(log.isDebugEnabled() ? MAX_LOGGED_A_ROUND : 0);
        } finally {
            lock.unlock();
        }
        some.forEach(held -> log.debug("Not advertised: {}", held));
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

    /** How much is advertised now, and how much isn't. Takes time in proportion to that: for metrics, not for each request. */
    public AdvertisedNumbers numbers() {
        lock.lock();
        try {
            return content.numbers();
        } finally {
            lock.unlock();
        }
    }

    /** The tags that the network was told of, sorted. Takes time in proportion to them. */
    public List<TagReference> advertisedTags() {
        lock.lock();
        try {
            return content.pullableTags.told().stream().sorted().toList();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the network was told of this tag. Cheap. */
    public boolean advertises(TagReference tag) {
        lock.lock();
        try {
            return content.pullableTags.told().contains(tag);
        } finally {
            lock.unlock();
        }
    }

    /** Those of these digests that the network was told of. Takes time in proportion to their number. */
    public Set<Digest> advertised(Collection<Digest> digests) {
        lock.lock();
        try {
            return digests.stream()
                    .filter(digest -> content.blobs.told().contains(digest)
                            || content.manifests.told().contains(digest))
                    .collect(Collectors.toUnmodifiableSet());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Why this node doesn't advertise a tag; empty if it does, or if the store has no such tag. Of one that the filter leaves out
     * nothing else is known, not even whether it is there. Cheap.
     */
    public Optional<HeldBackTag> whyNot(TagReference tag) {
        lock.lock();
        try {
            return content.whyNot(tag);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The store's tags that aren't advertised, in no order; not those that the filter leaves out. Takes time in proportion to all
     * tags.
     *
     * @param max how many to return at most
     */
    public List<HeldBackTag> heldBack(int max) {
        lock.lock();
        try {
            return content.heldBack(max);
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
