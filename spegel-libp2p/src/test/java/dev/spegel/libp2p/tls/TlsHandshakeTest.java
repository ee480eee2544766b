package dev.spegel.libp2p.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TlsHandshakeTest {
    private static final InstantSource NOW = InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z"));
    private static final String YAMUX = "/yamux/1.0.0";
    private static final KeyPair DIALLER = KeyPair.ofSeed(new byte[32]);
    private static final KeyPair LISTENER = KeyPair.ofSeed("0123456789abcdef0123456789abcdef".getBytes(UTF_8));

    private final TlsIdentity dialler = TlsIdentity.create(DIALLER, List.of(YAMUX), NOW);
    private final TlsIdentity listener = TlsIdentity.create(LISTENER, List.of(YAMUX), NOW);

    private static EnginePair run(TlsHandshake dialling, TlsHandshake accepting) {
        return new EnginePair(dialling.engine(), accepting.engine()).shakeHands();
    }

    @Nested
    class Identities {
        @Test
        void eachEndKnowsTheOther() throws Exception {
            TlsHandshake dialling = dialler.dial(LISTENER.peerId());
            TlsHandshake accepting = listener.accept();
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
            TlsHandshake dialling = dialler.dialAnyone();
            run(dialling, listener.accept());

            assertThat(dialling.peer().id()).isEqualTo(LISTENER.peerId());
        }

        @Test
        void anotherPeerThanExpectedNeverSeesOurCertificate() {
            TlsHandshake dialling = dialler.dial(DIALLER.peerId());
            TlsHandshake accepting = listener.accept();
            EnginePair pair = run(dialling, accepting);

            assertThat(pair.clientFailure())
                    .isNotNull()
                    .hasRootCauseInstanceOf(PeerIdMismatchException.class)
                    .rootCause()
                    .hasMessageContaining(LISTENER.peerId().toString());
            assertThat(pair.serverFailure()).isNotNull().hasMessageContaining("alert");
            assertThatIllegalStateException().isThrownBy(dialling::peer);
            assertThatIllegalStateException().isThrownBy(accepting::peer);
        }

        @Test
        void nobodyIsKnownBeforeTheEnd() {
            TlsHandshake dialling = dialler.dialAnyone();
            TlsHandshake accepting = listener.accept();
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
        void nobodyIsKnownOnceTheEngineIsClosed() {
            TlsHandshake dialling = dialler.dialAnyone();
            run(dialling, listener.accept());
            dialling.peer();
            dialling.engine().closeOutbound();

            assertThatIllegalStateException().isThrownBy(dialling::peer);
        }

        @Test
        void aCertificateOutOfTimeIsRefused() {
            TlsIdentity old = TlsIdentity.create(
                    DIALLER, List.of(YAMUX), InstantSource.fixed(Instant.parse("1900-01-01T00:00:00Z")));
            EnginePair pair = run(old.dialAnyone(), listener.accept());

            // To the old clock, the listener's certificate lies in the future.
            assertThat(pair.clientFailure()).isNotNull().hasStackTraceContaining("CertificateNotYetValidException");
        }

        @Test
        void noSessionIsTakenUpAgain() {
            TlsHandshake first = listener.accept();
            run(dialler.dial(LISTENER.peerId()), first);
            TlsHandshake second = listener.accept();
            run(dialler.dial(LISTENER.peerId()), second);

            assertThat(second.engine().getSession().getSessionContext())
                    .isNotSameAs(first.engine().getSession().getSessionContext());
            assertThat(second.peer().id()).isEqualTo(DIALLER.peerId());
        }
    }

    @Nested
    class Muxers {
        private Optional<String> agreed(List<String> client, List<String> server) {
            TlsHandshake dialling = TlsIdentity.create(DIALLER, client, NOW).dialAnyone();
            TlsHandshake accepting = TlsIdentity.create(LISTENER, server, NOW).accept();
            run(dialling, accepting);
            assertThat(dialling.peer().muxer()).isEqualTo(accepting.peer().muxer());
            return dialling.peer().muxer();
        }

        @Test
        void theDiallersFirstChoiceInCommonIsTaken() {
            assertThat(agreed(List.of("/a", "/b", "/c"), List.of("/c", "/b"))).contains("/b");
        }

        @Test
        void noneInCommonIsLeftToLater() {
            assertThat(agreed(List.of("/a"), List.of("/b"))).isEmpty();
            assertThat(agreed(List.of(), List.of(YAMUX))).isEmpty();
            assertThat(agreed(List.of(YAMUX), List.of())).isEmpty();
        }

        @Test
        void aClientWithoutAlpnIsLeftToLater() throws Exception {
            TlsHandshake accepting = listener.accept();
            SSLEngine client = stranger(IdentityCertificate.create(DIALLER, NOW.instant()));
            assertThat(new EnginePair(client, accepting.engine()).shakeHands().serverFailure())
                    .isNull();

            assertThat(accepting.peer().muxer()).isEmpty();
            assertThat(accepting.peer().id()).isEqualTo(DIALLER.peerId());
        }

        @Test
        void aClientOfSomethingElseIsRefused() throws Exception {
            SSLEngine client = stranger(IdentityCertificate.create(DIALLER, NOW.instant()));
            SSLParameters parameters = client.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
            client.setSSLParameters(parameters);

            assertThat(new EnginePair(client, listener.accept().engine())
                            .shakeHands()
                            .serverFailure())
                    .isNotNull();
        }
    }

    @Nested
    class Strangers {
        @Test
        void aClientWithoutACertificateIsRefused() throws Exception {
            SSLEngine client = engine(new KeyManager[0], "TLSv1.3");
            TlsHandshake accepting = listener.accept();

            assertThat(new EnginePair(client, accepting.engine()).shakeHands().serverFailure())
                    .isInstanceOf(SSLException.class);
            assertThatIllegalStateException().isThrownBy(accepting::peer);
        }

        @Test
        void aClientWithSomebodyElsesCertificateIsRefused() throws Exception {
            X509Certificate theirs = dialler.certificate();
            IdentityCertificate thief = new IdentityCertificate(
                    theirs, IdentityCertificate.create(LISTENER, NOW.instant()).privateKey());
            TlsHandshake accepting = listener.accept();

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

            assertThat(new EnginePair(client, listener.accept().engine())
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
