package dev.spegel.libp2p.host;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;

/**
 * A peer with a connection, as it has described itself.
 *
 * @param id proven by its key
 * @param remote the address at the other end of the connection; its port may be ephemeral
 * @param addresses where the peer says that it listens, as far as they make sense from here; may be empty
 * @param protocols what it says that it speaks; empty if it failed to identify itself
 * @param agentVersion its program, as it says; may be empty
 */
public record ConnectedPeer(
        PeerId id, Multiaddr remote, List<Multiaddr> addresses, List<String> protocols, String agentVersion) {
    /** Copies the lists. */
    public ConnectedPeer {
        requireNonNull(id, "id");
        requireNonNull(remote, "remote");
        addresses = List.copyOf(addresses);
        protocols = List.copyOf(protocols);
        requireNonNull(agentVersion, "agentVersion");
    }

    /** Whether the peer says that it speaks a protocol. */
    public boolean speaks(String protocol) {
        return protocols.contains(protocol);
    }
}
