package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Platform;
import java.time.Duration;

/**
 * For whom an {@link Advertiser} works, and how it paces itself.
 *
 * @param coalescing how long it gathers changes after the first before it tells the network; may be zero
 * @param maxBatchKeys how many keys it gives to the router in one call
 * @param firstBackoff how long it waits after the first failure of store or router
 * @param longestBackoff how long it waits at most, however often they fail
 * @param withdrawalLimit how long it takes at most to withdraw everything when it is closed
 * @param platform this node's: the one whose images have to be whole
 * @param missingLayers how it finds out whether other nodes serve the layers that this one lacks
 */
public record AdvertiserConfig(
        Duration coalescing,
        int maxBatchKeys,
        Duration firstBackoff,
        Duration longestBackoff,
        Duration withdrawalLimit,
        Platform platform,
        MissingLayerConfig missingLayers) {
    /**
     * 100 ms is short against a pull, and gathers what an image's last layer, manifest and tag bring. 256 keys are some 20 KiB, so
     * that a tag that must go waits for no more than that. 5 s is half of what service managers grant for a stop at the least.
     * The platform is the one that this program runs on.
     */
    public static final AdvertiserConfig DEFAULTS = new AdvertiserConfig(
            Duration.ofMillis(100),
            256,
            Duration.ofMillis(100),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Platform.current(),
            MissingLayerConfig.DEFAULTS);

    public AdvertiserConfig {
        requireNonNull(platform, "platform");
        requireNonNull(missingLayers, "missingLayers");
        if (coalescing.isNegative()) {
            throw new IllegalArgumentException("coalescing must not be negative, got " + coalescing);
        }
        if (maxBatchKeys < 1) {
            throw new IllegalArgumentException("maxBatchKeys must be positive, got " + maxBatchKeys);
        }
        if (firstBackoff.isNegative() || firstBackoff.isZero()) {
            throw new IllegalArgumentException("firstBackoff must be positive, got " + firstBackoff);
        }
        if (longestBackoff.compareTo(firstBackoff) < 0) {
            throw new IllegalArgumentException(
                    "longestBackoff must be at least firstBackoff, %s, got %s".formatted(firstBackoff, longestBackoff));
        }
        if (withdrawalLimit.isNegative()) {
            throw new IllegalArgumentException("withdrawalLimit must not be negative, got " + withdrawalLimit);
        }
    }

    /** The same for a node of another platform. */
    public AdvertiserConfig withPlatform(Platform other) {
        return new AdvertiserConfig(
                coalescing, maxBatchKeys, firstBackoff, longestBackoff, withdrawalLimit, other, missingLayers);
    }
}
