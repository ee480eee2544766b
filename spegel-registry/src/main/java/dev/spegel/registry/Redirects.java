package dev.spegel.registry;

import dev.spegel.routing.Key;
import dev.spegel.routing.Router;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;

/**
 * Answers with where a blob is: status 307 (RFC 9110, section 15.4.8) and the URL at a peer. Peers are raced with {@code HEAD} of that very
 * URL, so whoever wins has the blob and a place free to send it. The range is the client's to ask for once more, and the peer's to judge.
 */
final class Redirects {
    private final Router router;
    private final PeerSearch.Peers peers;
    private final RegistryConfig config;
    private final RegistryMetrics metrics;

    Redirects(Router router, PeerSearch.Peers peers, RegistryConfig config, RegistryMetrics metrics) {
        this.router = router;
        this.peers = peers;
        this.config = config;
        this.metrics = metrics;
    }

    /** Whether this request is for a blob's bytes, from a client that is known to follow to another host. */
    static boolean concern(ContentRequest request) {
        return request.asker() == Asker.CONTAINERD && !request.forManifest() && !request.head();
    }

    /** Sends the client to a peer. */
    Outcome serve(ContentRequest request, Key key, Response response) throws IOException, InterruptedException {
        ContentRequest atPeer =
                new ContentRequest(true, request.path(), Optional.empty(), Asker.REDIRECTED, request.id());
        try (PeerSearch search = new PeerSearch(atPeer, key, router, peers, config.mirror(), metrics)) {
            Optional<Source> found = search.next(Optional.empty());
            if (found.isEmpty()) {
                return new Outcome.NotMirrored(search.attempts());
            }
            try (Source source = found.get()) {
                response.setStatus(HttpStatus.TEMPORARY_REDIRECT_307);
                response.getHeaders()
                        .put(
                                HttpHeader.LOCATION,
                                (config.tls().isPresent() ? "https://" : "http://")
                                        + HttpPeerClient.hostAndPort(source.address())
                                        + atPeer.pathAndQuery());
                response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 0);
                new Body(response).end();
                metrics.redirected();
                return new Outcome.Sent();
            }
        }
    }
}
