package dev.spegel.registry;

import dev.spegel.oci.ErrorBody;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets only requests through that came over TLS and, if told so, from somebody who showed a certificate, which the connector has verified
 * then: Jetty's {@code setWantClientAuth} refuses wrong ones and lets those without through to here. So a server can answer health checks
 * from everybody and serve content to its own. The connector needs Jetty's {@code SecureRequestCustomizer}.
 */
public final class SecureRequests extends Handler.Wrapper {
    /** RFC 9110, section 15.5.22: 426. */
    static final int TLS_WANTED = HttpStatus.UPGRADE_REQUIRED_426;

    private final boolean certificateRequired;
    private final Warnings warnings = new Warnings(System::nanoTime);

    /** @param certificateRequired whether clients must have shown a certificate */
    public SecureRequests(Handler handler, boolean certificateRequired) {
        super(handler);
        this.certificateRequired = certificateRequired;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!request.isSecure()) {
            response.getHeaders().put(HttpHeader.UPGRADE, "TLS/1.3, HTTP/1.1"); // as RFC 2817, section 4.2 has it
            refuse(request, response, callback, TLS_WANTED, "this registry speaks TLS only: https, not http");
            return true;
        }
        if (certificateRequired && !showedCertificate(request)) {
            refuse(request, response, callback, HttpStatus.FORBIDDEN_403, "this registry wants a client certificate");
            return true;
        }
        return super.handle(request, response, callback);
    }

    private static boolean showedCertificate(Request request) {
        return request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData session
                && session.peerCertificates() != null
                && session.peerCertificates().length > 0;
    }

    private void refuse(Request request, Response response, Callback callback, int status, String message) {
        if (request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress from) {
            warnings.warn(
                    from.getAddress(),
                    "Refused a request from {}: {}",
                    from.getAddress().getHostAddress(),
                    message);
        }
        OciErrors.send(
                response,
                callback,
                status,
                new ErrorBody(List.of(new ErrorBody.Entry("DENIED", message, Optional.empty()))));
    }
}
