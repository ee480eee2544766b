package dev.spegel.routing;

import java.time.Duration;

/**
 * How long the results of searches serve others who ask for the same key, and how many there may be.
 *
 * @param foundLifetime of a search that found as many peers as whoever asks now wants
 * @param fewLifetime of one that found some, but fewer
 * @param missLifetime of one that found nobody
 * @param maxCachedKeys how many results are kept; the ones least recently asked for go first
 * @param maxSearches how many keys may be searched for at once; a look-up of one more ends at once, with nothing found
 */
public record SearchLimits(
        Duration foundLifetime, Duration fewLifetime, Duration missLifetime, int maxCachedKeys, int maxSearches) {
    /**
     * The Go implementation keeps the result of a DHT query for 5 s, and asks again after 2.5 s if it has fewer peers than wanted.
     * A miss lasts just long enough for the several requests of one pull for what nobody has to share it, so that the next
     * finds what another node has fetched meanwhile. A thousand results are some pulls of large images, at about 1 KiB each. 256
     * searches are what dozens of pulls do at once, three layers each as containerd does it; each has 10 requests in flight.
     */
    public static final SearchLimits DEFAULTS =
            new SearchLimits(Duration.ofSeconds(5), Duration.ofMillis(2500), Duration.ofMillis(500), 1000, 256);

    /** @throws IllegalArgumentException if one isn't positive */
    public SearchLimits {
        requirePositive(foundLifetime, "foundLifetime");
        requirePositive(fewLifetime, "fewLifetime");
        requirePositive(missLifetime, "missLifetime");
        requirePositive(maxCachedKeys, "maxCachedKeys");
        requirePositive(maxSearches, "maxSearches");
    }

    private static void requirePositive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }

    private static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }
}
