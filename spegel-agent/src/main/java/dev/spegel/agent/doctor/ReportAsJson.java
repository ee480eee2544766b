package dev.spegel.agent.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A report for programs. docs/doctor.md describes it. */
public final class ReportAsJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportAsJson() {}

    public static String write(Report report) {
        ObjectNode root = JSON.createObjectNode();
        put(report, root);
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of text can be written", e);
        }
    }

    /** The same as part of a larger tree. */
    public static void put(Report report, ObjectNode root) {
        ArrayNode findings = root.putArray("findings");
        for (Finding finding : report.findings()) {
            ObjectNode json = findings.addObject();
            json.put("id", finding.id());
            json.put("status", finding.status().text());
            json.put("seen", finding.seen());
            finding.remedy().ifPresent(remedy -> json.put("remedy", remedy));
        }
    }
}
