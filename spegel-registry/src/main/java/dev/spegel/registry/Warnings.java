package dev.spegel.registry;

import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of what goes wrong with other nodes: once a minute for each address, as a node that is wrongly configured is met with every
 * request. What is left out is logged at debug level. Safe for use by many threads.
 */
public final class Warnings {
    private static final Logger LOG = LoggerFactory.getLogger(Warnings.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    /** A stranger may come from many addresses: at most as many lines a minute. */
    private static final int MAX_ADDRESSES = 64;

    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<InetAddress, Long> warnedAtNanos = new LinkedHashMap<>();

    /** @param nanoClock like {@link System#nanoTime} */
    public Warnings(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Logs this, unless something was logged about the address within the last minute. */
    public void warn(InetAddress about, String format, Object... arguments) {
        if (isDue(about)) {
            LOG.warn(format, arguments);
        } else {
            LOG.debug(format, arguments);
        }
    }

    private boolean isDue(InetAddress about) {
        long now = nanoClock.getAsLong();
        lock.lock();
        try {
            warnedAtNanos.values().removeIf(then -> now - then >= INTERVAL.toNanos());
            return warnedAtNanos.size() < MAX_ADDRESSES && warnedAtNanos.putIfAbsent(about, now) == null;
        } finally {
            lock.unlock();
        }
    }
}
