package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How the mirror looks for content that this node lacks, and how long it waits for whom.
 *
 * @param lookupLimit how long to wait for the router's next peer while none is at hand and none is being asked
 * @param maxPeers how many peers to ask the router for
 * @param connectLimit how long a TCP connection to a peer may take
 * @param headersLimit how long a peer may take to the end of its headers
 * @param metadataLimit how long a manifest or a {@code HEAD} may take in all, over all peers
 * @param stallLimit how long a body may make no progress; after a quarter of it another peer goes on if one has the content
 * @param hedging how long to wait for a peer's headers before another is asked as well
 * @param quarantine how long a peer that sent wrong bytes is kept away from
 */
public record MirrorConfig(
        Duration lookupLimit,
        int maxPeers,
        Duration connectLimit,
        Duration headersLimit,
        Duration metadataLimit,
        Duration stallLimit,
        HedgeBounds hedging,
        QuarantineTerms quarantine) {
    /**
     * 20 ms and 3 as Spegel's {@code --mirror-resolve-timeout} and {@code --mirror-resolve-retries}; 3 s for metadata as there. A
     * connection inside a cluster takes a millisecond, so half a second means a node that is gone. 10 s without a byte is what users
     * of the Go implementation ask for.
     */
    public static final MirrorConfig DEFAULTS = new MirrorConfig(
            Duration.ofMillis(20),
            3,
            Duration.ofMillis(500),
            Duration.ofSeconds(3),
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            HedgeBounds.DEFAULTS,
            QuarantineTerms.DEFAULTS);

    public MirrorConfig {
        requirePositive(lookupLimit, "lookupLimit");
        requirePositive(connectLimit, "connectLimit");
        requirePositive(headersLimit, "headersLimit");
        requirePositive(metadataLimit, "metadataLimit");
        requirePositive(stallLimit, "stallLimit");
        requireNonNull(hedging, "hedging");
        requireNonNull(quarantine, "quarantine");
        if (maxPeers < 1) {
            throw new IllegalArgumentException("maxPeers must be positive, got " + maxPeers);
        }
    }

    /** The same with another time to wait for peers that may have the content. */
    public MirrorConfig withLookupLimit(Duration limit) {
        return new MirrorConfig(
                limit, maxPeers, connectLimit, headersLimit, metadataLimit, stallLimit, hedging, quarantine);
    }

    /** The same with another number of peers to look for. */
    public MirrorConfig withMaxPeers(int peers) {
        return new MirrorConfig(
                lookupLimit, peers, connectLimit, headersLimit, metadataLimit, stallLimit, hedging, quarantine);
    }

    /** The same with another time that a body may stand still. */
    public MirrorConfig withStallLimit(Duration limit) {
        return new MirrorConfig(
                lookupLimit, maxPeers, connectLimit, headersLimit, metadataLimit, limit, hedging, quarantine);
    }

    /** The same with other bounds for asking a second peer. */
    public MirrorConfig withHedging(HedgeBounds bounds) {
        return new MirrorConfig(
                lookupLimit, maxPeers, connectLimit, headersLimit, metadataLimit, stallLimit, bounds, quarantine);
    }

    private static void requirePositive(Duration limit, String name) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException(name + " must be positive, got " + limit);
        }
    }
}
