package dev.spegel.libp2p.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.spegel.libp2p.host.LeakWatch;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0} dials {1}")
@MethodSource("engines")
class TlsHandshakeTest {
    private static final InstantSource NOW = InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z"));
    private static final String YAMUX = "/yamux/1.0.0";
    private static final KeyPair DIALLER = KeyPair.ofSeed(new byte[32]);
    private static final KeyPair LISTENER = KeyPair.ofSeed("0123456789abcdef0123456789abcdef".getBytes(UTF_8));

    private final TlsEngine client;
    private final TlsEngine server;
    private final TlsIdentity dialler;
    private final TlsIdentity listener;
    private final List<Runnable> afterwards = new ArrayList<>();

    TlsHandshakeTest(TlsEngine client, TlsEngine server) {
        this.client = client;
        this.server = server;
        dialler = TlsIdentity.create(DIALLER, List.of(YAMUX), NOW, client);
        listener = TlsIdentity.create(LISTENER, List.of(YAMUX), NOW, server);
    }

    /** Each with each that there is here. */
    static Stream<Arguments> engines() {
        return available().flatMap(dials -> available().map(accepts -> Arguments.of(dials, accepts)));
    }

    private static Stream<TlsEngine> available() {
        return Stream.of(TlsEngine.values()).filter(TlsEngine::isAvailable);
    }

    @AfterAll
    static void nothingLeaks() {
        LeakWatch.check();
    }

    @AfterEach
    void closeAll() {
        afterwards.forEach(Runnable::run);
    }

    private TlsHandshake closing(TlsHandshake handshake) {
        afterwards.add(handshake::close);
        return handshake;
    }

    private static EnginePair run(TlsHandshake dialling, TlsHandshake accepting) {
        return new EnginePair(dialling.engine(), accepting.engine()).shakeHands();
    }

    @Nested
    class Identities {
        @Test
        void eachEndKnowsTheOther() throws Exception {
            TlsHandshake dialling = closing(dialler.dial(LISTENER.peerId()));
            TlsHandshake accepting = closing(listener.accept());
            EnginePair pair = run(dialling, accepting);

            assertThat(pair.clientFailure()).isNull();
            assertThat(pair.serverFailure()).isNull();
            assertThat(dialling.peer().id()).isEqualTo(LISTENER.peerId());
            assertThat(dialling.peer().key()).isEqualTo(LISTENER.publicKey());
            assertThat(accepting.peer().id()).isEqualTo(DIALLER.peerId());
            assertThat(accepting.peer().key()).isEqualTo(DIALLER.publicKey());
            assertThat(dialling.engine().getSession().getProtocol()).isEqualTo("TLSv1.3");
            byte[] text = "across".getBytes(UTF_8);
            assertThat(EnginePair.pass(dialling.engine(), accepting.engine(), text))
                    .isEqualTo(text);
            assertThat(EnginePair.pass(accepting.engine(), dialling.engine(), text))
                    .isEqualTo(text);
        }

        @Test
        void whoDialsAnyoneLearnsWhoItIs() {
            TlsHandshake dialling = closing(dialler.dialAnyone());
            run(dialling, closing(listener.accept()));

            assertThat(dialling.peer().id()).isEqualTo(LISTENER.peerId());
        }

        @Test
        void anotherPeerThanExpectedNeverSeesOurCertificate() {
            TlsHandshake dialling = closing(dialler.dial(DIALLER.peerId()));
            TlsHandshake accepting = closing(listener.accept());
            EnginePair pair = run(dialling, accepting);

            assertThat(pair.clientFailure())
                    .isNotNull()
                    .hasRootCauseInstanceOf(PeerIdMismatchException.class)
                    .rootCause()
                    .hasMessageContaining(LISTENER.peerId().toString());
            assertThat(pair.serverFailure()).isNotNull().hasMessageMatching("(?i).*alert.*");
            assertThatIllegalStateException().isThrownBy(dialling::peer);
            assertThatIllegalStateException().isThrownBy(accepting::peer);
        }

