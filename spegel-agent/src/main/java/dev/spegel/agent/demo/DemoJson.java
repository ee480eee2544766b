package dev.spegel.agent.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.agent.demo.DemoResult.NodePull;
import dev.spegel.agent.pull.PulledContent;

/** The demo's findings for programs. */
final class DemoJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private DemoJson() {}

    static String of(DemoResult result) {
        ObjectNode root = JSON.createObjectNode();
        root.put("image", result.image().toString());
        root.put("source", result.source());
        ArrayNode pulls = root.putArray("pulls");
        result.pulls().forEach(pull -> add(pull, pulls.addObject()));
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of text and numbers can be written", e);
        }
    }

    private static void add(NodePull pull, ObjectNode json) {
        json.put("node", pull.node());
        json.put("digest", pull.report().target().digest().toString());
        json.put("sizeBytes", pull.report().sizeBytes());
        json.put("millis", pull.report().elapsed().toMillis());
        ArrayNode contents = json.putArray("contents");
        pull.report().contents().forEach(content -> add(pull, content, contents.addObject()));
    }

    private static void add(NodePull pull, PulledContent content, ObjectNode json) {
        json.put("role", content.role());
        json.put("digest", content.descriptor().digest().toString());
        json.put("mediaType", content.descriptor().mediaType().value());
        json.put("sizeBytes", content.descriptor().sizeBytes());
        json.put("millis", content.elapsed().toMillis());
        ArrayNode from = json.putArray("from");
        pull.sourcesOf(content).forEach(from::add);
    }
}
