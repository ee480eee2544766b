package dev.spegel.agent;

import dev.spegel.registry.Warnings;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Says in the log who speaks TLS to a port that doesn't, and leaves the answer to another handler: HTTP's parser refuses it, as all that
 * it can't read, with status 400. Not a {@link org.eclipse.jetty.server.DetectorConnectionFactory}: behind one, Jetty 12.1 leaves
 * one malformed request in some thousands without an answer.
 */
final class TlsStranger implements Request.Handler {
    /** What the parser says of RFC 8446, section 5.1: handshake (22), the first byte of a TLS connection and of no method of HTTP. */
    private static final String HANDSHAKE = "CNTL=0x16";

    private final Request.Handler errors;
    private final Warnings warnings = new Warnings(System::nanoTime);

    TlsStranger(Request.Handler errors) {
        this.errors = errors;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String reason = String.valueOf(request.getAttribute(ErrorHandler.ERROR_MESSAGE));
        if (reason.contains(HANDSHAKE)
                && request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress from) {
            warnings.warn(
                    from.getAddress(),
                    "Refused a TLS connection from {}: this node speaks plain HTTP; --tls-cert gives it TLS",
                    from.getAddress().getHostAddress());
        }
        return errors.handle(request, response, callback);
    }
}
