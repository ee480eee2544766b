package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.agent.doctor.ReportAsJson;
import dev.spegel.agent.pull.PullReportJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * {@code GET /debug/api/measurement} and {@code GET /debug/api/examination}: how that stands which the page's forms have begun, as
 * JSON. Other paths are left to the next handler.
 */
public final class BegunApiHandler extends Handler.Abstract {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MEASUREMENT = "/debug/api/measurement";
    private static final String EXAMINATION = "/debug/api/examination";

    private final Measurements measurements;
    private final Examinations examinations;

    public BegunApiHandler(Measurements measurements, Examinations examinations) {
        this.measurements = requireNonNull(measurements, "measurements");
        this.examinations = requireNonNull(examinations, "examinations");
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        if (!path.equals(MEASUREMENT) && !path.equals(EXAMINATION)) {
            return false;
        }
        ObjectNode answer = JSON.createObjectNode();
        if (!HttpMethod.GET.is(request.getMethod())) {
            response.setStatus(HttpStatus.METHOD_NOT_ALLOWED_405);
            response.getHeaders().put(HttpHeader.ALLOW, "GET");
            answer.put("error", "only GET is supported");
        } else if (path.equals(MEASUREMENT)) {
            write(measurements.last(), answer);
        } else {
            write(examinations.state(), answer);
        }
        byte[] body = (text(answer) + "\n").getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }

    private static void write(Optional<Measurement> last, ObjectNode json) {
        json.put("running", last.isPresent() && last.get().end().isEmpty());
        if (last.isEmpty()) {
            return;
        }
        Measurement measurement = last.get();
        json.put("image", measurement.image().toString());
        json.put("elapsedMillis", measurement.elapsed().toMillis());
        json.put("pieces", measurement.pieces());
        json.put("wantedBytes", measurement.wantedBytes());
        json.put("receivedBytes", measurement.receivedBytes());
        measurement.end().ifPresent(end -> {
            if (end.report().isPresent()) {
                PullReportJson.put(Map.of(), end.report().get(), json.putObject("report"));
            } else {
                json.put("failure", end.failure());
            }
        });
    }

    private static void write(Examinations.State state, ObjectNode json) {
        json.put("running", state.running());
        state.failure().ifPresent(reason -> json.put("failure", reason));
        state.report().ifPresent(report -> {
            json.put("agoMillis", state.ago().toMillis());
            ReportAsJson.put(report, json);
        });
    }

    private static String text(ObjectNode json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of text and numbers can be written", e);
        }
    }
}
