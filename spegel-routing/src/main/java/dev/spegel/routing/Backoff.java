package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before each next attempt: twice as long each time, from the first wait up to the longest, then less by up to a
 * half, by chance, so that many nodes that failed together don't come back together. For one thread.
 */
public final class Backoff {
    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;
    private Duration ceiling;

    /** @param random decides how much sooner than at the latest */
    public Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.first = requireNonNull(first, "first");
        this.longest = requireNonNull(longest, "longest");
        this.random = requireNonNull(random, "random");
        this.ceiling = first;
    }

    /** The next wait, from the first to the longest. */
    public Duration next() {
        long highest = ceiling.toNanos();
        long lowest = Math.max(first.toNanos(), highest / 2);
        Duration doubled = ceiling.multipliedBy(2);
        ceiling = doubled.compareTo(longest) < 0 ? doubled : longest;
        return Duration.ofNanos(lowest + random.nextLong(highest - lowest + 1));
    }

    /** An attempt went well: begin with the first wait again. */
    public void reset() {
        ceiling = first;
    }
}
