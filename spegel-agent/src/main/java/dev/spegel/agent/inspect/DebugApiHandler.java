package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import dev.spegel.routing.Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /debug/api/peers}, optionally with {@code measure=false} (no round trips), and {@code GET /debug/api/lookup?key=…},
 * optionally with {@code max} (peers) and {@code millis} (time): what this node sees; {@code GET /debug/api/status},
 * {@code GET /debug/api/tags} and {@code GET /debug/api/images}: what it says of itself; {@code GET /debug/api/requests} and
 * {@code GET /debug/api/history}: what it did lately. All as JSON. Other paths are left to the next handler.
 */
public final class DebugApiHandler extends Handler.Abstract {
    /** All paths begin so. */
    static final String PREFIX = "/debug/api/";

    private static final int DEFAULT_MAX_PEERS = 20;
    private static final int DEFAULT_MAX_IMAGES = 100;
    private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(5);

    /** For people; so that scrapes beside them get through. */
    private static final int MAX_RUNNING = 2;

    /** What asks nobody else, and so needs no bound. */
    private static final Set<String> QUICK = Set.of("status", "tags", "requests", "history");

    private static final Logger LOG = LoggerFactory.getLogger(DebugApiHandler.class);

    private final NetworkView view;
    private final NodeView node;
    private final ActivityView activity;
    private final Semaphore running = new Semaphore(MAX_RUNNING);

    public DebugApiHandler(NetworkView view, NodeView node, ActivityView activity) {
        this.view = requireNonNull(view, "view");
        this.node = requireNonNull(node, "node");
        this.activity = requireNonNull(activity, "activity");
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws InterruptedException {
        String path = Request.getPathInContext(request);
        if (!path.startsWith(PREFIX)) {
            return false;
        }
        Answer answer;
        if (!HttpMethod.GET.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET");
            answer = Answer.error(HttpStatus.METHOD_NOT_ALLOWED_405, "only GET is supported");
        } else if (QUICK.contains(path.substring(PREFIX.length()))) {
            answer = answer(path.substring(PREFIX.length()), Request.extractQueryParameters(request));
        } else if (running.tryAcquire()) {
            try {
                answer = answer(path.substring(PREFIX.length()), Request.extractQueryParameters(request));
            } finally {
                running.release();
            }
        } else {
            answer = Answer.error(
                    HttpStatus.SERVICE_UNAVAILABLE_503, "%d such requests run already".formatted(MAX_RUNNING));
        }
        byte[] body = (answer.json() + "\n").getBytes(StandardCharsets.UTF_8);
        response.setStatus(answer.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }

    private Answer answer(String what, Fields query) throws InterruptedException {
        try {
            return switch (what) {
                case "peers" -> new Answer(HttpStatus.OK_200, ReportJson.write(peers(query)));
                case "lookup" -> new Answer(HttpStatus.OK_200, ReportJson.write(view.lookup(lookupRequest(query))));
                case "status" -> new Answer(HttpStatus.OK_200, ReportJson.write(node.status()));
                case "tags" -> new Answer(HttpStatus.OK_200, ReportJson.write(node.tags()));
                case "images" -> new Answer(HttpStatus.OK_200, ImagesJson.write(node.images(imagesRequest(query))));
                case "requests" -> new Answer(HttpStatus.OK_200, ActivityJson.write(activity.requests()));
                case "history" -> new Answer(HttpStatus.OK_200, ActivityJson.write(activity.history()));
                default ->
                    Answer.error(
                            HttpStatus.NOT_FOUND_404,
                            "there are peers, lookup, status, tags, images, requests and history, got "
                                    + Quoted.of(what));
            };
        } catch (IllegalArgumentException e) {
            return Answer.error(HttpStatus.BAD_REQUEST_400, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.debug("A request for {} failed: {}", Quoted.of(what), e.getMessage());
            return Answer.error(HttpStatus.INTERNAL_SERVER_ERROR_500, String.valueOf(e.getMessage()));
        }
    }

    /** @throws IllegalArgumentException with a sentence for whoever has asked */
    private PeersReport peers(Fields query) throws IOException, InterruptedException {
        String measure = query.getValue("measure");
        if (measure == null || measure.equals("true")) {
            return view.peers();
        }
        if (measure.equals("false")) {
            return view.known();
        }
        throw new IllegalArgumentException("measure is true or false, got " + Quoted.of(measure));
    }

    /** @throws IllegalArgumentException with a sentence for whoever has asked */
    private static LookupRequest lookupRequest(Fields query) {
        String key = query.getValue("key");
        if (key == null) {
            throw new IllegalArgumentException("key is missing: a digest, or registry/repository:tag");
        }
        return new LookupRequest(
                new Key(key), number(query, "max", DEFAULT_MAX_PEERS), Duration.ofMillis(number(query, "millis", (int)
                        DEFAULT_LIMIT.toMillis())));
    }

    /** @throws IllegalArgumentException with a sentence for whoever has asked */
    private static ImagesRequest imagesRequest(Fields query) {
        String after = query.getValue("after");
        return new ImagesRequest(
                after == null ? "" : after,
                number(query, "max", DEFAULT_MAX_IMAGES),
                "true".equals(query.getValue("contents")));
    }

    private static int number(Fields query, String name, int fallback) {
        String text = query.getValue(name);
        if (text == null) {
            return fallback;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("%s is a whole number, got %s".formatted(name, Quoted.of(text)), e);
        }
    }

    private record Answer(int status, String json) {
        static Answer error(int status, String message) {
            return new Answer(status, ReportJson.writeError(message));
        }
    }
}
