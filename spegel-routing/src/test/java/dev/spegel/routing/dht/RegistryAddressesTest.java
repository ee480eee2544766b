package dev.spegel.routing.dht;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.Peer;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RegistryAddressesTest {
    private static final PeerId SELF = PeerId.parse("12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh");
    private static final PeerId PEER = PeerId.parse("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");

    private final RegistryAddresses registries = new RegistryAddresses(SELF, 5000, false);

    private static List<Multiaddr> addresses(String... texts) {
        return Arrays.stream(texts).map(Multiaddr::parse).toList();
    }

    /** IPs and port of the peer's registry, in order; empty if there is none. */
    private List<String> registry(String... told) {
        return registries.peer(PEER, addresses(told)).stream()
                .flatMap(peer -> peer.registryAddresses().stream())
                .map(socket -> socket.getAddress().getHostAddress() + " " + socket.getPort())
                .toList();
    }

    private void listensOn(String... own) {
        registries.listensOn(registries.withRegistry(addresses(own)));
    }

    @Nested
    class WithRegistry {
        @Test
        void addsOneForEachIp() {
            assertThat(registries.withRegistry(
                            addresses("/ip4/10.0.0.7/tcp/5001", "/ip4/10.0.0.7/tcp/6001", "/ip6/fd00::7/tcp/5001")))
                    .map(Multiaddr::toString)
                    .containsExactlyInAnyOrder(
                            "/ip4/10.0.0.7/tcp/5001",
                            "/ip4/10.0.0.7/tcp/6001",
                            "/ip6/fd00::7/tcp/5001",
                            "/ip4/10.0.0.7/tcp/5000/http",
                            "/ip6/fd00::7/tcp/5000/http");
        }

        @Test
        void saysThatItIsTls() {
            assertThat(new RegistryAddresses(SELF, 5000, true).withRegistry(addresses("/ip4/10.0.0.7/tcp/5001")))
                    .map(Multiaddr::toString)
                    .containsExactly("/ip4/10.0.0.7/tcp/5001", "/ip4/10.0.0.7/tcp/5000/tls/http");
        }

        @Test
        void nowhereStaysNowhere() {
            assertThat(registries.withRegistry(List.of())).isEmpty();
        }
    }

    @Nested
    class OfAPeer {
        @Test
        void readsThePortThatIsAnnounced() {
            assertThat(registry("/ip4/10.0.0.7/tcp/5001", "/ip4/10.0.0.7/tcp/30020/http"))
                    .containsExactly("10.0.0.7 30020");
            assertThat(registry("/ip4/10.0.0.7/tcp/5001", "/ip4/10.0.0.7/tcp/30020/tls/http"))
                    .containsExactly("10.0.0.7 30020");
        }

        @Test
        void takesItsOwnPortIfNoneIsAnnounced() {
            assertThat(registry("/ip4/10.0.0.7/tcp/5001", "/ip6/fd00::7/tcp/5001/p2p/" + PEER))
                    .containsExactly("10.0.0.7 5000", "fd00:0:0:0:0:0:0:7 5000");
        }

        @Test
        void skipsWhatItCannotUse() {
            listensOn("/ip4/10.0.0.1/tcp/5001");
            assertThat(registry(
                            "/ip4/10.0.0.7/udp/5001/quic-v1",
                            "/dns4/node/tcp/5001",
                            "/ip4/0.0.0.0/tcp/5001",
                            "/ip6/::/tcp/5001",
                            "/ip4/127.0.0.1/tcp/5001",
                            "/ip6/::1/tcp/5001",
                            "/ip6/fe80::7/tcp/5001",
                            "/ip6zone/eth0/ip6/fe80::7/tcp/5001",
                            "/ip4/224.0.0.1/tcp/5001",
                            "/ip4/10.0.0.9/tcp/0/http/p2p-circuit",
                            "/p2p-circuit",
                            "/ip4/10.0.0.9"))
                    .isEmpty();
        }

        @Test
        void aPortOfZeroIsNone() {
            assertThat(registry("/ip4/10.0.0.7/tcp/0/http", "/ip4/10.0.0.7/tcp/5001"))
                    .containsExactly("10.0.0.7 5000");
        }

        @Test
        void withoutAddressesThereIsNone() {
            assertThat(registry()).isEmpty();
        }

        @Test
        void isNeverThisNode() {
            assertThat(registries.peer(SELF, addresses("/ip4/10.0.0.7/tcp/5001")))
                    .isEmpty();
        }

        @Test
        void isNotWhereThisNodesRegistryIs() {
            listensOn("/ip4/10.0.0.1/tcp/5001", "/ip4/172.17.0.1/tcp/5001");
            assertThat(registry("/ip4/172.17.0.1/tcp/5001")).isEmpty();
            assertThat(registry("/ip4/172.17.0.1/tcp/5001", "/ip4/10.0.0.2/tcp/5001"))
                    .containsExactly("10.0.0.2 5000");
        }

        @Test
        void mayShareAnIpWithThisNodeIfThePortIsAnother() {
            listensOn("/ip4/10.0.0.1/tcp/5001", "/ip4/172.17.0.1/tcp/5001");
            assertThat(registry("/ip4/10.0.0.1/tcp/6001", "/ip4/10.0.0.1/tcp/6000/http"))
                    .containsExactly("10.0.0.1 6000");
            assertThat(registry("/ip4/172.17.0.1/tcp/6000/http", "/ip4/10.0.0.2/tcp/6000/http"))
                    .containsExactly("10.0.0.2 6000", "172.17.0.1 6000");
        }

        @Test
        void isOnLoopbackOnlyIfThisNodeIsOrListensNowhere() {
            listensOn("/ip4/10.0.0.1/tcp/5001");
            assertThat(registry("/ip4/127.0.0.1/tcp/6001", "/ip4/127.0.0.1/tcp/6000/http"))
                    .isEmpty();
            listensOn();
            assertThat(registry("/ip4/127.0.0.1/tcp/6001", "/ip4/127.0.0.1/tcp/6000/http"))
                    .containsExactly("127.0.0.1 6000");
            listensOn("/ip4/127.0.0.1/tcp/5001");
            assertThat(registry("/ip4/127.0.0.1/tcp/6001", "/ip4/127.0.0.1/tcp/6000/http"))
                    .containsExactly("127.0.0.1 6000");
        }

        @Test
        void hasTheNearestAddressFirst() {
            listensOn("/ip4/192.168.1.6/tcp/5001", "/ip4/10.244.2.1/tcp/5001");
            assertThat(registry(
                            "/ip4/100.64.0.1/tcp/5001",
                            "/ip4/10.244.1.1/tcp/5001",
                            "/ip4/192.168.1.5/tcp/5001",
                            "/ip6/fd00::5/tcp/5001"))
                    .containsExactly(
                            "192.168.1.5 5000", "10.244.1.1 5000", "100.64.0.1 5000", "fd00:0:0:0:0:0:0:5 5000");
        }

        @Test
        void keepsBothFamilies() {
            listensOn("/ip4/10.0.0.1/tcp/5001", "/ip6/fd00::1/tcp/5001");
            assertThat(registry("/ip6/fd00::2/tcp/5001", "/ip4/10.0.0.2/tcp/5001"))
                    .containsExactlyInAnyOrder("10.0.0.2 5000", "fd00:0:0:0:0:0:0:2 5000");
        }

        @Test
        void hasNotMoreAddressesThanOneCanTry() {
            String[] many = IntStream.rangeClosed(1, 100)
                    .mapToObj(i -> "/ip4/10.0.0.%d/tcp/5001".formatted(i))
                    .toArray(String[]::new);
            assertThat(registry(many)).hasSize(RegistryAddresses.MAX_ADDRESSES);
        }

        @Test
        void isNamedByItsId() throws Exception {
            assertThat(registries.peer(PEER, addresses("/ip4/10.0.0.7/tcp/5001")))
                    .contains(new Peer(
                            PEER.toString(), List.of(InetAddress.getByName("10.0.0.7")), 5000, Optional.empty()));
        }
    }
}
