package dev.spegel.routing.dht;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.Peer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A peer as a {@link DhtRouter} sees it, for people to look at.
 *
 * @param addresses where it listens, as it says; of one without a connection, as it said last or others say
 * @param agentVersion its program, as it says; may be empty, and is of one without a connection
 * @param connectedFor how long there has been a connection; empty if there is none
 * @param inTable whether it is in the routing table, that is serves the DHT and has answered
 * @param registry where its registry is, if it has a usable address
 */
public record DhtPeer(
        PeerId id,
        List<Multiaddr> addresses,
        String agentVersion,
        Optional<Duration> connectedFor,
        boolean inTable,
        Optional<Peer> registry) {
    public DhtPeer {
        requireNonNull(id, "id");
        addresses = List.copyOf(addresses);
        requireNonNull(agentVersion, "agentVersion");
        requireNonNull(connectedFor, "connectedFor");
        requireNonNull(registry, "registry");
    }
}
