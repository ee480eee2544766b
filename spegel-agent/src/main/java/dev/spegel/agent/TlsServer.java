package dev.spegel.agent;

import dev.spegel.registry.Warnings;
import dev.spegel.routing.tls.ReloadedTls;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The side of {@link ReloadedTls} that serves. The port takes plain HTTP as well, so that health checks work as before and whoever comes
 * without TLS hears why nothing else does. What comes in plain and isn't HTTP may be left without an answer until the connection is idle
 * for too long or its place is needed: see {@link TlsStranger}.
 */
final class TlsServer {
    private final ReloadedTls tls;
    private final SslContextFactory.Server contexts = new SslContextFactory.Server();
    private final Warnings warnings = new Warnings(System::nanoTime);

    TlsServer(ReloadedTls tls, TlsConfig config) {
        this.tls = tls;
        contexts.setSslContext(tls.get());
        contexts.setWantClientAuth(config.clientCertificateRequired());
        contexts.setRenegotiationAllowed(false);
    }

    /** Connections from now on are made with what the files hold now. */
    void reload() {
        try {
            contexts.reload(reloaded -> reloaded.setSslContext(tls.get()));
        } catch (Exception e) { // Jetty declares it for key stores that it would read; there are none
            throw new IllegalStateException("take another SSL context", e);
        }
    }

    ConnectionFactory[] factories(HttpConfiguration http) {
        // Peers ask by address, so the name that a certificate is for says nothing about the Host.
        http.addCustomizer(new SecureRequestCustomizer(false));
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        SslConnectionFactory encrypted = new SslConnectionFactory(contexts, plain.getProtocol());
        return new ConnectionFactory[] {new DetectorConnectionFactory(encrypted), plain};
    }

    void listen(ServerConnector connector) {
        connector.addBean(new Handshakes());
    }

    private final class Handshakes implements SslHandshakeListener {
        @Override
        public void handshakeFailed(Event event, Throwable failure) {
            if (failure instanceof SSLHandshakeException
                    && event.getEndPoint().getRemoteSocketAddress() instanceof InetSocketAddress from) {
                Throwable innermost = failure;
                while (innermost.getCause() != null) {
                    innermost = innermost.getCause();
                }
                warnings.warn(
                        from.getAddress(),
                        "Refused a TLS connection from {}: {}",
                        from.getAddress().getHostAddress(),
                        String.valueOf(innermost.getMessage()));
            }
        }
    }
}
