package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.identity.PeerId;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * The DHT on a {@link Host}: a {@link KadNode} with a network.
 *
 * <p>Everything happens on the host's event loop. All methods may be called from any thread and return at once.
 */
public final class KadDht implements AutoCloseable {
    private final String protocol;

    private KadDht(KadDhtConfig config) {
        protocol = config.protocol();
    }

    /**
     * Makes the host a node of a DHT.
     *
     * @param host one that isn't started yet: peers must learn of the protocol when they first meet this node. Stays the caller's
     *     to close, after this
     * @param nanoClock the time for whatever has a validity or a period; {@link System#nanoTime} outside tests. If it leaps, the
     *     node notices within a second
     */
    public static KadDht on(Host host, KadDhtConfig config, LongSupplier nanoClock) {
        return new KadDht(config);
    }

    /** What is spoken: prefix and {@code /kad/1.0.0}. */
    public String protocol() {
        return protocol;
    }

    /**
     * Searches for peers other than this one that have announced {@code key}. Records that this node keeps itself come first, at
     * once.
     *
     * @param count after how many to stop; 0 for all that turn up
     * @throws IllegalArgumentException if {@code count} is negative, or the key can't have providers
     */
    public Search findProviders(KadKey key, int count, SearchListener listener) {
        unfinished("findProviders");
        return () -> {};
    }

    /** Searches for the peers nearest to {@code key}, which are told all at the end, nearest first. */
    public Search findClosest(KadKey key, SearchListener listener) {
        unfinished("findClosest");
        return () -> {};
    }

    /**
     * Announces that this node has what the keys name, and keeps that announced until {@link #withdraw}.
     *
     * @return done once each key that wasn't announced yet has been, with the peers nearest to it. Fails with an
     *     {@link java.io.IOException} if nobody is known, this node has no address to announce, or a key didn't reach a fifth of
     *     those peers; the keys are kept all the same, and announced as soon as that's possible
     * @throws IllegalArgumentException if a key can't have providers
     */
    public CompletableFuture<Void> provide(Collection<KadKey> keys) {
        unfinished("provide");
        return new CompletableFuture<>();
    }

    /** Announces these keys no more. The protocol can't take back what others keep: that expires. */
    public void withdraw(Collection<KadKey> keys) {
        unfinished("withdraw");
    }

    /** Fills up the routing table as soon as possible, for instance after a bootstrap. */
    public void refresh() {
        unfinished("refresh");
    }

    /** The routing table, as it was a moment ago. */
    public List<PeerId> peers() {
        return List.of();
    }

    /** How many peers the routing table holds. */
    public int size() {
        return peers().size();
    }

    /** Numbers for metrics. Cheap. */
    public KadStats stats() {
        unfinished("stats");
        return new KadStats(0, 0, 0, java.util.Map.of(), java.util.Map.of(), 0, 0, 0, 0, 0);
    }

    /**
     * Leaves the DHT: streams are reset, searches end, futures fail. Doesn't close the host. Closing twice is harmless.
     */
    @Override
    public void close() {}

    private void unfinished(String method) {
        throw new UnsupportedOperationException(method + " of " + protocol + " follows");
    }
}
