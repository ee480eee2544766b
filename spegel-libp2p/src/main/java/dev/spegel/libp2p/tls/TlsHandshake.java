package dev.spegel.libp2p.tls;

import dev.spegel.libp2p.identity.PublicKey;
import io.netty.util.ReferenceCounted;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.jspecify.annotations.Nullable;

/**
 * One connection's TLS. The caller moves bytes through {@link #engine} and runs its tasks; when the engine reports
 * {@link HandshakeStatus#FINISHED}, {@link #peer} tells who the remote is.
 *
 * <p>A handshake that fails shows as an {@link javax.net.ssl.SSLException} of the engine, and what it has to say to the remote
 * is in the engine's last bytes. If the remote is somebody else than was expected, a
 * {@link dev.spegel.libp2p.identity.PeerIdMismatchException} is among its causes.
 *
 * <p>A client is through before the server has judged the client's certificate: if the server refuses it, the client learns so
 * when it next reads (RFC 8446, section 4.4.4 lets it send already).
 *
 * <p>An engine of {@link TlsEngine#NATIVE} holds memory that the garbage collector doesn't know. {@link #close} frees it, unless
 * the engine has been given to an {@link io.netty.handler.ssl.SslHandler}: that does so itself when it leaves its pipeline, and
 * then the caller must not.
 */
public final class TlsHandshake implements AutoCloseable {
    /** The cipher suite of a session that isn't one yet: {@link SSLEngine#getSession}. */
    private static final String NO_CIPHER_SUITE = "SSL_NULL_WITH_NULL_NULL";

    private final SSLEngine engine;
    private final RemoteTrustManager remote;

    TlsHandshake(SSLEngine engine, RemoteTrustManager remote) {
        this.engine = engine;
        this.remote = remote;
    }

    /** The engine, set up for this side; it must not be set up anew, nor used once this is closed. */
    public SSLEngine engine() {
        return engine;
    }

    /**
     * The remote. To be asked for when the engine has reported the handshake's end, and kept.
     *
     * @throws IllegalStateException before the handshake's end, and when the engine has been closed and has said so to the
     *     remote, or failed
     */
    public TlsPeer peer() {
        PublicKey key = remote.remoteKey();
        if (key == null || !established()) {
            throw new IllegalStateException(
                    "a remote is known from the end of the handshake until the engine is closed");
        }
        @Nullable String name = engine.getApplicationProtocol();
        boolean settled = name != null && !name.isEmpty() && !name.equals(TlsIdentity.NO_MUXER);
        return new TlsPeer(key, settled ? Optional.of(name) : Optional.empty());
    }

    /** Frees the engine, in whichever state it is. Harmless if that has been done. */
    @Override
    public void close() {
        if (engine instanceof ReferenceCounted counted && counted.refCnt() > 0) {
            counted.release();
        }
    }

    /**
     * A session alone proves nothing: the JDK's server has one as soon as it has sent its own last message, before the client's
     * certificate has come, and keeps it when that is refused.
     */
    private boolean established() {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                && !engine.getSession().getCipherSuite().equals(NO_CIPHER_SUITE)
                && !engine.isInboundDone()
                && !engine.isOutboundDone();
    }
}
