package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.util.Fields;

/**
 * What a page's query asks; unchecked.
 *
 * @param lookup what to look up; empty if nothing
 * @param imagesAfter the name after which the list of images begins; empty for its begin
 */
record Question(String lookup, String imagesAfter) {
    Question {
        requireNonNull(lookup, "lookup");
        requireNonNull(imagesAfter, "imagesAfter");
    }

    static Question of(Fields query) {
        return new Question(value(query, "lookup"), value(query, "images"));
    }

    private static String value(Fields query, String name) {
        String value = query.getValue(name);
        return value == null ? "" : value.strip();
    }

    /** The query that lists images from another name on. */
    static String imagesAfter(String name) {
        return "?images=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    }
}
