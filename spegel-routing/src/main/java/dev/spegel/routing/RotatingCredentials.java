package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Credentials that can be replaced while a node runs. The pair before stays good for a while, since nodes and their clients learn of a new
 * one at different times.
 */
public final class RotatingCredentials implements Credentials {
    /**
     * So many pairs are good besides the newest; the oldest goes first. A replacement is seen as two by who reads user name and password
     * while they are written one after the other, and it may be taken back.
     */
    public static final int MAX_RETIRED = 3;

    private final Duration grace;
    private final LongSupplier nanoClock;
    private final ReentrantLock rotating = new ReentrantLock();
    private volatile State state;

    /**
     * @param grace how long a pair stays good once it was replaced; zero for not at all
     * @param nanoClock {@link System#nanoTime} outside tests
     */
    public RotatingCredentials(BasicCredentials first, Duration grace, LongSupplier nanoClock) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative, got " + grace);
        }
        this.grace = grace;
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        this.state = new State(requireNonNull(first, "first"), List.of());
    }

    /**
     * Replaces the newest pair.
     *
     * @return whether it is another one
     */
    public boolean rotate(BasicCredentials newest) {
        requireNonNull(newest, "newest");
        rotating.lock();
        try {
            if (state.current().equals(newest)) {
                return false;
            }
            state = replaced(state, newest, nanoClock.getAsLong());
            return true;
        } finally {
            rotating.unlock();
        }
    }

    private State replaced(State now, BasicCredentials newest, long nowNanos) {
        List<Retired> retired = new ArrayList<>();
        retired.add(new Retired(now.current(), nowNanos + grace.toNanos()));
        for (Retired each : now.retired()) {
            if (retired.size() < MAX_RETIRED
                    && each.isGood(nowNanos)
                    && !each.pair().equals(newest)) {
                retired.add(each);
            }
        }
        return new State(newest, List.copyOf(retired));
    }

    @Override
    public List<BasicCredentials> accepted() {
        State now = state;
        if (now.retired().isEmpty()) {
            return List.of(now.current());
        }
        long nowNanos = nanoClock.getAsLong();
        List<BasicCredentials> pairs = new ArrayList<>();
        pairs.add(now.current());
        now.retired().stream().filter(each -> each.isGood(nowNanos)).forEach(each -> pairs.add(each.pair()));
        return List.copyOf(pairs);
    }

    /** Without passwords. */
    @Override
    public String toString() {
        return "RotatingCredentials" + accepted();
    }

    /** @param retired the one that was replaced last comes first */
    private record State(BasicCredentials current, List<Retired> retired) {}

    private record Retired(BasicCredentials pair, long endNanos) {
        boolean isGood(long nowNanos) {
            return endNanos - nowNanos > 0;
        }
    }
}
