package dev.spegel.routing.bootstrap;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Protocol;
import dev.spegel.libp2p.multiformats.Quoted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A fixed list of peers, as {@code --static-bootstrap-peers} of the Go implementation. */
public final class StaticBootstrap implements Bootstrapper {
    /** All are dialled at once. The Go implementation knows no bound; the other kinds name six at most. */
    public static final int MAX_PEERS = 64;

    private static final Set<Protocol> HOSTS =
            EnumSet.of(Protocol.IP4, Protocol.IP6, Protocol.DNS, Protocol.DNS4, Protocol.DNS6);

    private final List<BootstrapPeer> peers;

    /** @throws IllegalArgumentException unless it is 1 to {@link #MAX_PEERS} peers */
    public StaticBootstrap(List<BootstrapPeer> peers) {
        this.peers = List.copyOf(requireNonNull(peers, "peers"));
        if (this.peers.isEmpty() || this.peers.size() > MAX_PEERS) {
            throw new IllegalArgumentException(
                    "there are 1 to %d static bootstrap peers, got %d".formatted(MAX_PEERS, this.peers.size()));
        }
    }

    /**
     * Reads multiaddrs that end in {@code /p2p/<id>}. Several with one ID are one peer's.
     *
     * @throws MalformedException if one is malformed or has no ID
     * @throws IllegalArgumentException unless it is 1 to {@link #MAX_PEERS} peers
     */
    public static StaticBootstrap parse(List<String> multiaddrs) {
        Map<PeerId, List<Multiaddr>> addresses = new LinkedHashMap<>();
        for (String text : multiaddrs) {
            BootstrapPeer peer = BootstrapPeer.parse(text);
            PeerId id = peer.id()
                    .orElseThrow(() -> new MalformedException(
                            "a static bootstrap peer's address ends in /p2p/ and its ID, got " + Quoted.of(text)));
            peer.addresses().forEach(address -> requireDialable(address, text));
            addresses.computeIfAbsent(id, each -> new ArrayList<>()).addAll(peer.addresses());
        }
        return new StaticBootstrap(addresses.entrySet().stream()
                .map(peer -> new BootstrapPeer(Optional.of(peer.getKey()), peer.getValue()))
                .toList());
    }

    /**
     * Go looks up the TXT records of a {@code /dnsaddr} and dials QUIC. Here neither happens, and a peer that is never dialled should be
     * known at the start.
     */
    private static void requireDialable(Multiaddr address, String text) {
        List<Protocol> parts =
                address.components().stream().map(Multiaddr.Component::protocol).toList();
        if (parts.contains(Protocol.DNSADDR)) {
            throw new MalformedException(
                    "/dnsaddr isn't looked up here, /dns, /dns4 and /dns6 are: name the peer's host and port by one of them, got "
                            + Quoted.of(text));
        }
        boolean dialable = HOSTS.contains(parts.get(0))
                && (parts.size() == 1 || parts.equals(List.of(parts.get(0), Protocol.TCP)));
        if (!dialable) {
            throw new MalformedException(
                    "a static bootstrap peer is reached by TCP: /ip4, /ip6, /dns, /dns4 or /dns6 and then /tcp or nothing, got "
                            + Quoted.of(text));
        }
    }

    @Override
    public List<BootstrapPeer> find(Duration limit) {
        return peers;
    }

    @Override
    public String toString() {
        return "a list of %d peers".formatted(peers.size());
    }
}
