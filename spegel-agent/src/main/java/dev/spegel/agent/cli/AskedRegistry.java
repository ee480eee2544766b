package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.PeerAddress;
import java.net.URI;

/**
 * The registry of the agent that a command asks.
 *
 * @param address where it can be reached
 * @param tls whether it speaks TLS, as the agent says
 */
record AskedRegistry(PeerAddress address, boolean tls) {
    AskedRegistry {
        requireNonNull(address, "address");
    }

    URI uri() {
        return URI.create((tls ? "https://" : "http://") + address);
    }

    /** For a sentence. */
    @Override
    public String toString() {
        return address.toString();
    }
}
