package dev.spegel.libp2p.host;

import static dev.spegel.libp2p.host.MemoryHosts.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.yamux.GoAwayCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How many connections a {@link NodeHost} has, and when it dials what. */
class NodeHostLimitsTest {
    private final MemoryHosts hosts = new MemoryHosts();

    private List<NodeHost> peers(int count) {
        List<NodeHost> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            peers.add(hosts.started("10.0.2." + (i + 1)));
        }
        return peers;
    }

    @Test
    void anAcceptedConnectionBeyondTheBoundIsRefused() {
        NodeHost host = hosts.started("10.0.0.1", HostConfig.builder().connections(2, 2));
        List<NodeHost> peers = peers(3);
        hosts.now(peers.get(0).connect(host.peerId(), at("10.0.0.1")));
        hosts.now(peers.get(1).connect(host.peerId(), at("10.0.0.1")));

        assertThat(hosts.failureOf(peers.get(2).connect(host.peerId(), at("10.0.0.1"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("connection closed");
    }

    @Test
    void aDialledConnectionTakesThePlaceOfTheOneIdleForLongest() {
        NodeHost host = hosts.started("10.0.0.1", HostConfig.builder().connections(2, 2));
        List<NodeHost> peers = peers(3);
        for (NodeHost peer : peers) {
            hosts.now(host.connect(peer.peerId(), peer.addresses()));
            hosts.loop.advance(Duration.ofMillis(1));
        }

        assertThat(host.peers())
                .extracting(ConnectedPeer::id)
                .containsExactlyInAnyOrder(peers.get(1).peerId(), peers.get(2).peerId());
        assertThat(peers.get(0).peers()).isEmpty();
    }

    @Test
    void protectedConnectionsLeaveNoPlace() {
        NodeHost host = hosts.started("10.0.0.1", HostConfig.builder().connections(1, 1));
        List<NodeHost> peers = peers(2);
        hosts.now(host.connect(peers.get(0).peerId(), at("10.0.2.1")));
        host.protect(List.of(peers.get(0).peerId()));

        assertThat(hosts.failureOf(host.connect(peers.get(1).peerId(), at("10.0.2.2"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("as many as there may be");
        assertThat(host.peers())
                .extracting(ConnectedPeer::id)
                .containsExactly(peers.get(0).peerId());
    }

    @Test
    void idleConnectionsAreTrimmedOnceThereAreTooMany() {
        NodeHost host = hosts.started("10.0.0.1", HostConfig.builder().connections(2, 5));
        List<NodeHost> peers = peers(5);
        for (NodeHost peer : peers) {
            hosts.now(peer.connect(host.peerId(), at("10.0.0.1")));
            hosts.loop.advance(Duration.ofMillis(1));
        }
        host.protect(List.of(peers.get(0).peerId()));

        hosts.loop.advance(ConnectionTable.GRACE.minus(NodeHost.TRIM_INTERVAL));
        assertThat(host.peers()).hasSize(5);
        hosts.loop.advance(NodeHost.TRIM_INTERVAL.multipliedBy(2));

        assertThat(host.peers())
                .extracting(ConnectedPeer::id)
                .containsExactlyInAnyOrder(peers.get(0).peerId(), peers.get(4).peerId());
    }

    @Test
    void fewerConnectionsAreLeftAlone() {
        NodeHost host = hosts.started("10.0.0.1", HostConfig.builder().connections(1, 4));
        for (NodeHost peer : peers(3)) {
            hosts.now(peer.connect(host.peerId(), at("10.0.0.1")));
        }

        hosts.loop.advance(Duration.ofMinutes(5));

        assertThat(host.peers()).hasSize(3);
    }

    @Test
    void aPeerHasABoundedNumberOfConnections() throws Exception {
        KeyPair identity = KeyPair.generate();
        hosts.started("10.0.0.1", HostConfig.builder().maxConnectionsPerPeer(2));
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Connection> dial = hosts.network
                    .transport(identity.peerId(), "10.0.0.2")
                    .dial(MemoryNetwork.socket("/ip4/10.0.0.1/tcp/5001"), Optional.empty(), Duration.ofSeconds(1));
            connections.add(hosts.now(dial));
            hosts.loop.run();
        }

        assertThat(connections.get(0).closed()).isNotDone();
        assertThat(connections.get(1).closed()).isNotDone();
        assertThat(connections.get(2).closed()).isDone();
        assertThat(((MemoryConnection) connections.get(2)).code()).isEqualTo(GoAwayCode.RESOURCE_LIMIT_EXCEEDED);
    }

    @Test
    void bothWhoDialEachOtherAtOnceStayConnected() {
        NodeHost a = hosts.started("10.0.0.1");
        NodeHost b = hosts.started("10.0.0.2");
        hosts.network.delay("/ip4/10.0.0.1/tcp/5001", Duration.ofMillis(5));
        hosts.network.delay("/ip4/10.0.0.2/tcp/5001", Duration.ofMillis(5));

        CompletableFuture<ConnectedPeer> there = a.connect(b.peerId(), at("10.0.0.2"));
        CompletableFuture<ConnectedPeer> back = b.connect(a.peerId(), at("10.0.0.1"));
        hosts.loop.advance(Duration.ofMillis(5));

        assertThat(hosts.now(there).id()).isEqualTo(b.peerId());
        assertThat(hosts.now(back).id()).isEqualTo(a.peerId());
        hosts.loop.advance(Duration.ofMinutes(2));
        assertThat(hosts.now(a.ping(b.peerId()))).isZero();
        assertThat(hosts.now(b.ping(a.peerId()))).isZero();
    }

    @Test
    void addressesAreTriedOneAfterTheOtherPrivateAndPublicSideBySide() {
        NodeHost host = hosts.started("10.0.0.1");
        String[] addresses = {
            "/ip4/10.0.0.9/tcp/1",
            "/ip6/fd00::9/tcp/1",
            "/ip4/10.0.0.8/tcp/2",
            "/ip4/9.9.9.9/tcp/1",
            "/ip4/9.9.9.9/tcp/2"
        };
        for (String address : addresses) {
            hosts.network.silence(address);
        }

        CompletableFuture<ConnectedPeer> dial = host.connect(KeyPair.generate().peerId(), at(addresses));
        hosts.loop.advance(Duration.ofSeconds(1));

        assertThat(dial).isNotDone();
        assertThat(hosts.network.attempts())
                .extracting(attempt -> Multiaddr.ofTcp(attempt.address()) + " " + millisSinceFirst(attempt))
                .containsExactly(
                        "/ip6/fd00::9/tcp/1 0",
                        "/ip4/9.9.9.9/tcp/1 0",
                        "/ip4/10.0.0.9/tcp/1 30",
                        "/ip4/10.0.0.8/tcp/2 60",
                        "/ip4/9.9.9.9/tcp/2 250");
    }

    private long millisSinceFirst(MemoryNetwork.Attempt attempt) {
        return attempt.time().minus(hosts.network.attempts().get(0).time()).toMillis();
    }

    @Test
    void theNextAddressIsTriedAtOnceWhenOneFails() {
        NodeHost host = hosts.started("10.0.0.1");
        NodeHost peer = hosts.started("10.0.0.2");

        hosts.now(host.connect(peer.peerId(), at("/ip6/fd00::9/tcp/1", "/ip4/9.9.9.9/tcp/1", "10.0.0.2")));

        assertThat(hosts.network.attempts()).hasSize(3);
    }

    @Test
    void manyDialsWaitForTheirTurn() {
        NodeHost host = hosts.started("10.0.0.1");
        for (int i = 0; i < DialSlots.MAX_RUNNING + 40; i++) {
            String address = "/ip4/10.1.%d.%d/tcp/1".formatted(i / 200, i % 200 + 1);
            hosts.network.silence(address);
            PeerId peer = KeyPair.generate().peerId();
            var unused = host.connect(peer, at(address));
        }

        hosts.loop.advance(Duration.ofSeconds(4));
        assertThat(hosts.network.attempts()).hasSize(DialSlots.MAX_RUNNING);
        hosts.loop.advance(Duration.ofSeconds(1));

        assertThat(hosts.network.attempts()).hasSize(DialSlots.MAX_RUNNING + 40);
    }
}
