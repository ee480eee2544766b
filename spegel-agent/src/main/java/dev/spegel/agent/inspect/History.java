package dev.spegel.agent.inspect;

import dev.spegel.agent.inspect.HistoryReport.Minute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/** Counts by minute, in a ring of an hour. Used under its owner's lock. */
final class History {
    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final long startNanos;
    private final Minute[] ring = new Minute[ActivityView.MINUTES];
    /** The running minute since the start. */
    private long newest;

    /** @param startNanos the first minute begins here */
    History(long startNanos) {
        this.startNanos = startNanos;
        Arrays.fill(ring, Minute.QUIET);
    }

    /** Counts something that happens now. */
    void add(long nowNanos, Minute what) {
        advance(nowNanos);
        put(newest, what);
    }

    /**
     * Counts a transfer that ends now.
     *
     * @param tookNanos how long ago it began
     * @param counted turns the bytes of a minute into what to count there
     */
    void spread(long nowNanos, long tookNanos, long bytes, LongFunction<Minute> counted) {
        advance(nowNanos);
        long end = nowNanos - startNanos;
        long begin = Math.max(0, end - tookNanos);
        long left = bytes;
        for (long minute = Math.max(begin / MINUTE_NANOS, oldest()); minute < newest; minute++) {
            long within = Math.min(end, (minute + 1) * MINUTE_NANOS) - Math.max(begin, minute * MINUTE_NANOS);
            long share = (long) ((double) bytes * within / (end - begin));
            put(minute, counted.apply(share));
            left -= share;
        }
        if (begin / MINUTE_NANOS < oldest()) { // what came before the hour is forgotten
            left = (long) ((double) bytes * (end - newest * MINUTE_NANOS) / (end - begin));
        }
        put(newest, counted.apply(left));
    }

    List<Minute> minutes(long nowNanos) {
        advance(nowNanos);
        List<Minute> minutes = new ArrayList<>();
        for (long minute = oldest(); minute <= newest; minute++) {
            minutes.add(ring[index(minute)]);
        }
        return minutes;
    }

    private void put(long minute, Minute what) {
        ring[index(minute)] = ring[index(minute)].plus(what);
    }

    private long oldest() {
        return Math.max(0, newest - ring.length + 1);
    }

    private void advance(long nowNanos) {
        long current = Math.max(newest, (nowNanos - startNanos) / MINUTE_NANOS);
        for (long minute = Math.max(newest + 1, current - ring.length + 1); minute <= current; minute++) {
            ring[index(minute)] = Minute.QUIET;
        }
        newest = current;
    }

    private int index(long minute) {
        return (int) (minute % ring.length);
    }
}
