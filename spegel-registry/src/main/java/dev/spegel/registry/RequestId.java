package dev.spegel.registry;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.slf4j.MDC;

/**
 * Names a request, so that what several nodes log of it can be put together. A client may choose the name with {@value #HEADER}; the
 * answer says it, and so does the question to a peer.
 */
final class RequestId {
    /** What proxies and clients call it; no standard has it. */
    static final String HEADER = "X-Request-Id";

    /** Under this the log's context has it, while the request's thread deals with the request. */
    static final String LOG_KEY = "request";

    /** Room for a UUID or a trace ID, and nothing that a line of a log, a header or a shell could take for something else. */
    private static final Pattern ACCEPTED = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._-]{0,63}");

    private static final String ATTRIBUTE = RequestId.class.getName();

    private RequestId() {}

    /** The request's name, which its answer says from now on: the client's if it is one, otherwise 16 hex digits by chance. */
    static String assign(Request request, Response response) {
        String id = request.getAttribute(ATTRIBUTE) instanceof String assigned ? assigned : saidOrByChance(request);
        request.setAttribute(ATTRIBUTE, id);
        response.getHeaders().put(HEADER, id);
        return id;
    }

    private static String saidOrByChance(Request request) {
        String said = request.getHeaders().get(HEADER);
        return said != null && ACCEPTED.matcher(said).matches() ? said : byChance();
    }

    /** Has what this thread logs meanwhile carry the name. */
    static void logging(String id, Runnable lines) {
        String before = MDC.get(LOG_KEY);
        MDC.put(LOG_KEY, id);
        try {
            lines.run();
        } finally {
            // Within handling the request: that goes on under the same name.
            if (before == null) {
                MDC.remove(LOG_KEY);
            } else {
                MDC.put(LOG_KEY, before);
            }
        }
    }

    private static String byChance() {
        return "%016x".formatted(ThreadLocalRandom.current().nextLong());
    }
}
