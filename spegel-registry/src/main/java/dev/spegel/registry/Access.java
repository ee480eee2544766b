package dev.spegel.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.spegel.oci.ErrorCode;
import dev.spegel.routing.BasicCredentials;
import java.security.MessageDigest;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Basic authentication (RFC 7617) with one pair of credentials, if there is any. */
final class Access {
    private static final int SCHEME_CHARS = "Basic ".length();

    private final byte @Nullable [] expected;

    Access(Optional<BasicCredentials> credentials) {
        expected = credentials.map(shown -> token(shown.headerValue())).orElse(null);
    }

    boolean granted(Request request) {
        if (expected == null) {
            return true;
        }
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        return header != null
                && header.regionMatches(true, 0, "Basic ", 0, SCHEME_CHARS)
                && MessageDigest.isEqual(expected, token(header)); // takes equal time wherever they differ
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

    private static byte[] token(String header) {
        return header.substring(SCHEME_CHARS).strip().getBytes(ISO_8859_1);
    }
}