        @Test
        void nobodyIsKnownBeforeTheEnd() {
            TlsHandshake dialling = closing(dialler.dialAnyone());
            TlsHandshake accepting = closing(listener.accept());
            EnginePair pair = new EnginePair(dialling.engine(), accepting.engine());
            int steps = 0;
            do {
                steps++;
                if (dialling.engine().getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                    assertThatIllegalStateException().isThrownBy(dialling::peer);
                }
                if (accepting.engine().getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                    assertThatIllegalStateException().isThrownBy(accepting::peer);
                }
            } while (pair.step());
            assertThat(steps).isGreaterThan(3);
            assertThat(dialling.peer().id()).isEqualTo(LISTENER.peerId());
            assertThat(accepting.peer().id()).isEqualTo(DIALLER.peerId());
        }

        @Test
        void nobodyIsKnownOnceTheEngineIsClosed() throws Exception {
            TlsHandshake dialling = closing(dialler.dialAnyone());
            run(dialling, closing(listener.accept()));
            dialling.peer();
            dialling.engine().closeOutbound();
            dialling.engine().wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(1 << 15));

            assertThatIllegalStateException().isThrownBy(dialling::peer);
        }

        @Test
        void aCertificateOutOfTimeIsRefused() {
            TlsIdentity old = TlsIdentity.create(
                    DIALLER, List.of(YAMUX), InstantSource.fixed(Instant.parse("1900-01-01T00:00:00Z")), client);
            EnginePair pair = run(closing(old.dialAnyone()), closing(listener.accept()));

            // To the old clock, the listener's certificate lies in the future.
            assertThat(pair.clientFailure()).isNotNull().hasStackTraceContaining("CertificateNotYetValidException");
        }

