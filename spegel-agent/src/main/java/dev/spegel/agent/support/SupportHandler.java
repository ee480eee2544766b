package dev.spegel.agent.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.spegel.agent.inspect.ReportJson;
import dev.spegel.agent.logs.LogBackend;
import dev.spegel.agent.logs.LogLevel;
import dev.spegel.oci.Quoted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET} and {@code PUT /debug/api/log-level?level=…}, as JSON; {@code POST /debug/api/threads}, {@code heap} and {@code memory}, as
 * text; {@code POST /debug/api/recording?seconds=…}, a recording of the JDK's flight recorder. For callers on this node only: what is asked
 * for costs time, or changes something. Other paths are left to the next handler.
 */
public final class SupportHandler extends Handler.Abstract implements AutoCloseable {
    private static final String PREFIX = "/debug/api/";
    private static final String LOG_LEVEL = "log-level";
    private static final String RECORDING = "recording";
    private static final Set<String> WHAT = Set.of(LOG_LEVEL, RECORDING, "threads", "heap", "memory");
    private static final int DEFAULT_SECONDS = 60;

    private static final Logger LOG = LoggerFactory.getLogger(SupportHandler.class);

    /** Each takes the JVM's time; a second one waits for nobody. */
    private final Semaphore reporting = new Semaphore(1);

    private final Semaphore recording = new Semaphore(1);
    private final Recordings recordings = new Recordings();

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws InterruptedException {
        String path = Request.getPathInContext(request);
        String what = path.startsWith(PREFIX) ? path.substring(PREFIX.length()) : "";
        if (!WHAT.contains(what)) {
            return false;
        }
        List<String> methods = what.equals(LOG_LEVEL) ? List.of("GET", "PUT") : List.of("POST");
        if (!methods.contains(request.getMethod())) {
            String known = String.join(", ", methods);
            response.getHeaders().put(HttpHeader.ALLOW, known);
            fail(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, "there is only " + known);
        } else if (!LocalCaller.isBehind(request)) {
            fail(
                    response,
                    callback,
                    HttpStatus.FORBIDDEN_403,
                    "this is for programs on the agent's node, or in its container, that ask it at 127.0.0.1");
        } else if (what.equals(LOG_LEVEL)) {
            logLevel(request, response, callback);
        } else if (what.equals(RECORDING)) {
            record(request, response, callback);
        } else {
            report(what, response, callback);
        }
        return true;
    }

    /** Ends what runs. */
    @Override
    public void close() {
        recordings.close();
    }

    private static void logLevel(Request request, Response response, Callback callback) {
        if (request.getMethod().equals("PUT")) {
            String text = Request.extractQueryParameters(request).getValue("level");
            try {
                LogLevel level = LogLevel.parse(text == null ? "" : text);
                LogBackend.setLevel(level);
                // Above all levels but ERROR, so that a log which falls silent says why.
                LOG.warn("The log level is {} from now on", level);
            } catch (IllegalArgumentException e) {
                fail(response, callback, HttpStatus.BAD_REQUEST_400, String.valueOf(e.getMessage()));
                return;
            }
        }
        send(
                response,
                callback,
                HttpStatus.OK_200,
                "application/json",
                ReportJson.writeLogLevel(LogBackend.level().name()));
    }

    private void report(String what, Response response, Callback callback) {
        if (!reporting.tryAcquire()) {
            fail(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, "a report is being made already");
            return;
        }
        try {
            send(response, callback, HttpStatus.OK_200, "text/plain; charset=utf-8", written(what));
        } catch (IOException e) {
            fail(response, callback, HttpStatus.INTERNAL_SERVER_ERROR_500, String.valueOf(e.getMessage()));
        } finally {
            reporting.release();
        }
    }

    private static String written(String what) throws IOException {
        return switch (what) {
            case "threads" -> JvmReports.threads();
            case "heap" -> JvmReports.heap();
            default -> JvmReports.memory();
        };
    }

    private void record(Request request, Response response, Callback callback) throws InterruptedException {
        Duration time;
        try {
            time = time(Request.extractQueryParameters(request).getValue("seconds"));
        } catch (IllegalArgumentException e) {
            fail(response, callback, HttpStatus.BAD_REQUEST_400, String.valueOf(e.getMessage()));
            return;
        }
        if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
            fail(
                    response,
                    callback,
                    HttpStatus.NOT_IMPLEMENTED_501,
                    "this Java has no flight recorder: no module jdk.jfr");
            return;
        }
        if (!recording.tryAcquire()) {
            fail(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, "a recording runs already");
            return;
        }
        try {
            LOG.info("Recording the JVM for {} s", time.toSeconds());
            recordings.record(time, in -> {
                response.setStatus(HttpStatus.OK_200);
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
                try (OutputStream out = Content.Sink.asOutputStream(response)) {
                    in.transferTo(out);
                }
            });
            callback.succeeded();
        } catch (IOException e) {
            if (response.isCommitted()) {
                callback.failed(e);
            } else {
                fail(response, callback, HttpStatus.INTERNAL_SERVER_ERROR_500, "no recording: " + e.getMessage());
            }
        } finally {
            recording.release();
        }
    }

    private static Duration time(@Nullable String seconds) {
        if (seconds == null) {
            return Duration.ofSeconds(DEFAULT_SECONDS);
        }
        if (!seconds.matches("[0-9]{1,4}")
                || Integer.parseInt(seconds) < 1
                || Integer.parseInt(seconds) > Recordings.LONGEST.toSeconds()) {
            throw new IllegalArgumentException("a recording takes 1 to %d whole seconds, got %s"
                    .formatted(Recordings.LONGEST.toSeconds(), Quoted.of(seconds)));
        }
        return Duration.ofSeconds(Integer.parseInt(seconds));
    }

    private static void fail(Response response, Callback callback, int status, String sentence) {
        send(response, callback, status, "application/json", ReportJson.writeError(sentence));
    }

    private static void send(Response response, Callback callback, int status, String type, String text) {
        byte[] body = (text + "\n").getBytes(UTF_8);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
