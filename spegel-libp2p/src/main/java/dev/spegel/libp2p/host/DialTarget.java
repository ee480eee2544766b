package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multiformats.AddressScope;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** An address that can be dialled. */
record DialTarget(Multiaddr address, InetSocketAddress socket) {
    boolean isPrivate() {
        return AddressScope.of(address).isPrivate();
    }

    private boolean isIp6() {
        return socket.getAddress() instanceof Inet6Address;
    }

    /**
     * In the order in which to try them: IPv6 and IPv4 by turns, IPv6 first (RFC 8305, section 4), and within a family the lowest
     * port first, as go-libp2p's p2p/net/swarm/dial_ranker.go.
     */
    static List<DialTarget> ranked(List<DialTarget> targets) {
        Deque<DialTarget> ip6 = new ArrayDeque<>();
        Deque<DialTarget> ip4 = new ArrayDeque<>();
        targets.stream()
                .sorted(Comparator.comparingInt(target -> target.socket.getPort()))
                .forEach(target -> (target.isIp6() ? ip6 : ip4).add(target));
        List<DialTarget> ranked = new ArrayList<>(targets.size());
        while (!ip6.isEmpty() || !ip4.isEmpty()) {
            if (!ip6.isEmpty()) {
                ranked.add(ip6.remove());
            }
            if (!ip4.isEmpty()) {
                ranked.add(ip4.remove());
            }
        }
        return ranked;
    }
}
