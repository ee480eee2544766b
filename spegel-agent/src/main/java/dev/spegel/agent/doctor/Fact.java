package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.function.Function;

/**
 * Something that was looked at.
 *
 * @param value what it is, if it could be seen
 * @param whyUnknown a sentence without its full stop; empty if there is a value
 */
record Fact<T>(Optional<T> value, String whyUnknown) {
    Fact {
        requireNonNull(value, "value");
        if (value.isPresent() != whyUnknown.isEmpty()) {
            throw new IllegalArgumentException("a fact has a value or a reason why not, got " + value + whyUnknown);
        }
    }

    static <T> Fact<T> of(T value) {
        return new Fact<>(Optional.of(value), "");
    }

    static <T> Fact<T> unknown(String reason) {
        return new Fact<>(Optional.empty(), reason);
    }

    /** What follows from it, or from its being unknown. */
    <R> R judge(Function<? super T, R> known, Function<String, R> unknown) {
        return value.isPresent() ? known.apply(value.get()) : unknown.apply(whyUnknown);
    }

    /** What follows from it; what can't be told stays so. */
    <R> Fact<R> then(Function<? super T, Fact<R>> next) {
        return judge(next, Fact::unknown);
    }
}
