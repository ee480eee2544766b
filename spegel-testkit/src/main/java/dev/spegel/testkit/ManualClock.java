package dev.spegel.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Time that moves only when a test moves it. Serves as a nanosecond clock and as a wall clock, which move together. */
public final class ManualClock extends Clock implements LongSupplier {
    /** Close to the wrap-around of {@link System#nanoTime}, so that code which compares instead of subtracting is caught. */
    private static final long START_NANOS = Long.MAX_VALUE - 1_000_000_000;

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong passedNanos;
    private final ZoneId zone;

    /** Shows the first second of 2026; its nanoseconds begin just before their largest value, so that they overflow in tests. */
    public ManualClock() {
        this(new AtomicLong(), ZoneOffset.UTC);
    }

    private ManualClock(AtomicLong passedNanos, ZoneId zone) {
        this.passedNanos = passedNanos;
        this.zone = zone;
    }

    /** Moves time on. */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time moves forward, got " + by);
        }
        passedNanos.addAndGet(by.toNanos());
    }

    /** Nanoseconds since some moment, like {@link System#nanoTime}: only differences mean anything, and it wraps. */
    @Override
    public long getAsLong() {
        return START_NANOS + passedNanos.get();
    }

    @Override
    public Instant instant() {
        return START.plusNanos(passedNanos.get());
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** A clock in another zone that moves together with this one. */
    @Override
    public ManualClock withZone(ZoneId otherZone) {
        return new ManualClock(passedNanos, otherZone);
    }

    /** Only the instants of this clock. */
    public InstantSource instants() {
        return this;
    }
}
