package dev.spegel.routing;

import java.time.Duration;

/**
 * How an {@link Advertiser} finds out whether other nodes serve the layers that this one lacks.
 *
 * @param maxLayers how many missing layers it keeps an eye on at most; images with others aren't advertised
 * @param maxLookups how many look-ups run at once
 * @param lookupLimit how long a look-up may take; one that has found nobody by then counts as a miss
 * @param foundLifetime how long a find is believed; then it is looked up again
 * @param firstRetry how long it waits after a miss, and twice as long after each further one
 * @param longestRetry how long it waits at most
 */
public record MissingLayerConfig(
        int maxLayers,
        int maxLookups,
        Duration lookupLimit,
        Duration foundLifetime,
        Duration firstRetry,
        Duration longestRetry) {
    /**
     * 2,048 layers are more than a node with layers missing for good has (base layers that several repositories share); one that
     * throws away all its layers has more, and nothing to offer. 4 look-ups at once are a fifth of what a client's pull may start.
     * 5 s is enough for a DHT in which some nodes don't answer. 5 minutes: a node that has gone is found for 15 at the least, so that
     * more haste buys little, and 2,048 layers make 7 look-ups a second. 10 s is what a neighbour's pull takes that ends just
     * after this node's.
     */
    public static final MissingLayerConfig DEFAULTS = new MissingLayerConfig(
            2_048, 4, Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofMinutes(10));

    public MissingLayerConfig {
        requirePositive(maxLayers, "maxLayers");
        requirePositive(maxLookups, "maxLookups");
        requirePositive(lookupLimit, "lookupLimit");
        requirePositive(foundLifetime, "foundLifetime");
        requirePositive(firstRetry, "firstRetry");
        if (longestRetry.compareTo(firstRetry) < 0) {
            throw new IllegalArgumentException(
                    "longestRetry must be at least firstRetry, %s, got %s".formatted(firstRetry, longestRetry));
        }
    }

    private static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException("%s must be positive, got %d".formatted(name, value));
        }
    }

    private static void requirePositive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("%s must be positive, got %s".formatted(name, value));
        }
    }
}
