package dev.spegel.testkit;

import static dev.spegel.testkit.DhtNodes.LIMIT;
import static dev.spegel.testkit.DhtNodes.anyPort;
import static dev.spegel.testkit.DhtNodes.at;
import static dev.spegel.testkit.DhtNodes.awaitSoon;
import static dev.spegel.testkit.DhtNodes.config;
import static dev.spegel.testkit.DhtNodes.find;
import static dev.spegel.testkit.DhtNodes.ids;
import static dev.spegel.testkit.DhtNodes.nobody;
import static dev.spegel.testkit.DhtNodes.shortLived;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.sun.net.httpserver.HttpServer;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.routing.Key;
import dev.spegel.routing.Peer;
import dev.spegel.routing.RoutingException;
import dev.spegel.routing.bootstrap.BootstrapDocument;
import dev.spegel.routing.bootstrap.Bootstrapper;
import dev.spegel.routing.bootstrap.DnsBootstrap;
import dev.spegel.routing.bootstrap.HttpBootstrap;
import dev.spegel.routing.bootstrap.StaticBootstrap;
import dev.spegel.routing.dht.DhtPeer;
import dev.spegel.routing.dht.DhtRouter;
import dev.spegel.routing.tls.TlsFiles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class DhtRouterTest {
    private static final Key KEY = new Key("sha256:" + "0".repeat(64));
    private static final Key OTHER_KEY = new Key("example.com/team/app:1.0");

    private final DhtNodes nodes = new DhtNodes(System::nanoTime);
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        nodes.close();
        executor.shutdownNow();
    }

    private static void awaitReady(DhtRouter... routers) {
        for (DhtRouter router : routers) {
            awaitSoon("ready", router::ready);
        }
    }

    @Nested
    class InAWholeNetwork {
        private final ManualClock clock = new ManualClock();

        @Test
        void thirtyNodesFindWhatOneHasUntilItIsWithdrawnAndExpired() throws Exception {
            try (DhtNodes many = new DhtNodes(clock)) {
                List<DhtRouter> routers = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    Bootstrapper bootstrapper = i == 0 ? nobody() : at(routers.get(0), routers.get(i / 2));
                    routers.add(many.start(config(6000 + i), bootstrapper));
                }
                routers.forEach(router -> awaitReady(router));
                routers.forEach(
                        router -> awaitSoon("20 known", () -> router.stats().peers() >= 20));
                DhtRouter holder = routers.get(7);
                DhtRouter keeper = routers.get(8);
                holder.advertise(List.of(KEY));
                keeper.advertise(List.of(OTHER_KEY));
                for (DhtRouter router : routers) {
                    assertThat(find(router, KEY, 3))
                            .isEqualTo(router == holder ? List.of() : List.of(self(holder, 6007)));
                }
                holder.withdraw(List.of(KEY));
                clock.advance(Duration.ofMinutes(19));
                for (DhtRouter router : routers) {
                    assertThat(find(router, KEY, 3)).isEmpty();
                    if (router != keeper) {
                        awaitSoon("what isn't withdrawn is renewed", () -> {
                            clock.advance(Duration.ofMillis(500)); // or the miss would be remembered
                            return isFound(router, OTHER_KEY, self(keeper, 6008));
                        });
                    }
                }
            }
        }

        private boolean isFound(DhtRouter router, Key key, Peer peer) {
            try {
                return find(router, key, 3).equals(List.of(peer));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static Peer self(DhtRouter router, int registryPort) {
        return new Peer(
                router.peerId().toString(), List.of(InetAddress.getLoopbackAddress()), registryPort, Optional.empty());
    }

    /** Several chances: who goes while it is being asked is taken out of the table, as it should be. */
    @Test
    void whoeverIsInTheTableIsShownWithItsRegistryWithoutAConnectionToo() throws Exception {
        DhtRouter here = nodes.start(config(5000), nobody());
        for (int chance = 0; chance < 10; chance++) {
            DhtRouter gone = nodes.start(config(5001), at(here));
            awaitReady(here, gone);
            Peer registry = self(gone, 5001);
            awaitSoon("connected", () -> here.peers().contains(registry));
            gone.close();
            awaitSoon(
                    "disconnected",
                    () -> shown(here, gone).allMatch(peer -> peer.connectedFor().isEmpty()));
            Optional<DhtPeer> shown = shown(here, gone).findFirst();
            if (shown.isPresent()) {
                assertThat(shown.get().addresses()).isNotEmpty();
                assertThat(shown.get().inTable()).isTrue();
                assertThat(shown.get().registry()).contains(registry);
                assertThat(here.peers()).contains(registry);
                return;
            }
        }
        fail("none of ten peers stayed in the table after it had gone");
    }

    private static Stream<DhtPeer> shown(DhtRouter router, DhtRouter peer) {
        return router.dhtPeers().stream().filter(each -> each.id().equals(peer.peerId()));
    }

    @Nested
    class Lookups {
        @Test
        void whoWantsMoreGetsMore() throws Exception {
            DhtRouter asking = nodes.start(config(5000), nobody());
            List<DhtRouter> holders = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                holders.add(nodes.start(config(5000 + i), at(asking)));
            }
            awaitReady(holders.toArray(new DhtRouter[0]));
            for (DhtRouter holder : holders) {
                holder.advertise(List.of(KEY));
            }
            assertThat(find(asking, KEY, 1)).hasSize(1);
            assertThat(ids(find(asking, KEY, 3)))
                    .containsExactlyInAnyOrderElementsOf(holders.stream()
                            .map(each -> each.peerId().toString())
                            .toList());
            assertThat(find(asking, KEY, 2)).hasSize(2);
        }

        @Test
        void twoAgentsOnOneIpHaveTheirOwnRegistryPorts() throws Exception {
            DhtRouter asking = nodes.start(config(5000), nobody());
            DhtRouter first = nodes.start(config(5001), at(asking));
            DhtRouter second = nodes.start(config(5002), at(asking));
            awaitReady(first, second);
            first.advertise(List.of(KEY));
            second.advertise(List.of(KEY));
            assertThat(find(asking, KEY, 3)).containsExactlyInAnyOrder(self(first, 5001), self(second, 5002));
        }

        @Test
        void aMissHidesNobodyForLong() throws Exception {
            DhtRouter asking = nodes.start(config(5000), nobody());
            DhtRouter holder = nodes.start(config(5001), at(asking));
            awaitReady(asking, holder);
            assertThat(find(asking, KEY, 3)).isEmpty();
            holder.advertise(List.of(KEY));
            awaitSoon("found", () -> {
                try {
                    return !find(asking, KEY, 3).isEmpty();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    @Nested
    class Advertising {
        @Test
        void failsWithNobodyThereAndIsMadeUpForLater() throws Exception {
            DhtRouter first = nodes.start(shortLived(5000), nobody());
            assertThatThrownBy(() -> first.advertise(List.of(KEY, OTHER_KEY)))
                    .isInstanceOf(RoutingException.class)
                    .hasMessageContaining("can't advertise 2 keys");
            DhtRouter second = nodes.start(shortLived(5001), at(first));
            awaitSoon("found", () -> {
                try {
                    return ids(find(second, KEY, 3))
                            .equals(List.of(first.peerId().toString()));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }

        @Test
        void isRepeatedAsOftenAsTheGoImplementationDoes() throws Exception {
            DhtRouter router = nodes.start(config(5000), nobody());
            assertThat(router.advertisementInterval()).isEqualTo(Duration.ofMinutes(15));
            assertThat(router.kind()).isEqualTo("libp2p");
        }
    }

    @Nested
    class Addresses {
        private InetAddress ip6Loopback() throws UnknownHostException {
            byte[] bytes = new byte[16];
            bytes[15] = 1;
            return InetAddress.getByAddress(bytes);
        }

        @Test
        void saysWhereItsRegistryIs() throws Exception {
            DhtRouter router = nodes.start(config(5077), nobody());
            assertThat(DhtNodes.texts(router.addresses()))
                    .containsExactlyInAnyOrder(
                            "/ip4/127.0.0.1/tcp/" + DhtNodes.port(router), "/ip4/127.0.0.1/tcp/5077/http");
            assertThat(router.asBootstrapPeer().orElseThrow().addresses()).hasSize(1);
        }

        @Test
        void bothFamiliesOfADualStackNodeAreFound() throws Exception {
            InetSocketAddress v6 = new InetSocketAddress(ip6Loopback(), 0);
            DhtRouter asking = nodes.start(config(5000).listen(anyPort(), v6), nobody());
            DhtRouter holder = nodes.start(config(5001).listen(anyPort(), v6), at(asking));
            awaitReady(asking, holder);
            holder.advertise(List.of(KEY));
            List<Peer> found = find(asking, KEY, 3);
            assertThat(found).hasSize(1);
            assertThat(found.get(0).registryAddresses())
                    .containsExactlyInAnyOrder(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 5001),
                            new InetSocketAddress(ip6Loopback(), 5001));
        }

        @Test
        void aNodeWithIpv6AloneWorks() throws Exception {
            InetSocketAddress v6 = new InetSocketAddress(ip6Loopback(), 0);
            DhtRouter asking = nodes.start(config(5000).listen(v6), nobody());
            DhtRouter holder = nodes.start(config(5001).listen(v6), at(asking));
            awaitReady(asking, holder);
            holder.advertise(List.of(KEY));
            assertThat(find(asking, KEY, 3).get(0).registryAddresses())
                    .containsExactly(new InetSocketAddress(ip6Loopback(), 5001));
        }

        @Test
        void aPortInUseIsAClearError() throws Exception {
            DhtRouter router = nodes.start(config(5000), nobody());
            InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), DhtNodes.port(router));
            assertThatThrownBy(() -> nodes.start(config(5001).listen(taken), nobody()))
                    .isInstanceOf(RoutingException.class)
                    .hasMessageContaining("can't listen on")
                    .hasMessageContaining(":" + taken.getPort());
        }
    }

    @Nested
    class Bootstrapping {
        private DhtRouter first() throws Exception {
            return nodes.start(config(5000), nobody());
        }

        @Test
        void byDnsWithAnUnknownIdAndItsOwnPort() throws Exception {
            DhtRouter first = first();
            DhtRouter second =
                    nodes.start(config(5001).peerPort(DhtNodes.port(first)), new DnsBootstrap("localhost", executor));
            awaitReady(first, second);
        }

        @Test
        void overHttp() throws Exception {
            DhtRouter first = first();
            HttpServer server = HttpServer.create(anyPort(), 0);
            server.createContext("/id", exchange -> {
                try (exchange) {
                    byte[] document = BootstrapDocument.write(
                            List.of(first.asBootstrapPeer().orElseThrow()));
                    exchange.sendResponseHeaders(200, document.length);
                    exchange.getResponseBody().write(document);
                }
            });
            server.start();
            try {
                URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/id");
                DhtRouter second = nodes.start(config(5001), new HttpBootstrap(url, TlsFiles.NONE, executor));
                awaitReady(first, second);
            } finally {
                server.stop(0);
            }
        }

        @Test
        void fromAListByName() throws Exception {
            DhtRouter first = first();
            DhtRouter second = nodes.start(
                    config(5001),
                    StaticBootstrap.parse(
                            List.of("/dns4/localhost/tcp/%d/p2p/%s".formatted(DhtNodes.port(first), first.peerId()))));
            awaitReady(first, second);
        }

        @Test
        void goesOnUntilTheBootstrapperWorks() throws Exception {
            DhtRouter first = first();
            AtomicInteger asked = new AtomicInteger();
            DhtRouter second = nodes.start(config(5001), limit -> {
                int time = asked.incrementAndGet();
                if (time == 1) {
                    throw new RoutingException("the name server is down");
                }
                if (time == 2) {
                    throw new IllegalStateException("a bug");
                }
                return time == 3 ? List.of() : at(first).find(limit);
            });
            awaitReady(first, second);
            assertThat(asked).hasValueGreaterThanOrEqualTo(4);
        }

        @Test
        void aNodeAloneNamesItselfInVain() throws Exception {
            KeyPair key = KeyPair.generate();
            AtomicInteger asked = new AtomicInteger();
            List<DhtRouter> self = new ArrayList<>();
            DhtRouter router = nodes.start(key, config(5000), limit -> {
                asked.incrementAndGet();
                return self.isEmpty() ? List.of() : at(self.get(0)).find(limit);
            });
            self.add(router);
            awaitSoon("asked", () -> asked.get() > 3);
            assertThat(router.ready()).isFalse();
            assertThat(router.peers()).isEmpty();
        }

        @Test
        void aNodeWhosePeersAllRestartComesBack() throws Exception {
            DhtRouter first = first();
            DhtRouter second = nodes.start(config(5001), at(first));
            DhtRouter lasting = nodes.start(shortLived(5002), at(first, second));
            awaitReady(first, second, lasting);
            InetSocketAddress firstAt = new InetSocketAddress(InetAddress.getLoopbackAddress(), DhtNodes.port(first));
            InetSocketAddress secondAt = new InetSocketAddress(InetAddress.getLoopbackAddress(), DhtNodes.port(second));
            first.close();
            second.close();
            DhtRouter newFirst = nodes.start(config(5003).listen(firstAt), nobody());
            DhtRouter newSecond = nodes.start(config(5004).listen(secondAt), at(newFirst));
            awaitReady(newFirst, newSecond);
            newSecond.advertise(List.of(KEY));
            awaitSoon("found again", () -> {
                try {
                    return find(lasting, KEY, 3).equals(List.of(self(newSecond, 5004)));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }

        @Test
        void closingEndsItsThread() throws Exception {
            DhtRouter first = first();
            String name = "dht-bootstrap-"
                    + first.peerId()
                            .toString()
                            .substring(first.peerId().toString().length() - 6);
            assertThat(threadNames()).contains(name);
            first.close();
            assertThat(threadNames()).doesNotContain(name);
        }

        private List<String> threadNames() {
            return Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .toList();
        }
    }

    @Nested
    class AsAClient {
        @Test
        void findsWithoutBeingKnown() throws Exception {
            DhtRouter first = nodes.start(config(5000), nobody());
            DhtRouter second = nodes.start(config(5001), at(first));
            awaitReady(first, second);
            second.advertise(List.of(KEY));
            DhtRouter client =
                    nodes.start(config(5002).client().host(host -> host.agentVersion("client/1")), at(first));
            awaitReady(client);
            assertThat(client.addresses()).isEmpty();
            assertThat(client.asBootstrapPeer()).isEmpty();
            awaitSoon(
                    "the client is seen, outside the table",
                    () -> first.dhtPeers().stream()
                            .anyMatch(peer -> peer.agentVersion().equals("client/1") && !peer.inTable()));
            assertThat(ids(first.peers())).containsExactly(second.peerId().toString());
            assertThat(find(client, KEY, 3)).containsExactly(self(second, 5001));
        }
    }

    @Nested
    class Inspecting {
        @Test
        void showsPeersAndMeasuresThem() throws Exception {
            DhtRouter first = nodes.start(config(5000), nobody());
            DhtRouter second =
                    nodes.start(config(5001).host(host -> host.agentVersion("second/1")), DhtNodes.of(first));
            awaitReady(first, second);
            assertThat(first.dhtPeers()).hasSize(1);
            DhtPeer peer = first.dhtPeers().get(0);
            assertThat(peer.id()).isEqualTo(second.peerId());
            assertThat(peer.agentVersion()).isEqualTo("second/1");
            assertThat(peer.inTable()).isTrue();
            assertThat(peer.connectedFor().orElseThrow()).isPositive();
            assertThat(peer.registry()).contains(self(second, 5001));
            assertThat(first.ping(second.peerId(), LIMIT)).isPositive();
            assertThatThrownBy(() -> first.ping(KeyPair.generate().peerId(), LIMIT))
                    .isInstanceOf(RoutingException.class)
                    .hasMessageContaining("can't ping");
            assertThat(first.stats().peers()).isEqualTo(1);
        }

        @Test
        void aKeyStaysInItsDirectory(@TempDir Path directory) throws Exception {
            Path data = directory.resolve("data");
            KeyPair key = DhtRouter.keyIn(data);
            assertThat(data.resolve("private.key")).exists();
            assertThat(DhtRouter.keyIn(data).peerId()).isEqualTo(key.peerId());
            Files.writeString(data.resolve("private.key"), "something else");
            assertThatThrownBy(() -> DhtRouter.keyIn(data))
                    .isInstanceOf(RoutingException.class)
                    .hasMessageContaining("private.key");
        }
    }
}
