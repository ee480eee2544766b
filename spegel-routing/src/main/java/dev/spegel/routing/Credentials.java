package dev.spegel.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.security.MessageDigest;
import java.util.List;

/**
 * What a node shows to its peers, and wants to see from them and from its other clients: basic authentication, RFC 7617. A fixed pair is
 * a {@link BasicCredentials}; one that can be replaced while the node runs is a {@link RotatingCredentials}.
 *
 * <p>Implementations are safe for use by many threads, and answer without blocking.
 */
public interface Credentials {
    /**
     * The pairs that are good now, the newest first: this one is shown to peers, and the others, in order, to a peer that refuses it.
     * At least one, and a handful at most.
     */
    List<BasicCredentials> accepted();

    /** The newest pair. */
    default BasicCredentials current() {
        return accepted().get(0);
    }

    /** Whether this is the value of an {@code Authorization} header with a pair that is good now. Takes equal time wherever they differ. */
    default boolean accepts(String headerValue) {
        String scheme = "Basic ";
        if (!headerValue.regionMatches(true, 0, scheme, 0, scheme.length())) {
            return false;
        }
        byte[] shown = headerValue.substring(scheme.length()).strip().getBytes(ISO_8859_1);
        boolean good = false;
        for (BasicCredentials pair : accepted()) {
            byte[] expected = pair.headerValue().substring(scheme.length()).getBytes(ISO_8859_1);
            good |= MessageDigest.isEqual(expected, shown); // all of them, so that time doesn't tell which it was
        }
        return good;
    }
}
