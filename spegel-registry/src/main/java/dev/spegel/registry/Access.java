package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.ErrorCode;
import dev.spegel.routing.Credentials;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Basic authentication (RFC 7617) with the credentials that are good now, if there are any. */
final class Access {
    private final Optional<Credentials> credentials;

    Access(Optional<Credentials> credentials) {
        this.credentials = requireNonNull(credentials, "credentials");
    }

    boolean granted(Request request) {
        if (credentials.isEmpty()) {
            return true;
        }
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        return header != null && credentials.get().accepts(header);
    }

    /**
     * Answers 401. A client that names the registry in the query is a containerd, which has been given the credentials for its mirror
     * or has none: a challenge could only make it show those that its user has for the real registry. So it gets none.
     */
    void refuse(Response response, Callback callback, boolean containerd) {
        if (!containerd) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Basic realm=\"spegel\", charset=\"UTF-8\"");
        }
        OciErrors.send(response, callback, ErrorCode.UNAUTHORIZED, "this mirror wants basic authentication");
    }
}
