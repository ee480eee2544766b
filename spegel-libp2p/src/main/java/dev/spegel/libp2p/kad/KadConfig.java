package dev.spegel.libp2p.kad;

import java.time.Duration;

/**
 * How a DHT node behaves. All nodes of a network should agree on {@code bucketSize}.
 *
 * @param bucketSize peers a bucket, peers in an answer, and holders of each record: k
 * @param refreshInterval how often the routing table is checked and filled up
 */
public record KadConfig(int bucketSize, LookupConfig lookup, ProviderConfig providers, Duration refreshInterval) {
    /** K = 20: libp2p/specs, kad-dht/README.md#replication-parameter-k. Refreshed every 10 minutes as go-libp2p-kad-dht. */
    public static final KadConfig DEFAULTS =
            new KadConfig(20, LookupConfig.DEFAULTS, ProviderConfig.DEFAULTS, Duration.ofMinutes(10));

    /** Checks that all is positive. */
    public KadConfig {
        LookupConfig.requirePositive(bucketSize, "bucketSize");
        LookupConfig.requirePositive(refreshInterval, "refreshInterval");
    }

    /** The same with other rules for lookups. */
    public KadConfig withLookup(LookupConfig lookup) {
        return new KadConfig(bucketSize, lookup, providers, refreshInterval);
    }

    /** The same with other rules for provider records. */
    public KadConfig withProviders(ProviderConfig providers) {
        return new KadConfig(bucketSize, lookup, providers, refreshInterval);
    }

    /** The same with the table refreshed at another interval. */
    public KadConfig withRefreshInterval(Duration interval) {
        return new KadConfig(bucketSize, lookup, providers, interval);
    }
}
