package dev.spegel.routing.dht;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Protocol;
import dev.spegel.routing.Peer;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Tells where registries are, in the addresses of libp2p nodes: {@code /ip4/10.0.0.7/tcp/5000/http} beside
 * {@code /ip4/10.0.0.7/tcp/5001}, or {@code …/tls/http}. Nodes of the Go implementation can't dial such an address, and so take no
 * more than its IP, as they do with all. They don't announce one themselves, and all use one port.
 */
final class RegistryAddresses {
    /** A node has an address or two of each family that others reach, and some that only look so; each failure costs time. */
    static final int MAX_ADDRESSES = 8;

    private final PeerId self;
    private final int port;
    private final Multiaddr suffix;

    /** Where this node listens, as others are told. */
    private volatile Set<InetAddress> own = Set.of();

    /** @param port of this node's registry */
    RegistryAddresses(PeerId self, int port, boolean tls) {
        this.self = requireNonNull(self, "self");
        this.port = port;
        this.suffix = Multiaddr.parse(tls ? "/tls/http" : "/http");
    }

    /** The addresses, and this node's registry at each of their IPs. */
    List<Multiaddr> withRegistry(List<Multiaddr> listening) {
        Set<Multiaddr> all = new LinkedHashSet<>(listening);
        for (InetAddress ip : ips(listening)) {
            all.add(Multiaddr.ofTcp(new InetSocketAddress(ip, port)).plus(suffix));
        }
        return List.copyOf(all);
    }

    /** This node's own addresses are now these. */
    void listensOn(List<Multiaddr> addresses) {
        own = Set.copyOf(ips(addresses));
    }

    private static Set<InetAddress> ips(List<Multiaddr> addresses) {
        Set<InetAddress> ips = new LinkedHashSet<>();
        addresses.forEach(address ->
                address.tcpSocket().map(InetSocketAddress::getAddress).ifPresent(ips::add));
        return ips;
    }

    /** A peer's registry; empty for this node itself, and if no address can be used. */
    Optional<Peer> peer(PeerId id, List<Multiaddr> told) {
        if (id.equals(self)) {
            return Optional.empty();
        }
        OptionalInt announced = told.stream()
                .flatMapToInt(address -> registrySocket(address).stream().mapToInt(InetSocketAddress::getPort))
                .filter(each -> each > 0)
                .findFirst();
        int peerPort = announced.orElse(port);
        Set<InetAddress> ips = new LinkedHashSet<>();
        for (Multiaddr address : told) {
            address.tcpSocket()
                    .or(() -> registrySocket(address))
                    .map(InetSocketAddress::getAddress)
                    .filter(ip -> isUsable(ip, peerPort))
                    .ifPresent(ips::add);
        }
        if (ips.isEmpty()) {
            return Optional.empty();
        }
        Set<InetAddress> ours = own;
        List<InetAddress> nearestFirst = new ArrayList<>(ips);
        nearestFirst.sort(Comparator.comparingInt(ip -> distance(ip, ours)));
        return Optional.of(new Peer(
                id.toString(),
                nearestFirst.subList(0, Math.min(nearestFirst.size(), MAX_ADDRESSES)),
                peerPort,
                Optional.empty()));
    }

    /**
     * Not where this node's own registry is: many hosts have the same bridge address. And not on this machine's loopback, unless
     * this node is announced there itself, or nowhere as a client.
     */
    private boolean isUsable(InetAddress ip, int peerPort) {
        Set<InetAddress> ours = own;
        return !ip.isAnyLocalAddress()
                && !ip.isMulticastAddress()
                && !(ip instanceof Inet6Address && ip.isLinkLocalAddress())
                && (!ip.isLoopbackAddress() || ours.isEmpty() || ours.stream().anyMatch(InetAddress::isLoopbackAddress))
                && !(peerPort == port && ours.contains(ip));
    }

    /**
     * By how many bits an address differs from the own one that is most like it: those of the same network come first, those of a
     * family that this node lacks last but for its own, behind which may be another node of this machine or none.
     */
    private static int distance(InetAddress ip, Set<InetAddress> ours) {
        if (ours.contains(ip)) {
            return Integer.MAX_VALUE;
        }
        byte[] bytes = ip.getAddress();
        return ours.stream()
                .map(InetAddress::getAddress)
                .filter(each -> each.length == bytes.length)
                .mapToInt(each -> bitsAfterCommonPrefix(bytes, each))
                .min()
                .orElse(Integer.MAX_VALUE - 1);
    }

    private static int bitsAfterCommonPrefix(byte[] a, byte[] b) {
        int same = Arrays.mismatch(a, b);
        if (same < 0) {
            return 0;
        }
        int differing = (a[same] ^ b[same]) & 0xff;
        return 8 * (a.length - same - 1) + Integer.SIZE - Integer.numberOfLeadingZeros(differing);
    }

    /** What {@code /ip4|ip6/…/tcp/…[/tls]/http} names. */
    private static Optional<InetSocketAddress> registrySocket(Multiaddr address) {
        List<Multiaddr.Component> parts =
                address.withoutPeer().map(Multiaddr::components).orElse(List.of());
        List<Protocol> protocols =
                parts.stream().map(Multiaddr.Component::protocol).toList();
        if (protocols.size() < 3
                || (protocols.get(0) != Protocol.IP4 && protocols.get(0) != Protocol.IP6)
                || protocols.get(1) != Protocol.TCP) {
            return Optional.empty();
        }
        List<Protocol> rest = protocols.subList(2, protocols.size());
        if (!rest.equals(List.of(Protocol.HTTP)) && !rest.equals(List.of(Protocol.TLS, Protocol.HTTP))) {
            return Optional.empty();
        }
        byte[] port = parts.get(1).toBytes();
        try {
            return Optional.of(new InetSocketAddress(
                    InetAddress.getByAddress(parts.get(0).toBytes()), (port[0] & 0xff) << 8 | (port[1] & 0xff)));
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }
}
