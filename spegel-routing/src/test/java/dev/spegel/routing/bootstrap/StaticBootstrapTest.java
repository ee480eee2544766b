package dev.spegel.routing.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StaticBootstrapTest {
    private static final String A = "12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh";
    private static final String B = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    private static BootstrapPeer peer(String id, String... addresses) {
        return new BootstrapPeer(
                Optional.of(PeerId.parse(id)),
                List.of(addresses).stream().map(Multiaddr::parse).toList());
    }

    @Test
    void namesEachPeerOnceWithItsAddresses() {
        StaticBootstrap bootstrap = StaticBootstrap.parse(
                List.of("/ip4/10.0.0.7/tcp/5001/p2p/" + A, "/dns4/node/p2p/" + B, "/ip6/fd00::7/tcp/5001/p2p/" + A));
        assertThat(bootstrap.find(Duration.ZERO))
                .containsExactly(peer(A, "/ip4/10.0.0.7/tcp/5001", "/ip6/fd00::7/tcp/5001"), peer(B, "/dns4/node"));
    }

    @Test
    void refusesAnAddressWithoutAnId() {
        assertThatThrownBy(() -> StaticBootstrap.parse(List.of("/ip4/10.0.0.7/tcp/5001")))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("/ip4/10.0.0.7/tcp/5001");
    }

    @Test
    void refusesAnIdWithoutAnAddress() {
        assertThatThrownBy(() -> StaticBootstrap.parse(List.of("/p2p/" + A)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("says where it is");
    }

    @ParameterizedTest
    @CsvSource({
        "/dnsaddr/nodes.example, /dnsaddr isn't looked up here",
        "/ip4/10.0.0.7/udp/5001/quic-v1, is reached by TCP",
        "/ip4/10.0.0.7/tcp/5001/ws, is reached by TCP",
        "/tcp/5001, is reached by TCP"
    })
    void refusesAnAddressThatIsNeverDialled(String address, String message) {
        assertThatThrownBy(() -> StaticBootstrap.parse(List.of(address + "/p2p/" + A)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(address);
    }

    @Test
    void refusesNoneAndTooMany() {
        assertThatIllegalArgumentException().isThrownBy(() -> StaticBootstrap.parse(List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StaticBootstrap(Collections.nCopies(65, peer(A, "/ip4/10.0.0.7"))))
                .withMessageContaining("got 65");
    }

    @Test
    void refusesAPeerWithNoAddressOrWithAnIdInOne() {
        assertThatIllegalArgumentException().isThrownBy(() -> peer(A));
        assertThatIllegalArgumentException().isThrownBy(() -> peer(A, "/ip4/10.0.0.7/p2p/" + A));
    }
}