        @Test
        void noSessionIsTakenUpAgain() {
            TlsHandshake first = closing(listener.accept());
            run(closing(dialler.dial(LISTENER.peerId())), first);
            TlsHandshake second = closing(listener.accept());
            run(closing(dialler.dial(LISTENER.peerId())), second);

            assertThat(second.engine().getSession().getSessionContext())
                    .isNotSameAs(first.engine().getSession().getSessionContext());
            assertThat(second.peer().id()).isEqualTo(DIALLER.peerId());
        }
    }

    @Nested
    class Muxers {
        private Optional<String> agreed(List<String> dials, List<String> accepts) {
            TlsHandshake dialling =
                    closing(TlsIdentity.create(DIALLER, dials, NOW, client).dialAnyone());
            TlsHandshake accepting =
                    closing(TlsIdentity.create(LISTENER, accepts, NOW, server).accept());
            run(dialling, accepting);
            assertThat(dialling.peer().muxer()).isEqualTo(accepting.peer().muxer());
            return dialling.peer().muxer();
        }

        @Test
        void aFirstChoiceInCommonIsTaken() {
            assertThat(agreed(List.of("/a", "/b", "/c"), List.of("/c", "/b")))
                    .contains(server == TlsEngine.JDK ? "/b" : "/c");
        }

        @Test
        void noneInCommonIsLeftToLater() {
            assertThat(agreed(List.of("/a"), List.of("/b"))).isEmpty();
            assertThat(agreed(List.of(), List.of(YAMUX))).isEmpty();
            assertThat(agreed(List.of(YAMUX), List.of())).isEmpty();
        }

        @Test
        void aClientWithoutAlpnIsLeftToLater() throws Exception {
            TlsHandshake accepting = closing(listener.accept());
            SSLEngine client = stranger(IdentityCertificate.create(DIALLER, NOW.instant()));
            assertThat(new EnginePair(client, accepting.engine()).shakeHands().serverFailure())
                    .isNull();

            assertThat(accepting.peer().muxer()).isEmpty();
            assertThat(accepting.peer().id()).isEqualTo(DIALLER.peerId());
        }

        @Test
        void aClientOfSomethingElseIsRefusedOrLeftToLater() throws Exception {
            SSLEngine client = stranger(IdentityCertificate.create(DIALLER, NOW.instant()));
            SSLParameters parameters = client.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
            client.setSSLParameters(parameters);
            TlsHandshake accepting = closing(listener.accept());
            EnginePair pair = new EnginePair(client, accepting.engine()).shakeHands();

            if (server == TlsEngine.JDK) {
                assertThat(pair.serverFailure()).isNotNull();
            } else {
                assertThat(accepting.peer().muxer()).isEmpty();
            }
        }
    }

    /** js-libp2p shows such certificates. With the JDK there is no TLS with it, and the failure has to say why. */
    @Nested
    class Nameless {
        @BeforeEach
        void needsAnEngineThatShowsThem() {
            assumeTrue(TlsEngine.NATIVE.isAvailable());
        }

        private TlsHandshake nameless(KeyPair identity, boolean dials) throws Exception {
            OneCertificateKeyManager key =
                    new OneCertificateKeyManager(NamelessCertificate.create(identity, NOW.instant()));
            RemoteTrustManager remote = new RemoteTrustManager(Optional.empty(), NOW);
            List<String> names = List.of(YAMUX, "libp2p");
            return closing(new TlsHandshake(
                    dials ? TlsEngine.NATIVE.client(key, remote, names) : TlsEngine.NATIVE.server(key, remote, names),
                    remote));
        }

        @Test
        void aServerWithoutAnIssuer() throws Exception {
            TlsHandshake dialling = closing(dialler.dial(LISTENER.peerId()));
            TlsHandshake accepting = nameless(LISTENER, false);
            EnginePair pair = run(dialling, accepting);

            if (client == TlsEngine.JDK) {
                assertThat(pair.clientFailure()).isNotNull().hasStackTraceContaining("Empty issuer");
                assertThat(pair.serverFailure()).isNotNull();
            } else {
                assertThat(dialling.peer().id()).isEqualTo(LISTENER.peerId());
                assertThat(accepting.peer().id()).isEqualTo(DIALLER.peerId());
                assertThat(dialling.peer().muxer()).contains(YAMUX);
            }
        }

        @Test
        void aClientWithoutAnIssuer() throws Exception {
            TlsHandshake dialling = nameless(DIALLER, true);
            TlsHandshake accepting = closing(listener.accept());
            EnginePair pair = run(dialling, accepting);

            if (server == TlsEngine.JDK) {
                assertThat(pair.serverFailure()).isNotNull().hasStackTraceContaining("Empty issuer");
            } else {
                assertThat(accepting.peer().id()).isEqualTo(DIALLER.peerId());
                assertThat(dialling.peer().id()).isEqualTo(LISTENER.peerId());
            }
        }
    }

    @Nested
    class Strangers {
        @Test
        void aClientWithoutACertificateIsRefused() throws Exception {
            SSLEngine client = engine(new KeyManager[0], "TLSv1.3");
            TlsHandshake accepting = closing(listener.accept());

            assertThat(new EnginePair(client, accepting.engine()).shakeHands().serverFailure())
                    .isInstanceOf(SSLException.class);
            assertThatIllegalStateException().isThrownBy(accepting::peer);
        }

        @Test
        void aClientWithSomebodyElsesCertificateIsRefused() throws Exception {
            X509Certificate theirs = dialler.certificate();
            IdentityCertificate thief = new IdentityCertificate(
                    theirs, IdentityCertificate.create(LISTENER, NOW.instant()).privateKey());
            TlsHandshake accepting = closing(listener.accept());

            assertThat(new EnginePair(stranger(thief), accepting.engine())
                            .shakeHands()
                            .serverFailure())
                    .isInstanceOf(SSLException.class);
            assertThatIllegalStateException().isThrownBy(accepting::peer);
        }

        @Test
        void tls12IsRefused() throws Exception {
            IdentityCertificate certificate = IdentityCertificate.create(DIALLER, NOW.instant());
            SSLEngine client = engine(new KeyManager[] {new OneCertificateKeyManager(certificate)}, "TLSv1.2");

            assertThat(new EnginePair(client, closing(listener.accept()).engine())
                            .shakeHands()
                            .serverFailure())
                    .isInstanceOf(SSLException.class);
        }
    }

    /** A client that isn't set up by us, but for its certificate. */
    private static SSLEngine stranger(IdentityCertificate certificate) throws Exception {
        return engine(new KeyManager[] {new OneCertificateKeyManager(certificate)}, "TLSv1.3");
    }

    private static SSLEngine engine(KeyManager[] keys, String version) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {new RemoteTrustManager(Optional.empty(), NOW)}, null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {version});
        return engine;
    }
}
