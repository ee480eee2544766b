package dev.spegel.libp2p.tls;

import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Sets up the JDK's engines.
 *
 * <p>Each handshake has a context of its own. That way its trust manager knows whom to expect, so that a wrong remote never sees
 * our certificate; and no session outlives its connection, so that none is resumed without looking at certificates.
 */
final class JdkEngines {
    private JdkEngines() {}

    static SSLEngine client(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names) {
        SSLEngine engine = create(key, remote);
        engine.setUseClientMode(true);
        engine.setSSLParameters(parameters(engine, names));
        return engine;
    }

    static SSLEngine server(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names) {
        SSLEngine engine = create(key, remote);
        engine.setUseClientMode(false);
        SSLParameters parameters = parameters(engine, names);
        parameters.setNeedClientAuth(true);
        engine.setSSLParameters(parameters);
        engine.setHandshakeApplicationProtocolSelector((server, offered) -> select(offered, names));
        return engine;
    }

    private static SSLEngine create(X509ExtendedKeyManager key, X509ExtendedTrustManager remote) {
        try {
            SSLContext context = SSLContext.getInstance(TlsEngine.TLS_1_3);
            context.init(new KeyManager[] {key}, new TrustManager[] {remote}, null);
            return context.createSSLEngine(); // without a host: no SNI, no look for an earlier session
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has TLS 1.3", e);
        }
    }

    private static SSLParameters parameters(SSLEngine engine, List<String> names) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {TlsEngine.TLS_1_3});
        parameters.setApplicationProtocols(names.toArray(String[]::new));
        return parameters;
    }

    /** The client's first choice that we share, since the JDK would take ours; null if there is none, which ends the handshake. */
    private static @Nullable String select(List<String> offered, List<String> ours) {
        return offered.stream().filter(ours::contains).findFirst().orElse(null);
    }
}
