package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multiformats.Multiaddr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts peers of other networks, and says so in the log: often enough to find the mistake, and no more. */
final class Strangers {
    /** How long nothing more is said of an address: such peers dial, and are dialled, again and again. */
    static final Duration SILENCE = Duration.ofMinutes(10);

    /** Of so many addresses it's known that they were named; that's a cluster half of which has another key. */
    static final int MAX_NAMED = 512;

    /** However many addresses there are: so many lines at once, and one every so often. A stranger may have many. */
    static final int MAX_LINES = 64;

    static final Duration LINE_INTERVAL = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(Strangers.class);

    private final LongSupplier nanoClock;
    private final RateLimit lines = new RateLimit(MAX_LINES, LINE_INTERVAL);
    private final AtomicLong count = new AtomicLong();
    /** When each was named last, the oldest first. */
    private final Map<InetAddress, Long> named = new LinkedHashMap<>();

    Strangers(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** A connection has failed. On the event loop only. Returns whether the log says so. */
    boolean met(InetSocketAddress remote, StrangerException why) {
        count.incrementAndGet();
        boolean news = isNews(remote.getAddress(), nanoClock.getAsLong());
        if (news) {
            log.warn(
                    "No connection with the peer at {}: {}. Not repeated for this IP address within {} min",
                    Multiaddr.ofTcp(remote),
                    why.getMessage(),
                    SILENCE.toMinutes());
        }
        return news;
    }

    private boolean isNews(InetAddress address, long nowNanos) {
        Long before = named.get(address);
        if ((before != null && nowNanos - before < SILENCE.toNanos()) || !lines.allows(nowNanos)) {
            return false;
        }
        named.remove(address);
        if (named.size() >= MAX_NAMED) {
            named.remove(named.keySet().iterator().next());
        }
        named.put(address, nowNanos);
        return true;
    }

    /** How many have failed. From any thread. */
    long count() {
        return count.get();
    }
}
