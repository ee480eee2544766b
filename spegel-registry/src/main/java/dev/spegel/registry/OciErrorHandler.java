package dev.spegel.registry;

import dev.spegel.oci.ErrorBody;
import dev.spegel.oci.Quoted;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives what Jetty itself refuses (a malformed request, headers or a URL that are too long, a path that nobody handles) the form of a
 * registry's error. For {@link org.eclipse.jetty.server.Server#setErrorHandler}. Says nothing of what went on inside.
 */
public final class OciErrorHandler implements Request.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(OciErrorHandler.class);

    /** It has no settings. */
    public OciErrorHandler() {}

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = request.getAttribute(ErrorHandler.ERROR_STATUS) instanceof Integer known
                ? known
                : HttpStatus.INTERNAL_SERVER_ERROR_500;
        String message = HttpStatus.getMessage(status);
        String id = RequestId.assign(request, response);
        Object reason = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        RequestId.logging(
                id, () -> LOG.debug("A request is refused with {}: {}", status, Quoted.of(String.valueOf(reason))));
        OciErrors.send(
                response,
                callback,
                status,
                new ErrorBody(List.of(new ErrorBody.Entry(codeFor(status), message, Optional.empty()))));
        return true;
    }

    /** The specification has no codes for these; {@code UNKNOWN} is what registries use for what they can't name. */
    private static String codeFor(int status) {
        return switch (status) {
            case HttpStatus.NOT_FOUND_404 -> "NAME_UNKNOWN";
            case HttpStatus.METHOD_NOT_ALLOWED_405, HttpStatus.NOT_IMPLEMENTED_501 -> "UNSUPPORTED";
            default -> status < 500 ? "NAME_INVALID" : "UNKNOWN";
        };
    }
}
