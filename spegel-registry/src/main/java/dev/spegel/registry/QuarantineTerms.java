package dev.spegel.registry;

import java.time.Duration;

/**
 * How long a peer that sent wrong bytes is asked only if nobody else has the content.
 *
 * @param first after the first time; each further time it is twice as long
 * @param longest the most that it grows to
 */
public record QuarantineTerms(Duration first, Duration longest) {
    /**
     * One minute: it may have been one broken transfer. Half an hour: a disk that rots stays away from most pulls, and one that was
     * replaced is back soon.
     */
    public static final QuarantineTerms DEFAULTS = new QuarantineTerms(Duration.ofMinutes(1), Duration.ofMinutes(30));

    public QuarantineTerms {
        if (first.isZero() || first.isNegative()) {
            throw new IllegalArgumentException("first must be positive, got " + first);
        }
        if (longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "longest must be at least first, which is %s, got %s".formatted(first, longest));
        }
    }

    Duration after(Duration previous) {
        return previous.compareTo(longest.dividedBy(2)) < 0 ? previous.multipliedBy(2) : longest;
    }
}
