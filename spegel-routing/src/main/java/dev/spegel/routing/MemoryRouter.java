package dev.spegel.routing;

import dev.spegel.oci.Quoted;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * The router of one node of a {@link MemoryNetwork}. A lookup finds the nodes that hold the key at the moment it starts, and then
 * ends: it never waits.
 */
public final class MemoryRouter implements Router {
    private final MemoryNetwork network;
    private final Peer self;
    private volatile boolean closed;

    /** For {@link MemoryNetwork#join}. */
    MemoryRouter(MemoryNetwork network, Peer self) {
        this.network = network;
        this.self = self;
    }

    /** This node as others see it. */
    public Peer self() {
        return self;
    }

    /** Whether the network has another member. */
    @Override
    public boolean ready() {
        return !closed && !network.membersOtherThan(self).isEmpty();
    }

    @Override
    public Lookup lookup(Key key, int maxPeers) {
        SharedSearch search = new SharedSearch(() -> closed, ended -> {});
        Lookup lookup = search.newLookup(maxPeers).orElseThrow();
        network.holdersOtherThan(self, key).forEach(search::add);
        search.end();
        return lookup;
    }

    /** @throws RoutingException if this router is closed */
    @Override
    public void advertise(Collection<Key> keys) throws RoutingException {
        requireOpen();
        network.add(self, keys);
    }

    /** @throws RoutingException if this router is closed */
    @Override
    public void withdraw(Collection<Key> keys) throws RoutingException {
        requireOpen();
        network.remove(self, keys);
    }

    @Override
    public String kind() {
        return "memory";
    }

    @Override
    public Duration advertisementInterval() {
        return network.advertisementInterval();
    }

    @Override
    public List<Peer> peers() {
        return closed ? List.of() : network.membersOtherThan(self);
    }

    /** Leaves the network, and takes along what this node has advertised. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            network.leave(self);
        }
    }

    private void requireOpen() throws RoutingException {
        if (closed) {
            throw new RoutingException("the router of %s is closed".formatted(Quoted.of(self.id())));
        }
    }
}
