package dev.spegel.agent.pull;

import java.time.Duration;

/**
 * How patient a {@link PullClient} is.
 *
 * @param connect for a connection to the mirror
 * @param stall without a byte
 * @param attempts how often content is asked for in all, after the answer broke off
 * @param parallel how many blobs at a time
 */
public record PullLimits(Duration connect, Duration stall, int attempts, int parallel) {
    /**
     * 3 blobs at a time and 5 attempts as containerd ({@code max_concurrent_downloads}; its reader gives up after as many); 30 s
     * without a byte, which is longer than a mirror waits for its peers.
     */
    public static final PullLimits DEFAULTS = new PullLimits(Duration.ofSeconds(5), Duration.ofSeconds(30), 5, 3);

    public PullLimits {
        requirePositive(connect, "connect");
        requirePositive(stall, "stall");
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts must be positive, got " + attempts);
        }
        if (parallel < 1) {
            throw new IllegalArgumentException("parallel must be positive, got " + parallel);
        }
    }

    private static void requirePositive(Duration limit, String name) {
        if (limit.isNegative() || limit.isZero() || limit.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(name + " must be positive and below 25 days, got " + limit);
        }
    }
}
