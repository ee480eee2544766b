package dev.spegel.libp2p.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What carries out TLS. Both kinds speak TLS 1.3 only, ask the other side for its certificate, let none see ours before its own
 * has been accepted, and resume no session.
 */
public enum TlsEngine {
    /**
     * The JDK's. Needs nothing else, but refuses certificates without an issuer, as js-libp2p makes them, before anybody is asked.
     * A server takes the client's first choice that both share, and refuses a client that proposes names of which none is shared.
     */
    JDK {
        @Override
        public boolean isAvailable() {
            return true;
        }

        @Override
        SSLEngine client(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names) {
            return JdkEngines.client(key, remote, names);
        }

        @Override
        SSLEngine server(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names) {
            return JdkEngines.server(key, remote, names);
        }
    },

    /**
     * BoringSSL, if {@code io.netty:netty-tcnative-boringssl-static} is on the class path with the library for this platform.
     * Reads certificates of js-libp2p. Doesn't verify with keys on Edwards curves, with which nobody makes certificates. A server
     * takes its own first choice that both share, which is another only with several muxers; to a client that proposes names of
     * which none is shared it answers without one, so that the muxer is left to multistream-select.
     */
    NATIVE {
        @Override
        public boolean isAvailable() {
            return OpenSsl.isAvailable() && SslProvider.isTlsv13Supported(SslProvider.OPENSSL_REFCNT);
        }

        @Override
        SSLEngine client(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names) {
            return NativeEngines.client(key, remote, names);
        }

        @Override
        SSLEngine server(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names) {
            return NativeEngines.server(key, remote, names);
        }
    };

    static final String TLS_1_3 = "TLSv1.3";

    /** The native one where it's available, otherwise the JDK's. The first call loads the library. */
    public static TlsEngine best() {
        return NATIVE.isAvailable() ? NATIVE : JDK;
    }

    /** Whether handshakes can be made with it here. The answer doesn't change. */
    public abstract boolean isAvailable();

    /**
     * An engine for one connection.
     *
     * @param names for ALPN, the best first
     */
    abstract SSLEngine client(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names);

    abstract SSLEngine server(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names);
}
