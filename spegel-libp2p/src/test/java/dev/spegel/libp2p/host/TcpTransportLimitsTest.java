package dev.spegel.libp2p.host;

import static dev.spegel.libp2p.host.TransportNode.get;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multistream.Negotiation;
import dev.spegel.libp2p.noise.NoiseChannel;
import dev.spegel.libp2p.tls.TlsEngine;
import dev.spegel.libp2p.yamux.YamuxConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers do to a transport: they harm their own connection only, and nothing waits for them for ever. */
@ParameterizedClass
@MethodSource("sockets")
class TcpTransportLimitsTest {
    private static final String ECHO = "/echo/1";
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final int DATA = 0;
    private static final int WINDOW_UPDATE = 1;
    private static final int PING = 2;
    private static final int SYN = 1;

    private final Sockets sockets;
    private final List<TransportNode> nodes = new ArrayList<>();

    TcpTransportLimitsTest(Sockets sockets) {
        this.sockets = sockets;
    }

    static java.util.stream.Stream<Sockets> sockets() {
        return SocketKinds.available();
    }

    @AfterAll
    static void nothingLeaks() {
        LeakWatch.check();
    }

    @AfterEach
    void closeAll() {
        nodes.forEach(TransportNode::close);
    }

    private TransportNode node(HostConfig config, Duration acceptLimit) {
        TransportNode node =
                new TransportNode(config, List.of(TcpTransport.MUXER), acceptLimit, sockets, TlsEngine.JDK);
        nodes.add(node);
        return node.serve(ECHO, stream -> new StreamProbe.Echo());
    }

    private TransportNode node() {
        return node(HostConfig.DEFAULTS, TransportNode.LIMIT);
    }

    /** A node still serves others. */
    private void serves(TransportNode node) throws Exception {
        TransportNode other = node();
        StreamProbe probe = new StreamProbe();
        Connection connection = other.dial(node);
        Stream stream = other.open(connection, ECHO, false, probe);
        other.run(() -> {
            stream.write(ByteBuffer.wrap("still here".getBytes(UTF_8)));
            stream.closeWrite();
        });
        assertThat(new String(get(probe.whole), UTF_8)).isEqualTo("still here");
        other.run(() -> connection.close(0));
        get(connection.closed());
    }

    private static void freesAll(TransportNode node) {
        Awaitility.await().until(() -> node.tickets.get() == 0);
    }

    @Test
    void nobodyListensAtAClosedPort() throws Exception {
        TransportNode node = node();
        InetSocketAddress free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = (InetSocketAddress) socket.getLocalSocketAddress();
        }

        var dialling = node.dialling(free, Optional.empty());

