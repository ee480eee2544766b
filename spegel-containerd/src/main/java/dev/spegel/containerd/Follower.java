package dev.spegel.containerd;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.WatchedContents;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a containerd for as long as the store is open, through all its restarts.
 *
 * <p>Outline. Connect: subscribe to events, then look at everything, so that nothing falls between. Then wait for hints (events,
 * files that come and go, readers that miss something) and look at what they name; what such a look finds is the truth, whatever the
 * hint said. Everything is looked at again after the connection was made, after deletions, and now and then: no event tells of
 * garbage that was collected. A file that containerd doesn't know of yet (it commits to its database after it renames the file), or
 * that belongs to another namespace, is looked at again a few times, at growing intervals. If the connection breaks, what was known
 * stays, files that go are noticed, and the next connection begins with a look at everything; watches see the difference and no more.
 */
final class Follower implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Follower.class);

    /** containerd takes some seconds to start, and a look at a socket that isn't there costs nothing. */
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);

    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    /** A connection that lasts for less is still part of the trouble. */
    private static final Duration STEADY = Duration.ofSeconds(10);

    /** Garbage is collected at once, or after a pause that is short unless somebody configured another. */
    private static final List<Duration> LOOKS_AFTER_CHANGE =
            List.of(Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(10));

    /** A commit to containerd's database takes some ms, or seconds on a disk that is busy with layers: 10 ms, doubled nine times. */
    private static final int MAX_RETRIES = 10;

    private static final Duration FIRST_RETRY = Duration.ofMillis(10);

    /** Files of other namespaces are among them, as many as somebody pulls there at once. */
    private static final int MAX_WAITING = 4_096;

    /** Shares of the time that looking may take: an update a quarter, a look at everything a sixth. */
    private static final int PAUSE_AFTER_UPDATE = 3;

    private static final int PAUSE_AFTER_LOOK = 5;
    private static final long LONGEST_UPDATE_PAUSE_NANOS =
            Duration.ofMillis(250).toNanos();
    private static final long SHORTEST_LOOK_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private final ContainerdConfig config;
    private final ContainerdClient client;
    private final Hints hints;
    private final Inventory inventory;
    private final Holdings holdings;
    private final WatchedContents contents;
    private final Map<Digest, Retry> waiting = new LinkedHashMap<>();
    private List<String> toldProblems = List.of();
    private int looksSinceChange;
    private long nextLookNanos;
    private long lookAllowedNanos;
    private long updateAllowedNanos;
    private volatile boolean ready;
    private volatile boolean connected;
    private final AtomicLong connections = new AtomicLong();
    private volatile Optional<String> version = Optional.empty();
    private volatile Optional<StoreException> failure = Optional.empty();

    private record Retry(int number, long atNanos) {}

    Follower(
            ContainerdConfig config,
            ContainerdClient client,
            Hints hints,
            Inventory inventory,
            Holdings holdings,
            WatchedContents contents) {
        this.config = config;
        this.client = client;
        this.hints = hints;
        this.inventory = inventory;
        this.holdings = holdings;
        this.contents = contents;
    }

    /** Whether everything was looked at once. */
    boolean isReady() {
        return ready;
    }

    boolean isConnected() {
        return connected;
    }

    long connections() {
        return connections.get();
    }

    Optional<String> version() {
        return version;
    }

    /** Why it isn't connected; empty if it is, or was never tried. */
    Optional<StoreException> failure() {
        return failure;
    }

    /** Works until the hints are closed. If the thread is interrupted, returns with its flag set. */
    @Override
    public void run() {
        Duration backoff = FIRST_BACKOFF;
        try {
            while (!hints.isClosed()) {
                long begin = System.nanoTime();
                try {
                    follow();
                } catch (StoreException | RuntimeException e) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    lost(e);
                }
                backoff = System.nanoTime() - begin > STEADY.toNanos() ? FIRST_BACKOFF : backoff;
                waitDisconnected(backoff);
                backoff = backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) < 0
                        ? backoff.multipliedBy(2)
                        : LONGEST_BACKOFF;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connected = false;
        }
    }

    private void lost(Exception cause) {
        if (hints.isClosed()) {
            return;
        }
        StoreException reason = cause instanceof StoreException known
                ? known
                : new StoreException("following containerd failed", cause);
        boolean first = failure.isEmpty();
        connected = false;
        failure = Optional.of(reason);
        if (cause instanceof RuntimeException) {
            log.error("Following containerd failed, by a bug here or there; trying again until it works", cause);
        } else if (first) {
            log.warn("{}; what is known stays, trying again until it works", reason.getMessage());
        } else {
            log.debug("Still no containerd: {}", reason.getMessage());
        }
    }

    private void follow() throws StoreException, InterruptedException {
        client.reconnectNow();
        EventSubscription events = client.subscribe(hints.listenAnew());
        try {
            version = Optional.of(client.version());
            looksSinceChange = 0;
            lookAtAll();
            connectionMade();
            while (!hints.isClosed()) {
                Hints.Taken taken = hints.await(nextDeedNanos(), updateAllowedNanos);
                if (taken.streamEnd().isPresent()) {
                    throw taken.streamEnd().get();
                }
                if (!hints.isClosed()) {
                    update(taken);
                }
            }
        } finally {
            events.close();
        }
    }

    private void connectionMade() {
        connections.incrementAndGet();
        connected = true;
        ready = true;
        failure = Optional.empty();
        log.info(
                "Following containerd {} at {}, namespace {}: {} images, {} contents, read from {}",
                version.orElse("?"),
                config.socket(),
                config.namespace(),
                holdings.imageCount(),
                holdings.contentCount(),
                inventory.readsFiles().map(Object::toString).orElse("the socket"));
    }

    private void tellProblems() {
        List<String> problems = inventory.problems();
        for (String problem : problems) {
            if (!toldProblems.contains(problem)) {
                log.warn("containerd at {}: {}", config.socket(), problem);
            }
        }
        toldProblems = problems;
    }

    private void update(Hints.Taken taken) throws StoreException {
        long start = System.nanoTime();
        if (taken.garbage() || taken.everything()) {
            looksSinceChange = 0;
            nextLookNanos = earlier(nextLookNanos, start + (taken.everything() ? 0 : lookDelayNanos()));
        }
        if (start - laterLook() >= 0) {
            lookAtAll();
        }
        inventory.lookAtImages(taken.names());
        Set<Digest> digests = new HashSet<>(taken.digests());
        digests.addAll(dueRetries(start));
        Set<String> doubtful = new HashSet<>();
        for (Digest digest : digests) {
            boolean there = holdings.has(digest);
            if (inventory.lookAt(digest)) {
                waiting.remove(digest);
            } else {
                retry(digest);
                if (there) {
                    doubtful.addAll(holdings.namesOf(digest));
                }
            }
        }
        // An image's deletion may be heard of later than that its content is gone; the tag is to go first.
        inventory.lookAtImages(doubtful);
        publish();
        if (inventory.isDoubtful()) {
            nextLookNanos = System.nanoTime();
        }
        long end = System.nanoTime();
        updateAllowedNanos = end + Math.min(LONGEST_UPDATE_PAUSE_NANOS, PAUSE_AFTER_UPDATE * (end - start));
    }

    private void lookAtAll() throws StoreException {
        long start = System.nanoTime();
        inventory.lookAtAll();
        publish();
        tellProblems();
        long end = System.nanoTime();
        log.debug("Looked at everything in {} ms", TimeUnit.NANOSECONDS.toMillis(end - start));
        lookAllowedNanos = end + Math.max(SHORTEST_LOOK_PAUSE_NANOS, PAUSE_AFTER_LOOK * (end - start));
        nextLookNanos = end + lookDelayNanos();
        looksSinceChange++;
    }

    private long lookDelayNanos() {
        Duration delay = looksSinceChange < LOOKS_AFTER_CHANGE.size()
                ? LOOKS_AFTER_CHANGE.get(looksSinceChange)
                : config.relistInterval();
        return (delay.compareTo(config.relistInterval()) < 0 ? delay : config.relistInterval()).toNanos();
    }

    private long laterLook() {
        return nextLookNanos - lookAllowedNanos > 0 ? nextLookNanos : lookAllowedNanos;
    }

    private long nextDeedNanos() {
        long next = laterLook();
        for (Retry retry : waiting.values()) {
            next = earlier(next, retry.atNanos());
        }
        return next;
    }

    private static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }

    /** Looks at it again later, if there is a file for which containerd may account yet. */
    private void retry(Digest digest) throws StoreException {
        Retry last = waiting.remove(digest);
        int number = last == null ? 0 : last.number() + 1;
        if (number < MAX_RETRIES && waiting.size() < MAX_WAITING && inventory.isOnDisk(digest)) {
            waiting.put(digest, new Retry(number, System.nanoTime() + (FIRST_RETRY.toNanos() << number)));
        }
    }

    private Set<Digest> dueRetries(long nowNanos) {
        Set<Digest> due = new HashSet<>();
        for (Map.Entry<Digest, Retry> entry : waiting.entrySet()) {
            if (entry.getValue().atNanos() - nowNanos <= 0) {
                due.add(entry.getKey());
            }
        }
        return due;
    }

    /** The state first, then the events: whoever reads of content finds it, and of what is gone finds nothing. */
    private void publish() {
        holdings.takeChange().ifPresent(next -> contents.update(next));
    }

    /** What lies on disk is served meanwhile, so it is noticed if it goes. */
    private void waitDisconnected(Duration limit) throws InterruptedException {
        waiting.clear();
        hints.listenAnew(); // that the last stream has ended is known
        long end = System.nanoTime() + limit.toNanos();
        while (!hints.isClosed() && System.nanoTime() - end < 0) {
            Hints.Taken taken = hints.await(end, System.nanoTime());
            Iterator<Digest> digests = taken.digests().iterator();
            try {
                while (digests.hasNext()) {
                    inventory.lookOnDisk(digests.next());
                }
                publish();
            } catch (StoreException e) {
                log.debug("The content directory can't be read while containerd is away", e);
            }
        }
    }
}
