package dev.spegel.libp2p.tls;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import dev.spegel.libp2p.identity.PublicKey;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges the certificate of one connection's remote and remembers who it belongs to. Being of the extended kind, it spares the
 * JDK from checking names and authorities, which mean nothing here.
 */
final class RemoteTrustManager extends X509ExtendedTrustManager {
    private final Optional<PeerId> expected;
    private final InstantSource clock;
    private volatile @Nullable PublicKey remoteKey;

    RemoteTrustManager(Optional<PeerId> expected, InstantSource clock) {
        this.expected = expected;
        this.clock = clock;
    }

    /** Whom the certificate belongs to, or null if none has been accepted yet. */
    @Nullable
    PublicKey remoteKey() {
        return remoteKey;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        PublicKey key = RemoteCertificate.verify(chain, clock.instant());
        if (expected.isPresent() && !expected.get().equals(key.peerId())) {
            PeerIdMismatchException mismatch = new PeerIdMismatchException(expected.get(), key.peerId());
            throw new CertificateException(mismatch.getMessage(), mismatch);
        }
        remoteKey = key;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    /** None: so the list of authorities that a server would like to see stays empty. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
