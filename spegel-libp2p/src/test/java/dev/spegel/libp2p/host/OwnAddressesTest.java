package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multiformats.Multiaddr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class OwnAddressesTest {
    private static List<InetAddress> machine() {
        return List.of(ip("127.0.0.1"), ip("::1"), ip("fe80::1"), ip("fd00::7"), ip("192.168.0.9"), ip("10.0.0.7"));
    }

    private static InetAddress ip(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> told(String... listen) {
        return told(UnaryOperator.identity(), listen);
    }

    private static List<String> told(UnaryOperator<List<Multiaddr>> announced, String... listen) {
        return OwnAddresses.told(sockets(listen), machine(), announced).stream()
                .map(Multiaddr::toString)
                .toList();
    }

    private static List<InetSocketAddress> sockets(String... listen) {
        return Arrays.stream(listen)
                .map(address -> new InetSocketAddress(ip(address), 5001))
                .toList();
    }

    @Test
    void theUnspecifiedAddressStandsForThoseThatOthersReach() {
        assertThat(told("0.0.0.0")).containsExactly("/ip4/10.0.0.7/tcp/5001", "/ip4/192.168.0.9/tcp/5001");
    }

    @Test
    void thatOfIp6ServesBothFamilies() {
        assertThat(told("::"))
                .containsExactly("/ip4/10.0.0.7/tcp/5001", "/ip4/192.168.0.9/tcp/5001", "/ip6/fd00::7/tcp/5001");
    }

    @Test
    void eachIsToldOnce() {
        assertThat(told("10.0.0.7", "0.0.0.0")).containsExactly("/ip4/10.0.0.7/tcp/5001", "/ip4/192.168.0.9/tcp/5001");
    }

    @Test
    void loopbackIsToldOnlyIfThatIsAllThereIs() {
        assertThat(told("127.0.0.1")).containsExactly("/ip4/127.0.0.1/tcp/5001");
    }

    @Test
    void connectionsArriveAtLoopbackToo() {
        assertThat(OwnAddresses.bound(sockets("0.0.0.0"), machine()))
                .contains(new InetSocketAddress(ip("127.0.0.1"), 5001));
    }

    @Test
    void theEmbedderHasTheLastWord() {
        Multiaddr http = Multiaddr.parse("/ip4/10.0.0.7/tcp/5000/http");

        assertThat(told(
                        usual -> {
                            List<Multiaddr> more = new ArrayList<>(usual);
                            more.add(0, http);
                            return more;
                        },
                        "10.0.0.7"))
                .containsExactly("/ip4/10.0.0.7/tcp/5000/http", "/ip4/10.0.0.7/tcp/5001");
    }

    @Test
    void whatPeersCannotUseIsRefused() {
        assertThatThrownBy(() -> told(usual -> List.of(Multiaddr.parse("/ip4/0.0.0.0/tcp/1")), "::"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/ip4/0.0.0.0/tcp/1");
        assertThatThrownBy(() -> told(
                        usual -> List.of(Multiaddr.parse(
                                "/ip4/10.0.0.7/tcp/1/p2p/12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh")),
                        "::"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("peer ID");
    }

    @Test
    void noMoreAreToldThanFitIntoAMessage() {
        List<Multiaddr> many = new ArrayList<>();
        for (int port = 1; port <= 1000; port++) {
            many.add(Multiaddr.parse("/ip4/10.0.0.7/tcp/" + port));
        }

        assertThat(told(usual -> many, "::")).hasSize(OwnAddresses.MAX_BYTES / 8);
    }

    @Test
    void thisMachineHasAddresses() {
        assertThat(OwnAddresses.ofMachine()).isNotEmpty();
    }
}
