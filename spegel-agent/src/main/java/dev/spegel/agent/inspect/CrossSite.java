package dev.spegel.agent.inspect;

import java.net.URI;
import java.net.URISyntaxException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Tells requests that another site's page makes a browser send. To be asked before anything is changed; with a method other than
 * {@code GET} a browser always says where a request comes from: Fetch standard, "append a request `Origin` header", and Fetch
 * Metadata Request Headers, section 2.4.
 */
public final class CrossSite {
    private CrossSite() {}

    /**
     * Whether a page of another origin is behind it. Programs other than browsers send neither header, and act for whoever runs them.
     */
    public static boolean isBehind(Request request) {
        String site = request.getHeaders().get("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin")) {
            return true;
        }
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        return origin != null && !isOwn(origin, request.getHeaders().get(HttpHeader.HOST));
    }

    private static boolean isOwn(String origin, String host) {
        try {
            String authority = new URI(origin).getRawAuthority();
            return authority != null && authority.equalsIgnoreCase(host);
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
