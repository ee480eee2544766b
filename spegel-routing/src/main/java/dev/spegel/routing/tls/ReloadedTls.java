package dev.spegel.routing.tls;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * TLS with what {@link TlsFiles} hold, both for serving and for asking others. Somebody calls {@link #refresh} now and then; connections
 * made after that use what the files held, older ones go on as they are. Safe for use by many threads.
 */
public final class ReloadedTls implements Supplier<SSLContext> {
    private final TlsFiles files;
    private final Optional<String> peerName;
    private final ReentrantLock refreshing = new ReentrantLock();
    private volatile Loaded loaded;

    private record Loaded(PemContext pem, SSLContext context) {}

    private ReloadedTls(TlsFiles files, Optional<String> peerName) throws IOException {
        this.files = requireNonNull(files, "files");
        this.peerName = requireNonNull(peerName, "peerName");
        loaded = load(PemContext.read(files));
    }

    /**
     * For connections to hosts that have a certificate for the name or address under which they are asked.
     *
     * @throws IOException if a file can't be read or used, the certificate has expired, or the key isn't its key
     */
    public static ReloadedTls of(TlsFiles files) throws IOException {
        return new ReloadedTls(files, Optional.empty());
    }

    /**
     * For connections to hosts that all have a certificate for one name, whatever address they are asked at.
     *
     * @param peerName a DNS name, which must stand as it is, without wildcards, among the alternative names of the certificate
     * @throws IOException as {@link #of(TlsFiles)}
     */
    public static ReloadedTls of(TlsFiles files, String peerName) throws IOException {
        return new ReloadedTls(files, Optional.of(peerName));
    }

    /** What to make the next connection with: it shows the certificate, and believes who has one of the authorities'. */
    @Override
    public SSLContext get() {
        return loaded.context();
    }

    /**
     * What to ask this very process with: it believes who shows the certificate of these files, under whatever name.
     *
     * @throws IOException if there is no certificate
     */
    public SSLContext toItself() throws IOException {
        return loaded.pem().sslContextToItself();
    }

    /**
     * The certificate that is shown.
     *
     * @throws IOException if there is none
     */
    public X509Certificate certificate() throws IOException {
        return loaded.pem().ownCertificate();
    }

    /**
     * Reads the files again.
     *
     * @return whether they hold something else now, so that {@link #get} gives another context
     * @throws IOException as {@link #of(TlsFiles)}; all stays as it was then
     */
    public boolean refresh() throws IOException {
        refreshing.lock();
        try {
            PemContext now = PemContext.read(files);
            if (now.equals(loaded.pem())) {
                return false;
            }
            loaded = load(now);
            return true;
        } finally {
            refreshing.unlock();
        }
    }

    private Loaded load(PemContext pem) throws IOException {
        if (files.certificate().isPresent()) {
            pem.requireOwnIsGood();
        }
        return new Loaded(pem, pem.sslContext(peerName));
    }
}
