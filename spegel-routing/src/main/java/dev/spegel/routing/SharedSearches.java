package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The searches of a router: lookups of one key share one search while it runs, and its result for a while after. For whoever writes
 * a {@link Router}. Safe for use by many threads; no method blocks.
 *
 * <p>A search belongs to none of its lookups and ends by itself; whoever starts it sees to that.
 */
public final class SharedSearches implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SharedSearches.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, SharedSearch> running = new HashMap<>();
    /** In the order of use, the least recent first. */
    private final LinkedHashMap<Key, Finished> finished = new LinkedHashMap<>(16, 0.75f, true);

    private final SearchLimits limits;
    private final LongSupplier nanoClock;
    private volatile boolean closed;

    private record Finished(SharedSearch search, long atNanos) {}

    /** @param nanoClock like {@link System#nanoTime} */
    public SharedSearches(SearchLimits limits, LongSupplier nanoClock) {
        this.limits = requireNonNull(limits, "limits");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    }

    /**
     * A lookup that reads the results of a search for the key: one that runs, one that has ended a short while ago, or a new one.
     *
     * @param start starts a new search, in this thread, and returns at once; whatever comes of it must end in
     *     {@link SharedSearch#end} or {@link SharedSearch#endIfSatisfied}
     * @throws IllegalArgumentException if less than one peer is wanted
     */
    public Lookup lookup(Key key, int maxPeers, Consumer<SharedSearch> start) {
        SharedSearch.requireMaxPeers(maxPeers);
        SharedSearch search = new SharedSearch(() -> closed, ended -> finish(key, ended));
        Lookup lookup = search.newLookup(maxPeers).orElseThrow();
        lock.lock();
        try {
            Optional<Lookup> shared = ofRunningOrFresh(key, maxPeers);
            if (shared.isPresent()) {
                return shared.get();
            }
            if (closed || running.size() >= limits.maxSearches()) {
                log.debug("No search for {}: {} are running", Quoted.of(key.text()), running.size());
                return nothing();
            }
            running.put(key, search);
        } finally {
            lock.unlock();
        }
        boolean started = false;
        try {
            start.accept(search); // without the lock: an executor may run things in this thread
            started = true;
        } finally {
            if (!started) {
                search.end();
            }
        }
        return lookup;
    }

    private Optional<Lookup> ofRunningOrFresh(Key key, int maxPeers) {
        SharedSearch search = running.get(key);
        if (search != null) {
            return search.newLookup(maxPeers);
        }
        Finished result = finished.get(key);
        if (result == null) {
            return Optional.empty();
        }
        int found = result.search().size();
        var lifetime =
                found >= maxPeers ? limits.foundLifetime() : found > 0 ? limits.fewLifetime() : limits.missLifetime();
        if (nanoClock.getAsLong() - result.atNanos() >= lifetime.toNanos()) {
            finished.remove(key);
            return Optional.empty();
        }
        return result.search().newLookup(maxPeers);
    }

    private void finish(Key key, SharedSearch search) {
        lock.lock();
        try {
            running.remove(key, search);
            if (!closed) {
                finished.put(key, new Finished(search, nanoClock.getAsLong()));
                if (finished.size() > limits.maxCachedKeys()) {
                    finished.remove(finished.keySet().iterator().next());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** A lookup that finds nothing. */
    public Lookup nothing() {
        SharedSearch search = new SharedSearch(() -> closed, ended -> {});
        search.end();
        return search.newLookup(1).orElseThrow();
    }

    /** How many results are kept, stale ones that nobody has asked for again included. */
    int cachedKeys() {
        lock.lock();
        try {
            return finished.size();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all lookups, and starts no further search. Closing twice is harmless. */
    @Override
    public void close() {
        List<SharedSearch> open;
        lock.lock();
        try {
            closed = true;
            open = List.copyOf(running.values());
            running.clear();
            finished.clear();
        } finally {
            lock.unlock();
        }
        open.forEach(SharedSearch::end);
    }
}
