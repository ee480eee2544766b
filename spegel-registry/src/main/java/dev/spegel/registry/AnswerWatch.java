package dev.spegel.registry;

import dev.spegel.oci.Digest;
import dev.spegel.registry.AnsweredRequest.Kind;
import dev.spegel.registry.AnsweredRequest.Source;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener how one request ended. Used by the request's thread. */
final class AnswerWatch {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerWatch.class);

    private final RequestListener listener;
    private final ContentRequest content;
    private final Request request;
    private final Response response;

    AnswerWatch(RequestListener listener, ContentRequest content, Request request, Response response) {
        this.listener = listener;
        this.content = content;
        this.request = request;
        this.response = response;
    }

    /** A callback that tells the listener as well, before the client's next request can begin. */
    Callback around(Outcome outcome, Callback callback) {
        return Callback.from(() -> tell(outcome.whyNot()), callback);
    }

    /** The answer won't be completed. */
    void broke(IOException reason) {
        tell(Optional.of(String.valueOf(reason.getMessage())));
    }

    private void tell(Optional<String> whyNot) {
        Optional<String> from = servedBy();
        Source source =
                from.isEmpty() ? Source.NOBODY : from.get().equals(LocalContent.SERVED_BY) ? Source.STORE : Source.PEER;
        AnsweredRequest answered = new AnsweredRequest(
                content.id(),
                content.head() ? HttpMethod.HEAD.asString() : HttpMethod.GET.asString(),
                content.path().registry(),
                content.path().repository(),
                content.digest().map(Digest::toString).or(content::tagName).orElseThrow(),
                content.forManifest() ? Kind.MANIFEST : Kind.BLOB,
                content.asker().isOtherNode(),
                source,
                source == Source.PEER ? from : Optional.empty(),
                response.getStatus(),
                Response.getContentBytesWritten(response),
                Duration.ofNanos(Math.max(0, System.nanoTime() - request.getHeadersNanoTime())),
                whyNot);
        try {
            listener.answered(answered);
        } catch (RuntimeException e) {
            LOG.warn("A listener to requests failed: {}", e.toString());
        }
    }

    /** The headers say it also where the answer broke off after them. */
    private Optional<String> servedBy() {
        String elsewhere = response.getHeaders().get(HttpHeader.LOCATION);
        return elsewhere == null
                ? Optional.ofNullable(response.getHeaders().get(ContentHeaders.SERVED_BY))
                : Optional.of(URI.create(elsewhere).getAuthority());
    }
}
