package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.bootstrap.BootstrapDocument;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** {@code GET /id}: who this node is in the DHT, and where, so that others can begin with it. */
final class IdentityHandler extends Handler.Abstract.NonBlocking {
    private final Supplier<Optional<BootstrapPeer>> self;

    /** @param self this node, as long as it can be reached */
    IdentityHandler(Supplier<Optional<BootstrapPeer>> self) {
        this.self = requireNonNull(self, "self");
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (!Request.getPathInContext(request).equals("/id")) {
            return false;
        }
        boolean head = HttpMethod.HEAD.is(request.getMethod());
        if (!head && !HttpMethod.GET.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            Response.writeError(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
            return true;
        }
        byte[] body = BootstrapDocument.write(self.get().stream().toList());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, BootstrapDocument.MEDIA_TYPE);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, head ? null : ByteBuffer.wrap(body), callback);
        return true;
    }
}
