package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.registry.PeerLoad;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Who a node knows.
 *
 * @param node the one whose view this is
 * @param known how many peers it knows
 * @param peers these, or the first {@link NetworkView#MAX_PEERS} of them
 */
public record PeersReport(Self node, int known, List<KnownPeer> peers) {
    public PeersReport {
        requireNonNull(node, "node");
        peers = List.copyOf(peers);
    }

    /**
     * The node itself.
     *
     * @param router what finds peers: {@code libp2p} or {@code static}
     * @param id its peer ID; empty with a router that has none
     * @param ready whether it has met anybody
     * @param addresses where its router can be reached, as others are told
     */
    public record Self(String router, String id, boolean ready, List<String> addresses) {
        public Self {
            requireNonNull(router, "router");
            requireNonNull(id, "id");
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * One other node.
     *
     * @param addresses where its router can be reached, as it says
     * @param registries where its registry is, {@code host:port}, best first; may be empty
     * @param agentVersion its program, as it says; may be empty
     * @param connectedFor empty if there is no connection
     * @param roundTrip empty if it wasn't measured
     * @param inTable whether it is in the DHT's routing table
     * @param zone the topology zone that it runs in, where known
     * @param load what the node's mirror knows of it, if it has asked it lately
     * @param quarantinedFor for how much longer the node asks it only if nobody else has something, since it sent wrong bytes
     */
    public record KnownPeer(
            String id,
            List<String> addresses,
            List<String> registries,
            String agentVersion,
            Optional<Duration> connectedFor,
            Optional<Duration> roundTrip,
            boolean inTable,
            Optional<String> zone,
            Optional<PeerLoad> load,
            Optional<Duration> quarantinedFor) {
        public KnownPeer {
            requireNonNull(id, "id");
            addresses = List.copyOf(addresses);
            registries = List.copyOf(registries);
            requireNonNull(agentVersion, "agentVersion");
            requireNonNull(connectedFor, "connectedFor");
            requireNonNull(roundTrip, "roundTrip");
            requireNonNull(zone, "zone");
            requireNonNull(load, "load");
            requireNonNull(quarantinedFor, "quarantinedFor");
        }

        /** One of which no more than its ID is known. */
        static KnownPeer named(String id) {
            return new KnownPeer(
                    id,
                    List.of(),
                    List.of(),
                    "",
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        /** The same, with what a mirror knows of it. */
        KnownPeer withMirror(Optional<PeerLoad> mirrorsLoad, Optional<Duration> quarantine) {
            return new KnownPeer(
                    id,
                    addresses,
                    registries,
                    agentVersion,
                    connectedFor,
                    roundTrip,
                    inTable,
                    zone,
                    mirrorsLoad,
                    quarantine);
        }
    }
}
