package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DialCandidatesTest {
    private static final PeerId PEER = KeyPair.generate().peerId();

    private static DialCandidates of(String... addresses) {
        return DialCandidates.of(
                Arrays.stream(addresses).map(Multiaddr::parse).toList(),
                Optional.of(PEER),
                Set.of(MemoryNetwork.socket("/ip4/172.17.0.1/tcp/5001")));
    }

    private static List<String> targets(DialCandidates candidates) {
        return candidates.targets().stream()
                .map(target -> target.address().toString())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ip4/10.0.0.1/tcp/5000/http",
                "/ip4/10.0.0.1/tcp/5000/tls/http",
                "/ip4/10.0.0.1/udp/4001/quic-v1",
                "/dns4/example.org/tcp/443/http",
                "/dnsaddr/example.org",
                "/ip4/0.0.0.0/tcp/5001",
                "/ip6/::/tcp/5001",
                "/ip6/fe80::1/tcp/5001",
                "/ip6zone/eth0/ip6/fe80::1/tcp/5001",
                "/ip4/10.0.0.1/tcp/0",
                "/ip4/172.17.0.1/tcp/5001",
            })
    void leavesOutWhatLeadsNowhere(String address) {
        DialCandidates candidates = of(address);

        assertThat(candidates.targets()).isEmpty();
        assertThat(candidates.names()).isEmpty();
        assertThat(candidates.refused()).containsOnlyKeys(Multiaddr.parse(address));
    }

    @Test
    void dropsThePeerAtTheEndAndWhatIsGivenTwice() {
        assertThat(targets(of("/ip4/10.0.0.1/tcp/5001/p2p/" + PEER, "/ip4/10.0.0.1/tcp/5001")))
                .containsExactly("/ip4/10.0.0.1/tcp/5001");
    }

    @Test
    void refusesAnAddressOfAnotherPeer() {
        assertThat(of("/ip4/10.0.0.1/tcp/5001/p2p/" + KeyPair.generate().peerId())
                        .refused())
                .hasSize(1);
    }

    @Test
    void leavesNamesToBeLookedUp() throws Exception {
        DialCandidates candidates = of("/dns/a.example/tcp/1", "/dns4/b.example/tcp/2", "/dns6/c.example/tcp/3");
        List<InetAddress> found = List.of(InetAddress.getByName("10.0.0.1"), InetAddress.getByName("fd00::1"));

        assertThat(candidates.names())
                .extracting(DialCandidates.Name::host)
                .containsExactly("a.example", "b.example", "c.example");
        assertThat(candidates.names().get(0).resolved(found))
                .extracting(Multiaddr::toString)
                .containsExactly("/ip4/10.0.0.1/tcp/1", "/ip6/fd00::1/tcp/1");
        assertThat(candidates.names().get(1).resolved(found))
                .extracting(Multiaddr::toString)
                .containsExactly("/ip4/10.0.0.1/tcp/2");
        assertThat(candidates.names().get(2).resolved(found))
                .extracting(Multiaddr::toString)
                .containsExactly("/ip6/fd00::1/tcp/3");
    }

    @Test
    void takesABoundedNumberOfAddressesAndNames() {
        List<String> many = new ArrayList<>();
        for (int port = 1; port <= 2 * DialCandidates.MAX_TARGETS; port++) {
            many.add("/ip4/10.0.0.1/tcp/" + port);
        }
        assertThat(of(many.toArray(String[]::new)).targets()).hasSize(DialCandidates.MAX_TARGETS);

        DialCandidates names = of("/dns/a/tcp/1", "/dns/b/tcp/1", "/dns/c/tcp/1", "/dns/d/tcp/1", "/dns/e/tcp/1");
        assertThat(names.names()).hasSize(DialCandidates.MAX_NAMES);
        assertThat(names.refused()).hasSize(1);
    }

    @Test
    void ranksFamiliesByTurnsAndLowPortsFirst() {
        List<DialTarget> ranked = DialTarget.ranked(of(
                        "/ip4/10.0.0.1/tcp/9",
                        "/ip4/10.0.0.2/tcp/5",
                        "/ip6/fd00::1/tcp/7",
                        "/ip4/10.0.0.3/tcp/6",
                        "/ip6/fd00::2/tcp/1")
                .targets());

        assertThat(ranked)
                .extracting(target -> target.address().toString())
                .containsExactly(
                        "/ip6/fd00::2/tcp/1",
                        "/ip4/10.0.0.2/tcp/5",
                        "/ip6/fd00::1/tcp/7",
                        "/ip4/10.0.0.3/tcp/6",
                        "/ip4/10.0.0.1/tcp/9");
    }
}
