package dev.spegel.agent.pull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.oci.Descriptor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A pull's figures for programs. Times are in milliseconds, with fractions. */
public final class PullReportJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private PullReportJson() {}

    /** @param facts further ones, which come first */
    public static String write(Map<String, String> facts, PullReport report) {
        ObjectNode root = JSON.createObjectNode();
        put(facts, report, root);
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of text and numbers can be written", e);
        }
    }

    /** The same as part of a larger tree. */
    public static void put(Map<String, String> facts, PullReport report, ObjectNode root) {
        root.put("image", report.image().toString());
        facts.forEach(root::put);
        root.put("digest", report.target().digest().toString());
        root.put("mediaType", report.target().mediaType().value());
        root.put("sizeBytes", report.sizeBytes());
        root.put("millis", millis(report.elapsed()));
        root.put("mibPerSecond", mibPerSecond(report.sizeBytes(), report.elapsed()));
        ArrayNode contents = root.putArray("contents");
        report.contents().forEach(content -> write(content, contents.addObject()));
    }

    private static void write(PulledContent content, ObjectNode json) {
        Descriptor descriptor = content.descriptor();
        json.put("role", content.role());
        json.put("digest", descriptor.digest().toString());
        json.put("mediaType", descriptor.mediaType().value());
        json.put("sizeBytes", descriptor.sizeBytes());
        ArrayNode from = json.putArray("from");
        content.servedBy().forEach(from::add);
        json.put("firstByteMillis", millis(content.firstByte()));
        json.put("millis", millis(content.elapsed()));
        json.put("mibPerSecond", mibPerSecond(descriptor.sizeBytes(), content.elapsed()));
    }

    /** To the microsecond. */
    private static double millis(Duration time) {
        return (double) TimeUnit.NANOSECONDS.toMicros(time.toNanos()) / 1e3;
    }

    /** To a hundredth. */
    private static double mibPerSecond(long bytes, Duration elapsed) {
        double seconds = Math.max(1, elapsed.toNanos()) / 1e9;
        return Math.round(bytes / (double) (1L << 20) / seconds * 100) / 100.0;
    }
}
