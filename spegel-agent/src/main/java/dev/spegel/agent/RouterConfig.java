package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.routing.PeerAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How an agent finds who has content. */
public sealed interface RouterConfig {
    /** Asks these registries; the agent's own may be among them. */
    record StaticPeers(List<PeerAddress> peers) implements RouterConfig {
        public StaticPeers {
            peers = List.copyOf(peers);
            if (peers.isEmpty()) {
                throw new IllegalArgumentException("a static router has at least one peer, got none");
            }
        }
    }

    /**
     * Takes part in the DHT that the Go implementation speaks.
     *
     * @param address where the DHT listens; port 0 lets the system choose
     * @param dataDirectory keeps this node's key, so that it stays the same node; is made if it isn't there. Without it each start
     *     is a new node
     * @param preSharedKey of the private network that the node is in; without it the network is open
     * @param bootstrap how to meet the first others
     */
    record Dht(
            InetSocketAddress address,
            Optional<Path> dataDirectory,
            Optional<PreSharedKey> preSharedKey,
            BootstrapConfig bootstrap)
            implements RouterConfig {
        public Dht {
            requireNonNull(dataDirectory, "dataDirectory");
            requireNonNull(preSharedKey, "preSharedKey");
            requireNonNull(bootstrap, "bootstrap");
            if (address.isUnresolved()) {
                throw new IllegalArgumentException("address must be resolved, got " + address);
            }
        }
    }
}
