package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Layers that an image in use lacks on this node: which of them another node serves, and when to look them up. Pure state: no I/O,
 * and time is told; for one thread.
 */
final class MissingLayers {
    private final MissingLayerConfig config;
    private final RandomGenerator random;
    /** Never looked up. Beyond the bound they wait here, where they cost little. */
    private final Set<Digest> fresh = new LinkedHashSet<>();

    private final Map<Digest, State> known = new HashMap<>();
    /** Those of the known that aren't being looked up. */
    private final PriorityQueue<State> waiting =
            new PriorityQueue<>((one, other) -> Long.signum(one.dueNanos - other.dueNanos)); // as nanoTime may wrap

    private static final class State {
        private final Digest digest;
        private final Backoff backoff;
        private boolean elsewhere;
        private long dueNanos;

        private State(Digest digest, Backoff backoff) {
            this.digest = digest;
            this.backoff = backoff;
        }
    }

    MissingLayers(MissingLayerConfig config, RandomGenerator random) {
        this.config = requireNonNull(config, "config");
        this.random = requireNonNull(random, "random");
    }

    /** From now on this is worth a look-up. */
    void add(Digest layer) {
        if (!known.containsKey(layer)) {
            fresh.add(layer);
        }
    }

    /** It is here, or nobody asks for it any more. Returns whether it was known to be elsewhere, which is forgotten. */
    boolean remove(Digest layer) {
        fresh.remove(layer);
        State state = known.remove(layer);
        if (state == null) {
            return false;
        }
        waiting.remove(state);
        return state.elsewhere;
    }

    boolean isMissing(Digest layer) {
        return fresh.contains(layer) || known.containsKey(layer);
    }

    boolean isElsewhere(Digest layer) {
        State state = known.get(layer);
        return state != null && state.elsewhere;
    }

    int size() {
        return fresh.size() + known.size();
    }

    /** Layers to look up now; each is given once, until its result is told. What may have gone comes before what may have come. */
    List<Digest> takeDue(long nowNanos, int max) {
        List<Digest> due = new ArrayList<>();
        for (State next = waiting.peek();
                due.size() < max && next != null && next.dueNanos - nowNanos <= 0;
                next = waiting.peek()) {
            due.add(waiting.remove().digest);
        }
        while (due.size() < max && !fresh.isEmpty() && known.size() < config.maxLayers()) {
            Digest layer = fresh.iterator().next();
            fresh.remove(layer);
            known.put(layer, new State(layer, new Backoff(config.firstRetry(), config.longestRetry(), random)));
            due.add(layer);
        }
        return due;
    }

    /** Finds whose time is over, while nothing can be looked up: they count as lost, and are due at once. */
    List<Digest> loseDue(long nowNanos) {
        List<State> lost = new ArrayList<>();
        for (State state : waiting) {
            if (state.elsewhere && state.dueNanos - nowNanos <= 0) {
                state.elsewhere = false;
                lost.add(state);
            }
        }
        return lost.stream().map(state -> state.digest).toList();
    }

    /**
     * Tells what a look-up has found. Ignored for a layer that isn't missing any more.
     *
     * @return whether that is a change: it is elsewhere now and wasn't, or the other way round
     */
    boolean lookedUp(Digest layer, boolean found, long nowNanos) {
        State state = known.get(layer);
        if (state == null) {
            return false;
        }
        waiting.remove(state); // if it went and came back while it was looked up
        if (found) {
            state.backoff.reset();
        }
        Duration wait = found ? config.foundLifetime() : state.backoff.next();
        state.dueNanos = nowNanos + wait.toNanos();
        waiting.add(state);
        boolean changed = state.elsewhere != found;
        state.elsewhere = found;
        return changed;
    }

    /** How long there is nothing to look up, if nothing changes; some hours stand for ever. */
    Duration untilDue(long nowNanos) {
        if (!fresh.isEmpty() && known.size() < config.maxLayers()) {
            return Duration.ZERO;
        }
        State next = waiting.peek();
        if (next == null) {
            return Duration.ofHours(24);
        }
        return Duration.ofNanos(Math.max(0, next.dueNanos - nowNanos));
    }
}
