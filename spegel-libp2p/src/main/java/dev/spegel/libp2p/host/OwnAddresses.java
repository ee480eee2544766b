package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multiformats.AddressScope;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Quoted;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Works out where a node can be reached from the sockets that it has bound. Pure but for {@link #ofMachine}. */
final class OwnAddresses {
    /**
     * What peers are told fits with the protocols into one message of 8192 bytes, twice even, plain and signed. go-libp2p allows
     * its own 4096 bytes: p2p/host/basic/addrs_manager.go.
     */
    static final int MAX_BYTES = 2048;

    private OwnAddresses() {}

    /** The addresses of all interfaces that are up. May block. */
    static List<InetAddress> ofMachine() {
        try {
            List<InetAddress> addresses = new ArrayList<>();
            for (NetworkInterface networkInterface :
                    NetworkInterface.networkInterfaces().toList()) {
                if (networkInterface.isUp()) {
                    networkInterface.inetAddresses().forEach(addresses::add);
                }
            }
            return addresses;
        } catch (SocketException e) {
            throw new UncheckedIOException("can't list the network interfaces", e);
        }
    }

    /** Where connections arrive: each socket's address, or those of the machine if it's the unspecified one. */
    static Set<InetSocketAddress> bound(List<InetSocketAddress> sockets, List<InetAddress> machine) {
        Set<InetSocketAddress> bound = new LinkedHashSet<>();
        for (InetSocketAddress socket : sockets) {
            if (socket.getAddress().isAnyLocalAddress()) {
                machine.stream()
                        .filter(address -> serves(socket.getAddress(), address))
                        .forEach(address -> bound.add(withoutZone(address, socket.getPort())));
            } else {
                bound.add(withoutZone(socket.getAddress(), socket.getPort()));
            }
        }
        return bound;
    }

    /** {@code ::} stands for IPv4 as well: the platform opens such sockets for both, wherever the system lets it. */
    private static boolean serves(InetAddress unspecified, InetAddress address) {
        return !(unspecified instanceof Inet4Address) || address instanceof Inet4Address;
    }

    /** Peers' addresses have none, and are compared with these. */
    private static InetSocketAddress withoutZone(InetAddress address, int port) {
        return Multiaddr.ofTcp(new InetSocketAddress(address, port)).tcpSocket().orElseThrow();
    }

    /**
     * What peers are told: sorted by bytes, and without those that make sense on this machine or link only, unless a socket is bound
     * to just these.
     *
     * @param announced has the last word
     * @throws IllegalArgumentException if that yields an address that peers can't be told
     */
    static List<Multiaddr> told(
            List<InetSocketAddress> sockets, List<InetAddress> machine, UnaryOperator<List<Multiaddr>> announced) {
        List<InetAddress> reachable =
                machine.stream().filter(address -> !address.isLoopbackAddress()).toList();
        List<Multiaddr> usual = bound(sockets, reachable).stream()
                .map(Multiaddr::ofTcp)
                .filter(address -> AddressScope.of(address) != AddressScope.IP6_LINK_LOCAL)
                .distinct()
                .sorted((a, b) -> Arrays.compareUnsigned(a.toBytes(), b.toBytes()))
                .toList();
        List<Multiaddr> chosen = announced.apply(usual).stream().distinct().toList();
        chosen.forEach(OwnAddresses::requireFitForPeers);
        return firstThatFit(chosen);
    }

    private static void requireFitForPeers(Multiaddr address) {
        if (address.peer().isPresent()) {
            throw new IllegalArgumentException(
                    "addresses are announced without a peer ID, got " + Quoted.of(address.toString()));
        }
        if (AddressScope.of(address) == AddressScope.UNSPECIFIED) {
            throw new IllegalArgumentException(
                    "the unspecified address can't be announced, got " + Quoted.of(address.toString()));
        }
    }

    private static List<Multiaddr> firstThatFit(List<Multiaddr> addresses) {
        List<Multiaddr> fit = new ArrayList<>();
        int length = 0;
        for (Multiaddr address : addresses) {
            length += address.toBytes().length;
            if (length > MAX_BYTES) {
                break;
            }
            fit.add(address);
        }
        return List.copyOf(fit);
    }
}
