package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up whether other nodes serve the layers that this one lacks. For one thread, which it never holds up: it starts look-ups and
 * comes back for what they have found. Takes the lock when it touches the content it was given it with.
 */
final class LayerSearches implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LayerSearches.class);

    /** How soon to come back for results. Nobody waits for them; 20 ms make 200 look-ups a second, of 4 at once. */
    private static final Duration POLL = Duration.ofMillis(20);

    /** How often to ask whether the router has found its network, without which all would be misses. */
    private static final Duration NETWORK_POLL = Duration.ofSeconds(1);

    private final Advertisable content;
    private final ReentrantLock lock;
    private final Router router;
    private final MissingLayerConfig config;
    private final LongSupplier nanoClock;
    private final Map<Digest, Search> running = new HashMap<>();

    private record Search(Lookup lookup, long begunNanos) {}

    LayerSearches(
            Advertisable content,
            ReentrantLock lock,
            Router router,
            MissingLayerConfig config,
            LongSupplier nanoClock) {
        this.content = requireNonNull(content, "content");
        this.lock = requireNonNull(lock, "lock");
        this.router = requireNonNull(router, "router");
        this.config = requireNonNull(config, "config");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    }

    /** Takes the results that are there, and starts look-ups that are due. */
    void work() throws InterruptedException {
        takeResults();
        if (!isDue()) {
            return;
        }
        if (!router.ready()) {
            // Not asked for what was never found: that would only be put off. What was found can't be taken for
            // granted.
            locked(() -> content.loseLayersDue(nanoClock.getAsLong()));
            return;
        }
        for (Digest layer : due(config.maxLookups() - running.size())) {
            start(layer);
        }
        takeResults(); // what a router knows it says at once
    }

    private void start(Digest layer) {
        try {
            running.put(layer, new Search(router.lookup(Key.of(layer), 1), nanoClock.getAsLong()));
        } catch (RuntimeException e) {
            log.debug("Looking {} up fails", layer, e);
            tell(layer, false);
        }
    }

    private void takeResults() throws InterruptedException {
        for (Iterator<Map.Entry<Digest, Search>> all = running.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Digest, Search> entry = all.next();
            Search search = entry.getValue();
            Lookup.Next next = search.lookup().next(Duration.ZERO);
            boolean late = nanoClock.getAsLong() - search.begunNanos()
                    >= config.lookupLimit().toNanos();
            if (next instanceof Lookup.TimedOut && !late) {
                continue;
            }
            all.remove();
            search.lookup().close();
            tell(entry.getKey(), next instanceof Lookup.Found);
        }
    }

    private void tell(Digest layer, boolean found) {
        log.debug(
                "{} isn't here, and {}",
                layer,
                found ? "another node serves it" : "no other node was found to serve it");
        locked(() -> content.lookedUp(layer, found, nanoClock.getAsLong()));
    }

    private List<Digest> due(int max) {
        lock.lock();
        try {
            return content.layersToLookUp(nanoClock.getAsLong(), max);
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue() {
        return untilDue().isZero();
    }

    private Duration untilDue() {
        lock.lock();
        try {
            return content.untilLookup(nanoClock.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    /** How long there is nothing to do here, if nothing changes. */
    Duration untilNext() {
        Duration untilDue = untilDue();
        if (!running.isEmpty()) {
            return POLL;
        }
        if (!untilDue.isZero()) {
            return untilDue;
        }
        return router.ready() ? POLL : NETWORK_POLL;
    }

    @Override
    public void close() {
        running.values().forEach(search -> search.lookup().close());
        running.clear();
    }
}
