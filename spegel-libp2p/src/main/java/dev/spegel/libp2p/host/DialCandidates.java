package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.AddressScope;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Protocol;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What of a peer's addresses is worth dialling, as go-libp2p filters them (p2p/net/swarm/swarm_dial.go). Pure: names are left for
 * somebody else to look up.
 *
 * @param targets to dial, each once, in the order given
 * @param names to look up first
 * @param refused the others, each with the reason
 */
record DialCandidates(List<DialTarget> targets, List<Name> names, Map<Multiaddr, String> refused) {
    /** go-libp2p's bound on the addresses that one dial tries: p2p/net/swarm/swarm_dial.go, {@code maximumResolvedAddresses}. */
    static final int MAX_TARGETS = 100;

    /** A lookup holds a thread, perhaps for long; a peer that has a name usually has one for each family. */
    static final int MAX_NAMES = 4;

    /** A host name with a TCP port. */
    record Name(Multiaddr address, String host, int port, Optional<Class<? extends InetAddress>> family) {
        /** The addresses that a lookup has found, of the right family. */
        List<Multiaddr> resolved(List<InetAddress> found) {
            return found.stream()
                    .filter(ip -> family.map(wanted -> wanted.isInstance(ip)).orElse(true))
                    .limit(MAX_TARGETS)
                    .map(ip -> Multiaddr.ofTcp(new InetSocketAddress(ip, port)))
                    .toList();
        }
    }

    static final String OWN = "it's an address of this node";

    /**
     * @param peer whom to reach; empty for whoever is there
     * @param own where this node listens
     */
    static DialCandidates of(List<Multiaddr> addresses, Optional<PeerId> peer, Set<InetSocketAddress> own) {
        Set<DialTarget> targets = new LinkedHashSet<>();
        List<Name> names = new ArrayList<>();
        Map<Multiaddr, String> refused = new LinkedHashMap<>();
        for (Multiaddr address : addresses) {
            if (targets.size() + refused.size() >= MAX_TARGETS) {
                refused.put(address, "one of too many addresses");
                break;
            }
            Optional<String> objection = objectionTo(address, peer, own);
            Optional<Name> name = nameIn(address);
            if (objection.isPresent()) {
                refused.put(address, objection.get());
            } else if (name.isEmpty()) {
                InetSocketAddress socket = address.tcpSocket().orElseThrow();
                targets.add(new DialTarget(Multiaddr.ofTcp(socket), socket));
            } else if (names.size() < MAX_NAMES) {
                names.add(name.get());
            } else {
                refused.put(address, "one of too many names");
            }
        }
        return new DialCandidates(List.copyOf(targets), List.copyOf(names), refused);
    }

    private static Optional<String> objectionTo(Multiaddr address, Optional<PeerId> peer, Set<InetSocketAddress> own) {
        if (peer.isPresent()
                && address.peer()
                        .map(named -> !named.equals(peer.get().multihash()))
                        .orElse(false)) {
            return Optional.of("it names another peer");
        }
        if (nameIn(address).isPresent()) {
            return Optional.empty();
        }
        Optional<InetSocketAddress> socket = address.tcpSocket();
        if (socket.isEmpty()) {
            boolean listed = address.first(Protocol.DNSADDR).isPresent();
            return Optional.of(listed ? "TXT records aren't looked up" : "it's no TCP address of a peer");
        }
        if (socket.get().getPort() == 0) {
            return Optional.of("nobody listens on port 0");
        }
        return switch (AddressScope.of(Multiaddr.ofTcp(socket.get()))) {
            case UNSPECIFIED -> Optional.of("it's the unspecified address");
            case IP6_LINK_LOCAL -> Optional.of("it's only valid on a link that isn't known");
            default -> own.contains(socket.get()) ? Optional.of(OWN) : Optional.empty();
        };
    }

    /** Of {@code /dns/…/tcp/…}, {@code /dns4} and {@code /dns6}. TXT records, which {@code /dnsaddr} needs, aren't looked up. */
    private static Optional<Name> nameIn(Multiaddr address) {
        List<Multiaddr.Component> parts =
                address.withoutPeer().map(Multiaddr::components).orElse(List.of());
        if (parts.size() != 2 || parts.get(1).protocol() != Protocol.TCP) {
            return Optional.empty();
        }
        String host = parts.get(0).value();
        int port = Integer.parseInt(parts.get(1).value());
        return switch (parts.get(0).protocol()) {
            case DNS -> Optional.of(new Name(address, host, port, Optional.empty()));
            case DNS4 -> Optional.of(new Name(address, host, port, Optional.of(Inet4Address.class)));
            case DNS6 -> Optional.of(new Name(address, host, port, Optional.of(Inet6Address.class)));
            default -> Optional.empty();
        };
    }
}
