package dev.spegel.libp2p.tls;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What a node shows of itself in TLS handshakes: a certificate that its identity key vouches for, and the stream muxers that it
 * speaks. Made once a process; safe for use by many threads.
 */
public final class TlsIdentity {
    /** What multistream-select calls this way of securing a connection: tls/tls.md#handshake-protocol. */
    public static final String PROTOCOL = "/tls/1.0.0";

    /** The ALPN name that settles no muxer: connections/inlined-muxer-negotiation.md. */
    static final String NO_MUXER = "libp2p";

    private static final String TLS_1_3 = "TLSv1.3";

    private final IdentityCertificate certificate;
    private final List<String> muxers;
    private final InstantSource clock;

    private TlsIdentity(IdentityCertificate certificate, List<String> muxers, InstantSource clock) {
        this.certificate = certificate;
        this.muxers = List.copyOf(muxers);
        this.clock = clock;
    }

    /**
     * Makes a key and its certificate.
     *
     * @param muxers protocols, the best first; may be empty, which leaves the choice to multistream-select
     * @param clock tells whether certificates are valid
     */
    public static TlsIdentity create(KeyPair identity, List<String> muxers, InstantSource clock) {
        return new TlsIdentity(IdentityCertificate.create(identity, clock.instant()), muxers, clock);
    }

    /** The certificate that every remote is shown. */
    public X509Certificate certificate() {
        return certificate.certificate();
    }

    /** A handshake as the client, which fails unless the remote is this peer. */
    public TlsHandshake dial(PeerId expected) {
        return handshake(true, Optional.of(expected));
    }

    /** A handshake as the client with whoever answers; {@link TlsHandshake#peer} then tells who it was. */
    public TlsHandshake dialAnyone() {
        return handshake(true, Optional.empty());
    }

    /** A handshake as the server, with whoever dialled. */
    public TlsHandshake accept() {
        return handshake(false, Optional.empty());
    }

    /**
     * Each handshake has a context of its own. That way its trust manager knows whom to expect, so that a wrong remote never
     * sees our certificate; and no session outlives its connection, so that none is resumed without looking at certificates.
     */
    private TlsHandshake handshake(boolean client, Optional<PeerId> expected) {
        RemoteTrustManager remote = new RemoteTrustManager(expected, clock);
        SSLEngine engine;
        try {
            SSLContext context = SSLContext.getInstance(TLS_1_3);
            context.init(
                    new KeyManager[] {new OneCertificateKeyManager(certificate)}, new TrustManager[] {remote}, null);
            engine = context.createSSLEngine(); // without a host: no SNI, no look for an earlier session
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has TLS 1.3", e);
        }
        engine.setUseClientMode(client);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {TLS_1_3});
        List<String> names = new ArrayList<>(muxers);
        names.add(NO_MUXER);
        parameters.setApplicationProtocols(names.toArray(String[]::new));
        if (!client) {
            parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        if (!client) {
            engine.setHandshakeApplicationProtocolSelector((server, offered) -> select(offered, names));
        }
        return new TlsHandshake(engine, remote);
    }

    /** The client's first choice that we share, since the JDK would take ours; null if there is none, which ends the handshake. */
    private static @Nullable String select(List<String> offered, List<String> ours) {
        return offered.stream().filter(ours::contains).findFirst().orElse(null);
    }
}
