package dev.spegel.agent;

import dev.spegel.routing.PeerAddress;
import java.util.List;

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
}
