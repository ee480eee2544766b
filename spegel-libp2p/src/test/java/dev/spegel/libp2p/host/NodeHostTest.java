package dev.spegel.libp2p.host;

import static dev.spegel.libp2p.host.MemoryHosts.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class NodeHostTest {
    private final MemoryHosts hosts = new MemoryHosts();

    @Nested
    class Connecting {
        @Test
        void bothSidesKnowEachOther() {
            NodeHost a = hosts.started("10.0.0.1", HostConfig.builder().agentVersion("test/1"));
            NodeHost b = hosts.started("10.0.0.2");

            ConnectedPeer seen = hosts.now(b.connect(a.peerId(), at("10.0.0.1")));

            assertThat(seen.id()).isEqualTo(a.peerId());
            assertThat(seen.addresses()).isEqualTo(a.addresses()).isEqualTo(at("10.0.0.1"));
            assertThat(seen.protocols()).containsExactly("/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0");
            assertThat(seen.agentVersion()).isEqualTo("test/1");
            assertThat(a.peers()).singleElement().satisfies(peer -> {
                assertThat(peer.id()).isEqualTo(b.peerId());
                assertThat(peer.addresses()).isEqualTo(at("10.0.0.2"));
            });
        }

        @Test
        void aConnectionOfEitherDirectionIsUsedAgain() {
            NodeHost a = hosts.started("10.0.0.1");
            NodeHost b = hosts.started("10.0.0.2");
            hosts.now(b.connect(a.peerId(), at("10.0.0.1")));

            hosts.now(b.connect(a.peerId(), at("10.0.0.1")));
            hosts.now(b.connect(at("10.0.0.1").get(0)));
            hosts.now(a.connect(b.peerId(), at("10.0.0.2")));

            assertThat(hosts.network.attempts()).hasSize(1);
        }

        @Test
        void thoseWhoAskAtOnceShareOneDial() {
            NodeHost a = hosts.started("10.0.0.1");
            NodeHost b = hosts.started("10.0.0.2");
            hosts.network.delay("/ip4/10.0.0.1/tcp/5001", Duration.ofMillis(10));

            CompletableFuture<ConnectedPeer> first = b.connect(a.peerId(), at("10.0.0.1"));
            CompletableFuture<ConnectedPeer> second = b.connect(a.peerId(), at("10.0.0.1"));
            first.cancel(false);
            hosts.loop.advance(Duration.ofMillis(10));

            assertThat(hosts.now(second).id()).isEqualTo(a.peerId());
            assertThat(hosts.network.attempts()).hasSize(1);
        }

        @Test
        void addressesOfWhoeverAsksLaterJoinTheDial() {
            NodeHost a = hosts.started("10.0.0.1");
            NodeHost b = hosts.started("10.0.0.2");
            hosts.network.silence("/ip4/10.0.0.9/tcp/5001");

            CompletableFuture<ConnectedPeer> first = b.connect(a.peerId(), at("10.0.0.9"));
            CompletableFuture<ConnectedPeer> second = b.connect(a.peerId(), at("10.0.0.1"));

            assertThat(hosts.after(Duration.ofMillis(30), second).id()).isEqualTo(a.peerId());
            assertThat(first).isDone();
        }

        @Test
        void anUnknownPeersProvenIdIsTaken() {
            NodeHost a = hosts.started("10.0.0.1");
            NodeHost b = hosts.started("10.0.0.2");

            assertThat(hosts.now(b.connect(at("10.0.0.1").get(0))).id()).isEqualTo(a.peerId());
        }

        @Test
        void anotherPeerThanNamedIsRefused() {
            NodeHost b = hosts.started("10.0.0.2");
            hosts.started("10.0.0.1");
            PeerId wanted = KeyPair.generate().peerId();

            Throwable failure = hosts.failureOf(b.connect(at("10.0.0.1").get(0).withPeer(wanted.multihash())));

            assertThat(failure)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(wanted.toString())
                    .hasMessageContaining("\"/ip4/10.0.0.1/tcp/5001\"");
            assertThat(b.peers()).isEmpty();
        }

        @Test
        void oneselfIsRefusedByIdAndByAddress() {
            NodeHost a = hosts.started("10.0.0.1");

            assertThat(hosts.failureOf(a.connect(a.peerId(), at("10.0.0.1")))).isInstanceOf(DialledSelfException.class);
            assertThat(hosts.failureOf(a.connect(at("10.0.0.1").get(0)))).isInstanceOf(DialledSelfException.class);
            assertThat(hosts.network.attempts()).isEmpty();
        }

        @Test
        void failureNamesEachAddressAndWhy() {
            NodeHost a = hosts.started("10.0.0.1");
            PeerId peer = KeyPair.generate().peerId();

            Throwable failure = hosts.failureOf(a.connect(
                    peer,
                    at("10.0.0.7", "/ip4/10.0.0.7/tcp/5000/http", "/ip4/0.0.0.0/tcp/5001", "/dns4/nowhere/tcp/1")));

            assertThat(failure)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("\"/ip4/10.0.0.7/tcp/5001\" (connection refused)")
                    .hasMessageContaining("\"/ip4/10.0.0.7/tcp/5000/http\" (it's no TCP address of a peer)")
                    .hasMessageContaining("\"/ip4/0.0.0.0/tcp/5001\" (it's the unspecified address)")
                    .hasMessageContaining("\"/dns4/nowhere/tcp/1\" (nowhere)");
        }

        @Test
        void withoutAddressesItFailsAtOnce() {
            NodeHost a = hosts.started("10.0.0.1");

            assertThat(hosts.failureOf(a.connect(KeyPair.generate().peerId(), List.of())))
                    .hasMessageContaining("no address is known");
        }

        @Test
        void namesAreLookedUp() throws Exception {
            NodeHost a = hosts.started("10.0.0.1");
            NodeHost b = hosts.started("10.0.0.2");
            hosts.names.put(
                    "seed.example",
                    List.of(
                            MemoryNetwork.socket("/ip6/fd00::1/tcp/1").getAddress(),
                            MemoryNetwork.socket("/ip4/10.0.0.1/tcp/1").getAddress()));

            hosts.now(b.connect(Multiaddr.parse("/dns4/seed.example/tcp/5001")));

            assertThat(hosts.network.attempted()).containsExactly("/ip4/10.0.0.1/tcp/5001");
            assertThat(b.peers()).extracting(ConnectedPeer::id).containsExactly(a.peerId());
        }

        @Test
        void aStreamLeavesAFailedAddressAloneForAWhile() {
            NodeHost a = hosts.started("10.0.0.1");
            PeerId peer = KeyPair.generate().peerId();
            hosts.failureOf(a.connect(peer, at("10.0.0.7")));

            assertThat(hosts.failureOf(streamTo(a, peer, "10.0.0.7"))).hasMessageContaining("left alone");
            assertThat(hosts.network.attempts()).hasSize(1);
            hosts.loop.advance(DialBackoff.BASE);
            hosts.failureOf(streamTo(a, peer, "10.0.0.7"));

            assertThat(hosts.network.attempts()).hasSize(2);
        }

        @Test
        void whoeverAsksForAConnectionIsNotHeldBackByWhatHasFailed() {
            NodeHost a = hosts.started("10.0.0.1");
            KeyPair identity = KeyPair.generate();
            hosts.failureOf(a.connect(identity.peerId(), at("10.0.0.2")));
            hosts.failureOf(a.connect(identity.peerId(), at("10.0.0.2")));
            NodeHost late = hosts.host(identity, "10.0.0.2", HostConfig.builder());
            hosts.now(late.start());

            assertThat(hosts.now(a.connect(identity.peerId(), at("10.0.0.2"))).id())
                    .isEqualTo(identity.peerId());
        }

        @Test
        void whoeverAsksForAConnectionTriesWhatADialUnderWayLeavesAlone() {
            NodeHost a = hosts.started("10.0.0.1");
            KeyPair identity = KeyPair.generate();
            hosts.failureOf(a.connect(identity.peerId(), at("10.0.0.2")));
            hosts.network.silence("/ip4/10.0.0.7/tcp/5001");
            CompletableFuture<Stream> stream = streamTo(a, identity.peerId(), "10.0.0.2", "10.0.0.7");
            hosts.now(hosts.host(identity, "10.0.0.2", HostConfig.builder()).start());
            assertThat(stream).isNotDone();

            CompletableFuture<ConnectedPeer> connected = a.connect(identity.peerId(), at("10.0.0.2"));

            assertThat(hosts.after(PeerDial.PRIVATE_STAGGER, connected).id()).isEqualTo(identity.peerId());
            assertThat(hosts.now(stream).peer()).isEqualTo(identity.peerId());
        }

        private CompletableFuture<Stream> streamTo(NodeHost from, PeerId peer, String... ips) {
            return from.openStream(peer, at(ips), PingService.PROTOCOL, new IdentifyReader());
        }

        @Test
        void aPeerThatDialsUsIsDialledAgainAtOnce() {
            NodeHost a = hosts.started("10.0.0.1");
            KeyPair identity = KeyPair.generate();
            hosts.failureOf(a.connect(identity.peerId(), at("10.0.0.2")));
            NodeHost b = hosts.host(identity, "10.0.0.2", HostConfig.builder());
            hosts.now(b.start());
            hosts.now(b.connect(a.peerId(), at("10.0.0.1")));
            b.close();
            hosts.loop.run();
            NodeHost again = hosts.host(identity, "10.0.0.2", HostConfig.builder());
            hosts.now(again.start());

            assertThat(hosts.now(a.connect(identity.peerId(), at("10.0.0.2"))).id())
                    .isEqualTo(identity.peerId());
        }

        @Test
        void aDialEndsAtItsLimit() {
            NodeHost a = hosts.started("10.0.0.1");
            hosts.network.silence("/ip4/10.0.0.7/tcp/5001");
            hosts.network.silence("/ip4/9.9.9.9/tcp/5001");

            CompletableFuture<ConnectedPeer> dial = a.connect(KeyPair.generate().peerId(), at("10.0.0.7", "9.9.9.9"));
            hosts.loop.advance(Duration.ofSeconds(14));
            assertThat(dial).isNotDone();
            hosts.loop.advance(Duration.ofSeconds(1));

            assertThat(hosts.failureOf(dial)).isInstanceOf(IOException.class);
            assertThat(hosts.network.attempts())
                    .extracting(MemoryNetwork.Attempt::limit)
                    .containsExactlyInAnyOrder(Duration.ofSeconds(5), Duration.ofSeconds(15));
        }

        @Test
        void manySilentAddressesAreTriedEightAtATimeAndOneMinuteInAll() {
            NodeHost a = hosts.started("10.0.0.1");
            List<Multiaddr> addresses = new ArrayList<>();
            for (int port = 1; port <= 100; port++) {
                String address = "/ip4/9.9.9.9/tcp/" + port;
                hosts.network.silence(address);
                addresses.add(Multiaddr.parse(address));
            }

            CompletableFuture<ConnectedPeer> dial = a.connect(KeyPair.generate().peerId(), addresses);
            hosts.loop.advance(Duration.ofSeconds(10));
            assertThat(hosts.network.attempts()).hasSize(PeerDial.MAX_RUNNING);
            hosts.loop.advance(PeerDial.LIMIT.minusSeconds(10));

            assertThat(hosts.failureOf(dial)).hasMessageContaining("within 60 s");
        }
    }

    @Nested
    class Life {
        @Test
        void listenersHearWhoComesAndGoes() {
            List<String> events = new ArrayList<>();
            KeyPair identity = KeyPair.generate();
            NodeHost a = hosts.host(identity, "10.0.0.1", HostConfig.builder());
            a.addListener(new HostListener() {
                @Override
                public void listening(List<Multiaddr> addresses) {
                    events.add("listening " + addresses);
                }

                @Override
                public void identified(ConnectedPeer peer) {
                    events.add("identified " + peer.id());
                }

                @Override
                public void disconnected(PeerId peer) {
                    events.add("disconnected " + peer);
                }
            });
            hosts.now(a.start());
            NodeHost b = hosts.started("10.0.0.2");
            hosts.now(b.connect(a.peerId(), at("10.0.0.1")));

            b.close();
            hosts.loop.run();

            assertThat(events)
                    .containsExactly(
                            "listening [/ip4/10.0.0.1/tcp/5001]",
                            "identified " + b.peerId(),
                            "disconnected " + b.peerId());
            assertThat(a.peers()).isEmpty();
        }

        @Test
        void closingFailsWhatWaits() {
            NodeHost a = hosts.started("10.0.0.1");
            hosts.network.silence("/ip4/10.0.0.7/tcp/5001");
            CompletableFuture<ConnectedPeer> dial = a.connect(KeyPair.generate().peerId(), at("10.0.0.7"));

            a.close();
            a.close();

            assertThat(hosts.failureOf(dial)).isInstanceOf(IOException.class).hasMessage("the host is closed");
            assertThat(hosts.failureOf(a.connect(KeyPair.generate().peerId(), at("10.0.0.7"))))
                    .hasMessage("the host is closed");
        }

        @Test
        void protocolsAndListenersComeBeforeTheStart() {
            NodeHost a = hosts.started("10.0.0.1");

            assertThatThrownBy(() -> a.handle("/x", stream -> new MessageWriter(new byte[0])))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> a.addListener(new HostListener() {})).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(a::start).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void aHostHasAtMost128Protocols() {
            NodeHost a = hosts.host(KeyPair.generate(), "10.0.0.1", HostConfig.builder());
            for (int i = 3; i < NodeHost.MAX_PROTOCOLS; i++) {
                a.handle("/p/" + i, stream -> new MessageWriter(new byte[0]));
            }

            assertThatThrownBy(() -> a.handle("/one/more", stream -> new MessageWriter(new byte[0])))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("128");
        }

        @Test
        void namesOfProtocolsFitIntoOneMessageHoweverTheyAreSpelt() {
            NodeHost a = hosts.host(KeyPair.generate(), "10.0.0.1", HostConfig.builder());

            assertThatThrownBy(() ->
                            a.handle("/ü".repeat(NodeHost.MAX_PROTOCOL_BYTES / 3), stream -> new IdentifyReader()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("4096");
        }

        @Test
        void whatAHostMayTellOfItselfFitsIntoOneMessage() {
            HostConfig.Builder most = HostConfig.builder()
                    .agentVersion("v".repeat(HostConfig.MAX_AGENT_VERSION_BYTES))
                    .announced(bound -> IntStream.rangeClosed(1, 500)
                            .mapToObj(i -> at("/ip4/10.%d.%d.1/tcp/5001".formatted(i / 250, i % 250))
                                    .get(0))
                            .toList());
            NodeHost a = hosts.host(KeyPair.generate(), "10.0.0.1", most);
            int used = List.of(Identify.PROTOCOL, Identify.PUSH_PROTOCOL, PingService.PROTOCOL).stream()
                    .mapToInt(String::length)
                    .sum();
            int count = NodeHost.MAX_PROTOCOLS - 3;
            for (int i = 0; i < count; i++) {
                int length = (NodeHost.MAX_PROTOCOL_BYTES - used) / count;
                a.handle("/%03d".formatted(i) + "x".repeat(length - 4), stream -> new IdentifyReader());
            }
            hosts.now(a.start());
            NodeHost b = hosts.started("10.0.0.2");

            ConnectedPeer seen = hosts.now(b.connect(a.peerId(), at("10.0.0.1")));

            assertThat(seen.protocols()).hasSize(NodeHost.MAX_PROTOCOLS);
            assertThat(seen.addresses()).isEqualTo(a.addresses()).hasSizeGreaterThan(200);
            assertThat(seen.agentVersion()).hasSize(HostConfig.MAX_AGENT_VERSION_BYTES);
        }

        @Test
        void noneIsBoundIfOneCannotBe() {
            hosts.started("10.0.0.1");
            NodeHost b = new NodeHost(
                    KeyPair.generate(),
                    HostConfig.builder()
                            .listen(
                                    MemoryNetwork.socket("/ip4/10.0.0.2/tcp/5001"),
                                    MemoryNetwork.socket("/ip4/10.0.0.1/tcp/5001"))
                            .build(),
                    hosts.loop.executor(),
                    hosts.network.transport(KeyPair.generate().peerId(), "10.0.0.2"),
                    new HostSurroundings(
                            hosts.loop::nowNanos,
                            () -> 1,
                            List::of,
                            name -> CompletableFuture.completedFuture(List.of()),
                            Runnable::run,
                            Runnable::run));

            assertThat(hosts.failureOf(b.start()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
            assertThat(hosts.started("10.0.0.2").addresses()).isEqualTo(at("10.0.0.2"));
        }
    }

    @Nested
    class Pinging {
        @Test
        void measuresARoundTrip() {
            NodeHost a = hosts.started("10.0.0.1");
            NodeHost b = hosts.started("10.0.0.2");
            hosts.now(b.connect(a.peerId(), at("10.0.0.1")));

            assertThat(hosts.now(b.ping(a.peerId()))).isEqualTo(Duration.ZERO);
        }

        @Test
        void needsAConnection() {
            NodeHost a = hosts.started("10.0.0.1");

            assertThat(hosts.failureOf(a.ping(KeyPair.generate().peerId()))).isInstanceOf(IOException.class);
        }

        @Test
        void aPeerThatDoesNotEchoFailsIt() {
            NodeHost a = hosts.started("10.0.0.1");
            PeerId mute = hosts.stranger("10.0.0.2", Map.of(PingService.PROTOCOL, stream -> new IdentifyReader()));
            hosts.now(a.connect(mute, at("10.0.0.2")));

            CompletableFuture<Duration> ping = a.ping(mute);
            hosts.loop.advance(HostConfig.DEFAULTS.streamLimit());

            assertThat(hosts.failureOf(ping)).isInstanceOf(IOException.class);
        }
    }
}
