package dev.spegel.registry;

import java.time.Duration;

/**
 * Between which limits the mirror waits for a peer's headers before it asks another one as well. Where in between, it learns from how
 * long headers take.
 *
 * @param shortest waited at least, however quick peers are
 * @param longest waited at most, however slow they are
 */
public record HedgeBounds(Duration shortest, Duration longest) {
    /**
     * 10 ms and 1 s. Inside a cluster headers take a millisecond or two, so a peer that needs 10 ms is busy or far away, and a second
     * question costs less than waiting. A second is a third of what metadata may take in all
     * ({@link MirrorConfig#metadataLimit}), so that two more peers have their turn even where all are slow.
     */
    public static final HedgeBounds DEFAULTS = new HedgeBounds(Duration.ofMillis(10), Duration.ofSeconds(1));

    public HedgeBounds {
        if (shortest.isZero() || shortest.isNegative()) {
            throw new IllegalArgumentException("shortest must be positive, got " + shortest);
        }
        if (longest.compareTo(shortest) < 0) {
            throw new IllegalArgumentException(
                    "longest must be at least shortest, which is %s, got %s".formatted(shortest, longest));
        }
    }

    long clampNanos(long nanos) {
        return Math.min(Math.max(nanos, shortest.toNanos()), longest.toNanos());
    }
}
