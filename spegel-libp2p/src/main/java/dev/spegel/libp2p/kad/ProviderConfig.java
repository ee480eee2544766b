package dev.spegel.libp2p.kad;

import java.time.Duration;

/**
 * How records of who has what are kept for others, and how this node's own are renewed with others.
 *
 * @param validity how long a record counts after it was announced
 * @param addressLife how long the addresses count that came with it
 * @param maxRecords the records kept for others in all
 * @param maxRecordsPerPeer those of one peer
 * @param interval how often this node announces what it has
 * @param maxDelay how much later than {@code interval} an announcement may come
 */
public record ProviderConfig(
        Duration validity,
        Duration addressLife,
        int maxRecords,
        int maxRecordsPerPeer,
        Duration interval,
        Duration maxDelay) {
    /**
     * Times as libp2p/specs, kad-dht/README.md#content-provider-advertisement-and-discovery, and go-libp2p-kad-dht: valid for
     * 48 hours, renewed every 22, addresses a day.
     *
     * <p>A record takes about 150 bytes here, so 200,000 take 30 MiB: what each of 50 nodes keeps if all announce 25,000 keys
     * to 20 others. One peer may have a quarter of them, or a single one could crowd out the rest.
     */
    public static final ProviderConfig DEFAULTS = new ProviderConfig(
            Duration.ofHours(48), Duration.ofHours(24), 200_000, 50_000, Duration.ofHours(22), Duration.ofHours(1));

    /** Checks that all is positive, and that records are renewed before they expire. */
    public ProviderConfig {
        LookupConfig.requirePositive(validity, "validity");
        LookupConfig.requirePositive(addressLife, "addressLife");
        LookupConfig.requirePositive(maxRecords, "maxRecords");
        LookupConfig.requirePositive(maxRecordsPerPeer, "maxRecordsPerPeer");
        LookupConfig.requirePositive(interval, "interval");
        LookupConfig.requirePositive(maxDelay, "maxDelay");
        if (interval.plus(maxDelay).compareTo(validity) >= 0) {
            throw new IllegalArgumentException("a record is renewed while it's valid, got %s, renewed after %s + %s"
                    .formatted(validity, interval, maxDelay));
        }
        if (maxDelay.compareTo(interval) > 0) {
            throw new IllegalArgumentException(
                    "maxDelay is at most the interval, got %s and %s".formatted(maxDelay, interval));
        }
    }

    /** The same with other times. */
    public ProviderConfig withTimes(Duration validity, Duration addressLife, Duration interval, Duration maxDelay) {
        return new ProviderConfig(validity, addressLife, maxRecords, maxRecordsPerPeer, interval, maxDelay);
    }
}
