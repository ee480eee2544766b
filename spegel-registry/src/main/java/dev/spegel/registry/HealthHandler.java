package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * {@code GET /livez}, which answers 200 while the server runs, and {@code GET /readyz}, which answers 200 or, with the reason in the
 * first line, 500, as the Go implementation does. Further lines are remarks. Other paths are left to the next handler.
 */
public final class HealthHandler extends Handler.Abstract.NonBlocking {
    private final Health health;

    /** @param health asked with each request; must not block */
    public HealthHandler(Health health) {
        this.health = requireNonNull(health, "health");
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        boolean readiness = path.equals("/readyz");
        if (!readiness && !path.equals("/livez")) {
            return false;
        }
        if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            answer(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, "only GET and HEAD are supported");
            return true;
        }
        Optional<String> reason = readiness ? health.notReadyBecause() : Optional.empty();
        List<String> lines = new ArrayList<>(List.of(reason.orElse("ok")));
        if (readiness) {
            lines.addAll(health.remarks());
        }
        answer(
                response,
                callback,
                reason.isEmpty() ? HttpStatus.OK_200 : HttpStatus.INTERNAL_SERVER_ERROR_500,
                String.join("\n", lines));
        return true;
    }

    private static void answer(Response response, Callback callback, int status, String lines) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
        Content.Sink.write(response, true, lines + "\n", callback);
    }
}
