package dev.spegel.agent;

import dev.spegel.registry.Warnings;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;

/** Says in the log who speaks TLS to a port that doesn't. HTTP answers it then, as it does all that it can't read, with status 400. */
final class TlsStranger extends AbstractConnectionFactory implements ConnectionFactory.Detecting {
    /** RFC 8446, section 5.1: handshake. No method of HTTP begins with it. */
    private static final byte HANDSHAKE = 22;

    private final HttpConnectionFactory http;
    private final Warnings warnings = new Warnings(System::nanoTime);

    TlsStranger(HttpConnectionFactory http) {
        super("tls-where-there-is-none");
        this.http = http;
    }

    @Override
    public Detection detect(ByteBuffer buffer) {
        if (!buffer.hasRemaining()) {
            return Detection.NEED_MORE_BYTES;
        }
        return buffer.get(buffer.position()) == HANDSHAKE ? Detection.RECOGNIZED : Detection.NOT_RECOGNIZED;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        if (endPoint.getRemoteSocketAddress() instanceof InetSocketAddress from) {
            warnings.warn(
                    from.getAddress(),
                    "Refused a TLS connection from {}: this node speaks plain HTTP; --tls-cert gives it TLS",
                    from.getAddress().getHostAddress());
        }
        return http.newConnection(connector, endPoint);
    }
}
