package dev.spegel.benchmarks;

import java.util.Optional;

/**
 * One thing that was measured.
 *
 * @param part what it belongs to
 * @param what it is
 * @param unit of the value, the limit and the reference
 * @param limit what the value is to stay at or below, if it is to
 * @param reference what another program made of the same, in the same run
 */
record Figure(String part, String what, double value, String unit, Optional<Double> limit, Optional<Double> reference) {
    static Figure of(String part, String what, double value, String unit) {
        return new Figure(part, what, value, unit, Optional.empty(), Optional.empty());
    }

    Figure atMost(double bound) {
        return new Figure(part, what, value, unit, Optional.of(bound), reference);
    }

    Figure beside(Optional<Double> other) {
        return new Figure(part, what, value, unit, limit, other);
    }

    /** Whether the limit is kept; empty without one. */
    Optional<Boolean> met() {
        return limit.map(bound -> value <= bound);
    }

    /** The value as a part of the reference; empty without one, or if it is zero. */
    Optional<Double> ratio() {
        return reference.filter(other -> other > 0).map(other -> value / other);
    }
}
