package dev.spegel.routing.bootstrap;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Quoted;
import java.util.List;
import java.util.Optional;

/**
 * A peer that a node may begin with.
 *
 * @param id empty if only the handshake will tell
 * @param addresses at least one, none with a peer ID. One that has no transport, such as {@code /ip4/10.0.0.7}, stands for the TCP
 *     port that the node itself listens on
 */
public record BootstrapPeer(Optional<PeerId> id, List<Multiaddr> addresses) {
    public BootstrapPeer {
        requireNonNull(id, "id");
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a bootstrap peer has at least one address, got none");
        }
        for (Multiaddr address : addresses) {
            if (address.peer().isPresent()) {
                throw new IllegalArgumentException(
                        "the addresses of a bootstrap peer have no peer ID, got " + Quoted.of(address.toString()));
            }
        }
    }

    /**
     * Reads a multiaddr that may end in {@code /p2p/<id>}.
     *
     * @throws MalformedException if it's malformed, or only a peer ID
     */
    public static BootstrapPeer parse(String multiaddr) {
        Multiaddr address = Multiaddr.parse(multiaddr);
        Multiaddr where = address.withoutPeer()
                .orElseThrow(
                        () -> new MalformedException("a peer's address says where it is, got " + Quoted.of(multiaddr)));
        return new BootstrapPeer(address.peer().map(PeerId::new), List.of(where));
    }
}
