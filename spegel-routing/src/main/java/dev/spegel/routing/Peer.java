package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A node that may hold content.
 *
 * @param id what tells it from all others: a libp2p peer ID, or {@code host:port} where there is none
 * @param addresses where it can be reached, best first; at least one
 * @param registryPort the TCP port of its registry, 1 to 65535
 * @param zone the topology zone it runs in, where known
 */
public record Peer(String id, List<InetAddress> addresses, int registryPort, Optional<String> zone) {
    public Peer {
        requireNonNull(zone, "zone");
        addresses = List.copyOf(addresses);
        if (id.isEmpty()) {
            throw new IllegalArgumentException("a peer has an ID, got an empty one");
        }
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a peer has at least one address, got none for " + Quoted.of(id));
        }
        if (registryPort < 1 || registryPort > 65535) {
            throw new IllegalArgumentException("a registry port is 1 to 65535, got " + registryPort);
        }
    }

    /** The addresses of its registry, best first; at least one. */
    public List<InetSocketAddress> registryAddresses() {
        return addresses.stream()
                .map(address -> new InetSocketAddress(address, registryPort))
                .toList();
    }
}
