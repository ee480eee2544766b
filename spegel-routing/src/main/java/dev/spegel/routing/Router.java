package dev.spegel.routing;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Finds nodes that hold content. Safe for use by many threads. */
public interface Router extends AutoCloseable {
    /** Whether this node has met a peer and can answer lookups. Doesn't block. */
    boolean ready();

    /**
     * Starts a search for nodes other than this one, and returns at once. The caller closes it. Searches for one key that run
     * at the same time share their work; closing one doesn't end it for the others.
     *
     * @param maxPeers how many peers to look for, at least 1
     */
    Lookup lookup(Key key, int maxPeers);

    /**
     * Tells the network that this node has the keys; blocks until they are sent or refused. Entries expire: call it again,
     * every {@link #advertisementInterval()}.
     *
     * @throws RoutingException if the network can't be reached or refuses; some of the keys may have been sent. Or if this
     *     router is closed
     */
    void advertise(Collection<Key> keys) throws RoutingException, InterruptedException;

    /**
     * Tells the network, as far as it can be told, that this node no longer has the keys. Unknown keys are ignored.
     *
     * @throws RoutingException as for {@link #advertise}
     */
    void withdraw(Collection<Key> keys) throws RoutingException, InterruptedException;

    /** How often to repeat {@link #advertise} for keys that stay: well before the entries expire. */
    Duration advertisementInterval();

    /** What sort of router this is, in one word for metrics. Two routers of one class give the same. */
    default String kind() {
        return "custom";
    }

    /** The peers that this node knows now, in no order. Doesn't block. */
    List<Peer> peers();

    /** Closing twice is harmless. Lookups still open then answer {@link Lookup.Ended}. */
    @Override
    void close();
}
