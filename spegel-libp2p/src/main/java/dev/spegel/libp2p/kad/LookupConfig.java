package dev.spegel.libp2p.kad;

import java.time.Duration;

/**
 * How a lookup proceeds.
 *
 * @param concurrency peers asked at a time, alpha
 * @param resiliency the lookup has converged once this many of the nearest peers have answered, beta
 * @param slowAfter a peer that takes longer no longer holds up the others, though its answer is still welcome
 * @param requestLimit a peer that takes longer, dialling included, counts as failed
 * @param limit a lookup that takes longer ends with what it has
 */
public record LookupConfig(int concurrency, int resiliency, Duration slowAfter, Duration requestLimit, Duration limit) {
    /**
     * Concurrency 10 and resiliency 3 as go-libp2p-kad-dht. Its request limit is 10 s, tried twice, after a dial of 5 s within a
     * cluster. Slow after one second: fifty times what Spegel allows for finding content, and no answer within a cluster takes
     * that long on purpose.
     */
    public static final LookupConfig DEFAULTS =
            new LookupConfig(10, 3, Duration.ofSeconds(1), Duration.ofSeconds(25), Duration.ofSeconds(60));

    /** Checks that all is positive. */
    public LookupConfig {
        requirePositive(concurrency, "concurrency");
        requirePositive(resiliency, "resiliency");
        requirePositive(slowAfter, "slowAfter");
        requirePositive(requestLimit, "requestLimit");
        requirePositive(limit, "limit");
    }

    /** The same, ended earlier or later. */
    public LookupConfig withLimit(Duration limit) {
        return new LookupConfig(concurrency, resiliency, slowAfter, requestLimit, limit);
    }

    static void requirePositive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }

    static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }
}
