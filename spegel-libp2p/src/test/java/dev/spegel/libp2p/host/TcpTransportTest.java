package dev.spegel.libp2p.host;

import static dev.spegel.libp2p.host.TransportNode.get;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spegel.libp2p.host.HostConfig.Security;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.libp2p.tls.TlsEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("kinds")
class TcpTransportTest {
    private static final String ECHO = "/echo/1";
    private static final PreSharedKey KEY = PreSharedKey.of(new byte[PreSharedKey.BYTES]);

    private final TlsEngine engine;
    private final Sockets sockets;
    private final boolean isPrivate;
    private final List<TransportNode> nodes = new ArrayList<>();

    TcpTransportTest(TlsEngine engine, Sockets sockets, boolean isPrivate) {
        this.engine = engine;
        this.sockets = sockets;
        this.isPrivate = isPrivate;
    }

    static Stream<Arguments> kinds() {
        List<Arguments> kinds = new ArrayList<>();
        Stream.of(TlsEngine.values())
                .filter(TlsEngine::isAvailable)
                .forEach(engine -> kinds.add(Arguments.of(engine, Sockets.nio(), false)));
        kinds.add(Arguments.of(TlsEngine.best(), Sockets.best(), true));
        return kinds.stream();
    }

    static Stream<Arguments> ways() {
        List<Security> noise = List.of(Security.NOISE);
        List<Security> tls = List.of(Security.TLS);
        List<Security> noiseFirst = List.of(Security.NOISE, Security.TLS);
        List<Security> tlsFirst = List.of(Security.TLS, Security.NOISE);
        List<Arguments> ways = new ArrayList<>();
        for (boolean early : new boolean[] {true, false}) {
            ways.add(Arguments.of(noise, noise, early));
            ways.add(Arguments.of(tls, tls, early));
            ways.add(Arguments.of(noiseFirst, tlsFirst, early));
            ways.add(Arguments.of(tlsFirst, noiseFirst, early));
            ways.add(Arguments.of(tlsFirst, noise, early));
            ways.add(Arguments.of(noiseFirst, tls, early));
        }
        return ways.stream();
    }

    @AfterAll
    static void nothingLeaks() {
        LeakWatch.check();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (TransportNode node : nodes) {
            node.closeDialled();
        }
        // Then the other ends follow, those in the making too.
        await().until(() -> nodes.stream().allMatch(node -> node.tickets.get() == 0));
        nodes.forEach(TransportNode::close);
    }

    private TransportNode node(List<Security> security, boolean early) {
        HostConfig.Builder config = HostConfig.builder().security(security.toArray(Security[]::new));
        if (isPrivate) {
            config.preSharedKey(KEY);
        }
        TransportNode node = new TransportNode(
                config.build(),
                early ? List.of(TcpTransport.MUXER) : List.of(),
                Duration.ofSeconds(15),
                sockets,
                engine);
        nodes.add(node);
        return node;
    }

    @ParameterizedTest
    @MethodSource("ways")
    void bothSidesKnowEachOtherAndCarryStreams(List<Security> dialler, List<Security> listener, boolean early)
            throws Exception {
        TransportNode a = node(dialler, early);
        TransportNode b = node(listener, early)
                .serve(ECHO, stream -> new StreamProbe.Echo())
                .listen();

        Connection dialled = a.dial(b);
        Connection accepted = b.accepted();

        assertThat(dialled.peer()).isEqualTo(b.peerId());
        assertThat(accepted.peer()).isEqualTo(a.peerId());
        assertThat(dialled.isDialled()).isTrue();
        assertThat(accepted.isDialled()).isFalse();
        for (boolean known : new boolean[] {false, true}) {
            StreamProbe probe = new StreamProbe();
            dev.spegel.libp2p.host.Stream stream = a.open(dialled, ECHO, known, probe);
            a.run(() -> {
                stream.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
                stream.closeWrite();
            });
            assertThat(new String(get(probe.whole), UTF_8)).isEqualTo("hello");
            assertThat(get(probe.closed)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void manyMebibytesGoBothWays(List<Security> dialler, List<Security> listener, boolean early) throws Exception {
        TransportNode a = node(dialler, early);
        TransportNode b = node(listener, early)
                .serve(ECHO, stream -> new StreamProbe.Echo())
                .listen();
        byte[] content = new byte[5 << 20];
        new Random(1).nextBytes(content);
        StreamProbe.Sender sender = new StreamProbe.Sender(content);

        dev.spegel.libp2p.host.Stream stream = a.open(a.dial(b), ECHO, true, sender);
        a.run(() -> sender.send(stream));

        assertThat(get(sender.whole)).isEqualTo(content);
        assertThat(get(sender.closed)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void somebodyElseFailsTheDial(List<Security> dialler, List<Security> listener, boolean early) throws Exception {
        TransportNode a = node(dialler, early);
        TransportNode b = node(listener, early).listen();

        var dialling = a.dialling(b.address(), Optional.of(KeyPair.generate().peerId()));

        assertThatThrownBy(() -> get(dialling))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        PeerIdMismatchException.class,
                        mismatch -> assertThat(mismatch.actual()).isEqualTo(b.peerId()));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void nobodyExpectedTakesWhoeverIsThere(List<Security> dialler, List<Security> listener, boolean early)
            throws Exception {
        TransportNode a = node(dialler, early);
        TransportNode b = node(listener, early).listen();

        assertThat(get(a.dialling(b.address(), Optional.empty())).peer()).isEqualTo(b.peerId());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aProtocolThatIsNotServedIsRefused(List<Security> dialler, List<Security> listener, boolean early)
            throws Exception {
        TransportNode a = node(dialler, early);
        TransportNode b = node(listener, early)
                .serve(ECHO, stream -> new StreamProbe.Echo())
                .listen();
        Connection connection = a.dial(b);

        assertThatThrownBy(() -> a.open(connection, "/other/1", false, new StreamProbe()))
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/other/1")
                .hasMessageContaining("doesn't speak it");
        StreamProbe probe = new StreamProbe();
        a.open(connection, "/other/1", true, probe);
        assertThat(get(probe.closed)).isPresent();
        assertThat(probe.received()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void closingTellsBothSidesAndReturnsTheTicket(List<Security> dialler, List<Security> listener, boolean early)
            throws Exception {
        TransportNode a = node(dialler, early);
        TransportNode b = node(listener, early)
                .serve(ECHO, stream -> new StreamProbe.Echo())
                .listen();
        Connection dialled = a.dial(b);
        Connection accepted = b.accepted();
        StreamProbe probe = new StreamProbe();
        a.open(dialled, ECHO, false, probe);

        a.run(() -> dialled.close(0x1005));

        assertThat(get(dialled.closed())).isEqualTo("closed by this side");
        assertThat(get(accepted.closed())).isEqualTo("the peer said GoAway " + 0x1005);
        assertThat(get(probe.closed)).isPresent();
        b.run(() -> assertThat(b.tickets).hasValue(0));
    }
}