        assertThatThrownBy(() -> get(dialling))
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/tcp/" + free.getPort())
                .hasMessageContaining("refused");
    }

    @Test
    void aDialEndsByItsLimitAndClosesItsSocket() throws Exception {
        TransportNode node = node();
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = (InetSocketAddress) silent.getLocalSocketAddress();

            var dialling = node.call(() -> node.transport.dial(address, Optional.empty(), SHORT));

            assertThatThrownBy(() -> get(dialling)).cause().hasMessageContaining("within PT0.2S");
            endsAfterBytes(silent);
        }
    }

    @Test
    void cancellingADialClosesItsSocket() throws Exception {
        TransportNode node = node();
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var dialling = node.dialling((InetSocketAddress) silent.getLocalSocketAddress(), Optional.empty());

            dialling.cancel(false);

            endsAfterBytes(silent);
        }
    }

    private static void endsAfterBytes(ServerSocket server) throws IOException {
        try (Socket accepted = server.accept()) {
            accepted.setSoTimeout((int) TransportNode.LIMIT.toMillis());
            accepted.getInputStream().readAllBytes();
        }
    }

    @Test
    void aGateThatRefusesClosesBeforeAByteIsSent() throws Exception {
        TransportNode node = node().listen(remote -> Optional.empty());
        try (Socket socket = new Socket()) {
            socket.connect(node.address());
            socket.setSoTimeout((int) TransportNode.LIMIT.toMillis());

            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void whoSaysNothingIsSentAwayByTheLimit() throws Exception {
        TransportNode node = node(HostConfig.DEFAULTS, SHORT).listen();
        try (RawPeer peer = RawPeer.connect(node.address());
                RawPeer further = RawPeer.connect(node.address()).agree()) {
            peer.awaitEnd();
            further.awaitEnd();
        }
        freesAll(node);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void garbageEndsItsOwnConnectionOnly(int stage) throws Exception {
        TransportNode node = node().listen();
        ByteBuffer garbage =
                ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".repeat(4000).getBytes(US_ASCII));
        try (RawPeer peer = RawPeer.connect(node.address())) {
            switch (stage) {
                case 0 -> peer.send(garbage);
                case 1 -> peer.agree().send(garbage);
                case 2 -> {
                    peer.secure();
                    peer.send(garbage);
                }
                default -> peer.sendSealed(peer.secure(), garbage);
            }
            peer.awaitEnd();
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe).*"); // closed while we were sending
        }
        freesAll(node);
        serves(node);
    }

    @Test
    void whoLeavesAfterTheSecondMessageIsForgotten() throws Exception {
        TransportNode node = node().listen();
        try (RawPeer peer = RawPeer.connect(node.address()).agree()) {
            peer.send(ByteBuffer.wrap(peer.handshake().start()));
            peer.frame();
        }
        freesAll(node);
        serves(node);
    }

    @Test
    void tooManyStreamsAreReset() throws Exception {
        YamuxConfig few = YamuxConfig.builder().maxInboundStreams(8).build();
        TransportNode node = node(HostConfig.builder().yamux(few).build(), TransportNode.LIMIT)
                .listen();
        try (RawPeer peer = RawPeer.connect(node.address())) {
            NoiseChannel channel = peer.secure();
            ByteBuffer syns = ByteBuffer.allocate(12 * 100);
            for (int i = 0; i < 100; i++) {
                syns.put(RawPeer.yamux(WINDOW_UPDATE, SYN, 2 * i + 1, 0));
            }
            peer.sendSealed(channel, syns.flip());
            Connection connection = node.accepted();
            Awaitility.await().until(() -> node.call(connection::openStreams) == 8);
            serves(node);
        }
        freesAll(node);
    }

    @Test
    void aStreamThatSaysNothingIsResetByTheLimit() throws Exception {
        TransportNode node = node(HostConfig.builder().streamLimit(SHORT).build(), TransportNode.LIMIT)
                .listen();
        try (RawPeer peer = RawPeer.connect(node.address())) {
            NoiseChannel channel = peer.secure();
            peer.sendSealed(channel, RawPeer.yamux(WINDOW_UPDATE, SYN, 1, 0));
            Connection connection = node.accepted();
            CompletableFuture<Boolean> reset = CompletableFuture.supplyAsync(() -> sawReset(peer, channel));
            assertThat(get(reset)).isTrue();
            assertThat(node.call(connection::openStreams)).isZero();
            assertThat(connection.closed()).isNotDone();
        }
        freesAll(node);
    }

    /** Reads frames up to a reset of stream 1 with code 0x1001. */
    private static boolean sawReset(RawPeer peer, NoiseChannel channel) {
        ByteBuffer wanted = RawPeer.yamux(WINDOW_UPDATE, 8, 1, 0x1001);
        try {
            while (true) {
                ByteBuffer text = peer.receive(channel);
                for (int at = 0; at + 12 <= text.limit(); at++) {
                    if (text.slice(at, 12).equals(wanted)) {
                        return true;
                    }
                }
            }
        } catch (IOException e) {
            throw new AssertionError("the connection should live on", e);
        }
    }

    @Test
    void pingsWithoutEndHoldUpNobodyElse() throws Exception {
        TransportNode node = node().listen();
        ByteBuffer pings = ByteBuffer.allocate(12 * 4000);
        for (int i = 0; i < 4000; i++) {
            pings.put(RawPeer.yamux(PING, SYN, 0, i));
        }
        try (RawPeer peer = RawPeer.connect(node.address())) {
            NoiseChannel channel = peer.secure();
            CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> {
                try {
                    while (true) {
                        peer.sendSealed(channel, pings.duplicate().flip());
                    }
                } catch (IOException e) {
                    // closed, at the end
                }
            });
            serves(node);
            assertThat(flood).isNotDone();
            Connection connection = node.accepted();
            node.run(() -> connection.close(0));
            get(flood);
        }
        freesAll(node);
    }

    @Test
    void whoTakesNothingOfWhatIsSentIsGivenUp() throws Exception {
        YamuxConfig impatient = YamuxConfig.builder().writeTimeout(SHORT).build();
        TransportNode node = node(HostConfig.builder().yamux(impatient).build(), TransportNode.LIMIT)
                .serve("/flood/1", stream -> {
                    StreamProbe.Sender sender = new StreamProbe.Sender(new byte[64 << 20]);
                    sender.send(stream);
                    return sender;
                })
                .listen();
        ByteBuffer words = Negotiation.propose(List.of("/flood/1")).opening();
        try (RawPeer peer = RawPeer.connect(node.address())) {
            NoiseChannel channel = peer.secure();
            peer.sendSealed(channel, RawPeer.yamux(WINDOW_UPDATE, SYN, 1, 128 << 20));
            peer.sendSealed(channel, RawPeer.yamux(DATA, 0, 1, words.remaining()));
            peer.sendSealed(channel, words);

            assertThat(get(node.accepted().closed())).contains("nothing could be sent");
        }
        freesAll(node);
        serves(node);
    }

    @ParameterizedTest
    @EnumSource(HostConfig.Security.class)
    void bytesThatComeOneByOneMakeTheSameConnection(HostConfig.Security security) throws Exception {
        HostConfig config = HostConfig.builder().security(security).build();
        TransportNode a = node(config, TransportNode.LIMIT);
        TransportNode b = node(config, TransportNode.LIMIT).listen();
        try (TricklingProxy proxy = new TricklingProxy(b.address())) {
            Connection connection = get(a.dialling(proxy.address(), Optional.of(b.peerId())));
            StreamProbe probe = new StreamProbe();
            Stream stream = a.open(connection, ECHO, true, probe);
            a.run(() -> {
                stream.write(ByteBuffer.wrap("drop by drop".getBytes(UTF_8)));
                stream.closeWrite();
            });
            assertThat(new String(get(probe.whole), UTF_8)).isEqualTo("drop by drop");
        }
    }

    @Test
    void aPeerThatGrantsNoWindowHoldsUpItsStreamOnly() throws Exception {
        TransportNode a = node();
        TransportNode b = node().serve("/lazy/1", stream -> new Hoarder()).listen();
        Connection connection = a.dial(b);
        StreamProbe.Sender stuck = new StreamProbe.Sender(new byte[1 << 20]);
        Stream stream = a.open(connection, "/lazy/1", true, stuck);
        a.run(() -> stuck.send(stream));

        StreamProbe.Sender flowing = new StreamProbe.Sender(new byte[1 << 20]);
        Stream other = a.open(connection, ECHO, true, flowing);
        a.run(() -> flowing.send(other));

        assertThat(get(flowing.whole)).hasSize(1 << 20);
        assertThat(stuck.whole).isNotDone();
        a.run(() -> stream.reset(0));
        Awaitility.await().until(() -> a.call(connection::openStreams) == 0);
    }

    /** Reads, and never says that it has. */
    private static final class Hoarder extends StreamProbe {
        @Override
        public void received(Stream stream, ByteBuffer received) {}
    }
}
