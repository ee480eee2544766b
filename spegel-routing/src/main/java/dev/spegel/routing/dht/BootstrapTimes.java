package dev.spegel.routing.dht;

import java.time.Duration;

/**
 * When a node looks for peers to begin with.
 *
 * @param roundLimit how long one round may take: to find out where peers are, and to connect with them
 * @param interval how often there is a round even while all is well, so that networks that have formed apart meet
 * @param firstBackoff how long to wait after a round that met nobody
 * @param longestBackoff the same after many
 */
public record BootstrapTimes(Duration roundLimit, Duration interval, Duration firstBackoff, Duration longestBackoff) {
    /**
     * 30 s, 30 minutes, and 50 ms to 10 s as the Go implementation. Ten rounds take more than 10 s, and the next are 5 s apart or
     * more: less than a go-libp2p node takes from one address, 16 connections and then one each 5 s
     * (p2p/host/resource-manager, conn_limiter.go).
     */
    public static final BootstrapTimes DEFAULTS = new BootstrapTimes(
            Duration.ofSeconds(30), Duration.ofMinutes(30), Duration.ofMillis(50), Duration.ofSeconds(10));

    /** @throws IllegalArgumentException if one isn't positive, or the first wait is longer than the longest */
    public BootstrapTimes {
        requirePositive(roundLimit, "roundLimit");
        requirePositive(interval, "interval");
        requirePositive(firstBackoff, "firstBackoff");
        requirePositive(longestBackoff, "longestBackoff");
        if (firstBackoff.compareTo(longestBackoff) > 0) {
            throw new IllegalArgumentException(
                    "firstBackoff is at most longestBackoff, got %s and %s".formatted(firstBackoff, longestBackoff));
        }
    }

    private static void requirePositive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }
}
