package dev.spegel.libp2p.tls;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a node shows of itself in TLS handshakes: a certificate that its identity key vouches for, and the stream muxers that it
 * speaks. Made once a process; safe for use by many threads.
 */
public final class TlsIdentity {
    /** What multistream-select calls this way of securing a connection: tls/tls.md#handshake-protocol. */
    public static final String PROTOCOL = "/tls/1.0.0";

    /** The ALPN name that settles no muxer: connections/inlined-muxer-negotiation.md. */
    static final String NO_MUXER = "libp2p";

    private final IdentityCertificate certificate;
    private final List<String> names;
    private final InstantSource clock;
    private final TlsEngine engine;

    private TlsIdentity(IdentityCertificate certificate, List<String> muxers, InstantSource clock, TlsEngine engine) {
        this.certificate = certificate;
        this.names = Stream.concat(muxers.stream(), Stream.of(NO_MUXER)).toList();
        this.clock = clock;
        this.engine = engine;
    }

    /** Makes a key and its certificate, for the engine that is {@link TlsEngine#best}. */
    public static TlsIdentity create(KeyPair identity, List<String> muxers, InstantSource clock) {
        return create(identity, muxers, clock, TlsEngine.best());
    }

    /**
     * Makes a key and its certificate.
     *
     * @param muxers protocols, the best first; may be empty, which leaves the choice to multistream-select. With more than one, see
     *     {@link TlsEngine} for whose order counts
     * @param clock tells whether certificates are valid
     * @param engine what carries out the handshakes; has to be {@linkplain TlsEngine#isAvailable available}
     */
    public static TlsIdentity create(KeyPair identity, List<String> muxers, InstantSource clock, TlsEngine engine) {
        if (!engine.isAvailable()) {
            throw new IllegalStateException(
                    engine + " needs a library that isn't on the class path, or not for this platform");
        }
        return new TlsIdentity(IdentityCertificate.create(identity, clock.instant()), muxers, clock, engine);
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

    private TlsHandshake handshake(boolean client, Optional<PeerId> expected) {
        RemoteTrustManager remote = new RemoteTrustManager(expected, clock);
        OneCertificateKeyManager key = new OneCertificateKeyManager(certificate);
        return new TlsHandshake(client ? engine.client(key, remote, names) : engine.server(key, remote, names), remote);
    }
}
