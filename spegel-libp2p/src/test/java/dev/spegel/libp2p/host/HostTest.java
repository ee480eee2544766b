package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.pnet.PreSharedKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts over real sockets on loopback. */
@ParameterizedClass
@MethodSource("sockets")
@Timeout(60)
class HostTest {
    private final HostThreads threads;
    private final List<Host> hosts = new ArrayList<>();

    HostTest(Sockets sockets) {
        threads = HostThreads.create("host-test", 2, 2, sockets);
    }

    static Stream<Sockets> sockets() {
        return SocketKinds.available();
    }

    @AfterEach
    void closeAll() {
        hosts.forEach(Host::close);
        threads.close();
    }

    private Host started(String ip) throws Exception {
        return started(KeyPair.generate(), HostConfig.builder().listen(socket(ip, 0)));
    }

    private Host started(KeyPair identity, HostConfig.Builder config) throws Exception {
        Host host = Host.create(identity, config.build(), threads);
        hosts.add(host);
        await(host.start());
        return host;
    }

    private static InetSocketAddress socket(String ip, int port) {
        return MemoryNetwork.socket("/%s/%s/tcp/%d".formatted(ip.contains(":") ? "ip6" : "ip4", ip, port));
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static Multiaddr only(Host host) {
        assertThat(host.addresses()).hasSize(1);
        return host.addresses().get(0);
    }

    private static int portOf(Host host) {
        return host.addresses().get(0).tcpSocket().orElseThrow().getPort();
    }

    /** Peers as they are identified. */
    private static BlockingQueue<ConnectedPeer> identifiedBy(Host host) {
        BlockingQueue<ConnectedPeer> peers = new LinkedBlockingQueue<>();
        host.addListener(new HostListener() {
            @Override
            public void identified(ConnectedPeer peer) {
                peers.add(peer);
            }
        });
        return peers;
    }

    private static void assumeIp6() {
        assumeThat(ip6Loopback()).as("this machine's IPv6 loopback address").isNotNull();
    }

    private static @Nullable InetAddress ip6Loopback() {
        try (ServerSocket socket = new ServerSocket(0, 1, socket("::1", 0).getAddress())) {
            return socket.getInetAddress();
        } catch (IOException e) {
            return null;
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothSidesIdentifyEachOther(HostConfig.Security security) throws Exception {
        HostConfig.Builder config =
                HostConfig.builder().security(security).agentVersion("test/1").listen(socket("127.0.0.1", 0));
        Host a = Host.create(KeyPair.generate(), config.build(), threads);
        hosts.add(a);
        BlockingQueue<ConnectedPeer> seenByA = identifiedBy(a);
        await(a.start());
        Host b = started(KeyPair.generate(), config);

        ConnectedPeer seenByB = await(b.connect(a.peerId(), a.addresses()));

        assertThat(seenByB.id()).isEqualTo(a.peerId());
        assertThat(seenByB.addresses()).isEqualTo(a.addresses());
        assertThat(seenByB.agentVersion()).isEqualTo("test/1");
        assertThat(seenByB.protocols()).containsExactly("/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0");
        ConnectedPeer seen = seenByA.poll(10, TimeUnit.SECONDS);
        assertThat(seen).isNotNull();
        assertThat(seen.id()).isEqualTo(b.peerId());
        assertThat(seen.addresses()).isEqualTo(b.addresses());
        assertThat(await(b.ping(a.peerId()))).isPositive();
        assertThat(await(a.ping(b.peerId()))).isPositive();
    }

    @Test
    void reachesIp6() throws Exception {
        assumeIp6();
        Host a = started("::1");
        Host b = started("::1");

        assertThat(await(b.connect(only(a))).id()).isEqualTo(a.peerId());
        assertThat(only(a).toString()).startsWith("/ip6/::1/tcp/");
    }

    @Test
    void theUnspecifiedIp6AddressServesBothFamilies() throws Exception {
        assumeIp6();
        Host a = started("::");
        assumeThat(a.addresses()).as("addresses besides loopback").isNotEmpty();
        Host b = started("127.0.0.1");
        Host c = started("::1");

        assertThat(await(b.connect(Multiaddr.parse("/ip4/127.0.0.1/tcp/" + portOf(a))))
                        .id())
                .isEqualTo(a.peerId());
        assertThat(await(c.connect(Multiaddr.parse("/ip6/::1/tcp/" + portOf(a))))
                        .id())
                .isEqualTo(a.peerId());
        assertThat(a.addresses()).noneMatch(address -> address.toString().contains("/127.0.0.1/"));
    }

    @Test
    void namesAreLookedUp() throws Exception {
        Host a = started("127.0.0.1");
        Host b = started("127.0.0.1");

        assertThat(await(b.connect(Multiaddr.parse("/dns4/localhost/tcp/" + portOf(a))))
                        .id())
                .isEqualTo(a.peerId());
    }

    @Test
    void oneselfIsFoundOutByTheHandshakeIfNotBefore() throws Exception {
        Host a = started("127.0.0.1");

        assertThatThrownBy(() -> await(a.connect(only(a)))).hasCauseInstanceOf(DialledSelfException.class);
        // Another loopback address that leads to an unspecified socket isn't known as one's own.
        Host b = started("0.0.0.0");
        assumeThat(b.addresses()).as("addresses besides loopback").isNotEmpty();
        assertThatThrownBy(() -> await(b.connect(Multiaddr.parse("/ip4/127.0.0.2/tcp/" + portOf(b)))))
                .hasCauseInstanceOf(DialledSelfException.class);
    }

    @Test
    void aPeerThatComesBackWithAnotherKeyIsAnotherPeer() throws Exception {
        Host a = started("127.0.0.1");
        BlockingQueue<PeerId> gone = new LinkedBlockingQueue<>();
        Host b = Host.create(KeyPair.generate(), HostConfig.builder().build(), threads);
        hosts.add(b);
        b.addListener(new HostListener() {
            @Override
            public void disconnected(PeerId peer) {
                gone.add(peer);
            }
        });
        await(b.start());
        Multiaddr address = only(a);
        await(b.connect(address));

        a.close();
        assertThat(gone.poll(10, TimeUnit.SECONDS)).isEqualTo(a.peerId());
        Host again = started(
                KeyPair.generate(),
                HostConfig.builder().listen(address.tcpSocket().orElseThrow()));

        assertThatThrownBy(() -> await(b.connect(a.peerId(), List.of(address))))
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining(again.peerId().toString());
        assertThat(await(b.connect(address)).id()).isEqualTo(again.peerId());
    }

    @Test
    void thirtyHostsMeetEachOther() throws Exception {
        CountDownLatch identified = new CountDownLatch(30 * 29);
        for (int i = 0; i < 30; i++) {
            Host host = Host.create(
                    KeyPair.generate(),
                    HostConfig.builder().listen(socket("127.0.0.1", 0)).build(),
                    threads);
            hosts.add(host);
            host.addListener(new HostListener() {
                @Override
                public void identified(ConnectedPeer peer) {
                    identified.countDown();
                }
            });
            await(host.start());
        }

        // One host after the other, each to all before it: a thousand handshakes at once take two busy cores longer
        // than a dial may.
        for (Host from : hosts) {
            List<CompletableFuture<ConnectedPeer>> connecting = hosts.subList(0, hosts.indexOf(from)).stream()
                    .map(to -> from.connect(to.peerId(), to.addresses()))
                    .toList();
            for (CompletableFuture<ConnectedPeer> connect : connecting) {
                assertThat(await(connect).protocols()).contains(Identify.PROTOCOL);
            }
        }

        assertThat(identified.await(30, TimeUnit.SECONDS)).isTrue();
        for (Host host : hosts) {
            assertThat(host.peers()).hasSize(29);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void strangersToAPrivateNetworkDisturbNobody(boolean withAnotherKey) throws Exception {
        HostConfig.Builder config = HostConfig.builder().listen(socket("127.0.0.1", 0));
        Host stranger = started(KeyPair.generate(), withAnotherKey ? config.preSharedKey(key(2)) : config);
        config.preSharedKey(key(1));
        Host a = started(KeyPair.generate(), config);
        Host b = started(KeyPair.generate(), config);
        await(b.connect(only(a)));

        assertThatThrownBy(() -> await(stranger.connect(only(a))))
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("pre-shared key");
        assertThatThrownBy(() -> await(a.connect(stranger.peerId(), stranger.addresses())))
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("pre-shared key");

        Awaitility.await().untilAsserted(() -> {
            assertThat(stranger.strangers()).isEqualTo(2);
            assertThat(a.strangers()).isEqualTo(2);
        });
        assertThat(a.peers()).hasSize(1);
        assertThat(await(b.ping(a.peerId()))).isPositive();
        assertThat(b.strangers()).isZero();
    }

    private static PreSharedKey key(int number) {
        byte[] key = new byte[PreSharedKey.BYTES];
        key[0] = (byte) number;
        return PreSharedKey.of(key);
    }

    @Test
    void closingTwiceAndConnectingAfterwardsIsHarmless() throws Exception {
        Host a = started("127.0.0.1");
        Host b = started("127.0.0.1");
        await(b.connect(only(a)));

        b.close();
        b.close();

        assertThatThrownBy(() -> await(b.connect(only(a))))
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aTakenPortFailsTheStart() throws Exception {
        Host a = started("127.0.0.1");
        Host b = Host.create(
                KeyPair.generate(),
                HostConfig.builder().listen(socket("127.0.0.1", portOf(a))).build(),
                threads);
        hosts.add(b);

        assertThatThrownBy(() -> await(b.start())).hasCauseInstanceOf(IOException.class);
    }
}
