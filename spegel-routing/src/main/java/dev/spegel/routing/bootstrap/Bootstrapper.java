package dev.spegel.routing.bootstrap;

import dev.spegel.routing.RoutingException;
import java.time.Duration;
import java.util.List;

/** Knows where the first peers of a node may be found. Safe for use by many threads. */
public interface Bootstrapper {
    /**
     * Finds out anew. May name this node itself, and peers that are gone. Blocks.
     *
     * @param limit how long it may take
     * @return at most a few dozen, best first; may be empty
     * @throws RoutingException if it can't be found out, which may be different the next time; its message says what was tried
     */
    List<BootstrapPeer> find(Duration limit) throws RoutingException, InterruptedException;

    /** Where it looks, for a log. */
    @Override
    String toString();
}
