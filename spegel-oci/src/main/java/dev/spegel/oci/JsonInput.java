package dev.spegel.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object that a stranger wrote, token by token: nothing is built but what its reader asks for.
 *
 * <p>A reader is called with its value as the current token and leaves with the last token of that value as the current one.
 * What the reader doesn't know it {@linkplain #skip skips}. Where an object, an array or an optional text belongs, {@code null} is
 * an empty one: so the Go programs that write most of these documents write it and read it.
 */
final class JsonInput {
    /** distribution-spec v1.1.1, section "Pushing Manifests": a registry takes manifests of at least 4 megabytes. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    /** A manifest is 5 deep; the rest is for fields that we skip. */
    static final int MAX_DEPTH = 64;

    /** Some 12,000 layers of 8 tokens; keeps names remembered against duplicates to a few MiB. */
    static final int MAX_TOKENS = 100_000;

    /** Annotations, and paths (at most 4,096 bytes on Linux) in an image's config. */
    static final int MAX_NAME_CHARS = 8 * 1024;

    /** A double needs 24. */
    static final int MAX_NUMBER_CHARS = 100;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_BYTES)
                    .maxNestingDepth(MAX_DEPTH)
                    .maxTokenCount(MAX_TOKENS)
                    .maxNameLength(MAX_NAME_CHARS)
                    .maxStringLength(MAX_BYTES)
                    .maxNumberLength(MAX_NUMBER_CHARS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            // Shared tables of the names seen so far would keep what strangers sent.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final String what;
    private final JsonParser parser;

    private JsonInput(String what, JsonParser parser) {
        this.what = what;
        this.parser = parser;
    }

    /** Reads a value. */
    interface ValueReader<T> {
        T read(JsonInput in) throws IOException;
    }

    /** Reads or skips the value of the field of this name. */
    interface FieldReader {
        void read(String name) throws IOException;
    }

    /**
     * Reads a document.
     *
     * @param what what the document should be, for messages: {@code "an image index"}
     * @throws OciSyntaxException MANIFEST_INVALID if it isn't one JSON object in UTF-8 within our bounds, or the reader refuses it
     */
    static <T> T read(byte[] json, String what, ValueReader<T> reader) {
        if (json.length > MAX_BYTES) {
            throw invalid(what, "it has at most %d bytes, got %d".formatted(MAX_BYTES, json.length));
        }
        if (!mayBeObject(json)) {
            throw invalid(what, "it is a JSON object in UTF-8");
        }
        try (JsonParser parser = FACTORY.createParser(json)) {
            parser.nextToken();
            T value = reader.read(new JsonInput(what, parser));
            if (parser.nextToken() != null) {
                throw invalid(what, "nothing follows the JSON object");
            }
            return value;
        } catch (IOException e) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID, "%s can't be read: %s".formatted(what, Quoted.of(firstLine(e))), e);
        } catch (OciSyntaxException e) {
            if (e.code() == ErrorCode.MANIFEST_INVALID) {
                throw e;
            }
            throw new OciSyntaxException(ErrorCode.MANIFEST_INVALID, "%s: %s".formatted(what, e.getMessage()), e);
        }
    }

    /**
     * Whether the content can be an object in UTF-8 at all: other content is told from JSON by a byte, and Jackson doesn't get to
     * guess the encoding. A zero byte is in no JSON text but those in UTF-16 or UTF-32.
     */
    static boolean mayBeObject(byte[] content) {
        int i = 0;
        while (i < content.length
                && (content[i] == ' ' || content[i] == '\t' || content[i] == '\n' || content[i] == '\r')) {
            i++;
        }
        return i + 1 < content.length && content[i] == '{' && content[i + 1] != 0;
    }

    void eachField(FieldReader reader) throws IOException {
        if (isNull()) {
            return;
        }
        expect(JsonToken.START_OBJECT, "an object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            reader.read(name);
        }
    }

    <T> List<T> list(ValueReader<T> reader) throws IOException {
        if (isNull()) {
            return List.of();
        }
        expect(JsonToken.START_ARRAY, "an array");
        List<T> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            values.add(reader.read(this));
        }
        return values;
    }

    Map<String, String> textMap() throws IOException {
        Map<String, String> map = new HashMap<>();
        eachField(name -> map.put(name, text()));
        return map;
    }

    String text() throws IOException {
        expect(JsonToken.VALUE_STRING, "a string");
        return UnicodeText.require(parser.getText());
    }

    /** A string; the empty one says no more than none, and some programs write it for it. */
    Optional<String> optionalText() throws IOException {
        return isNull() ? Optional.empty() : Optional.of(text()).filter(text -> !text.isEmpty());
    }

    long wholeNumber() throws IOException {
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number");
        return parser.getLongValue(); // a checked conversion
    }

    boolean isNull() {
        return parser.hasToken(JsonToken.VALUE_NULL);
    }

    boolean isObject() {
        return parser.hasToken(JsonToken.START_OBJECT);
    }

    boolean isArray() {
        return parser.hasToken(JsonToken.START_ARRAY);
    }

    boolean isText() {
        return parser.hasToken(JsonToken.VALUE_STRING);
    }

    boolean isWholeNumber() {
        return parser.hasToken(JsonToken.VALUE_NUMBER_INT);
    }

    void skip() throws IOException {
        parser.skipChildren();
    }

    /** @throws OciSyntaxException if the field of the object just read was missing */
    <T> T required(@Nullable T value, String name) {
        if (value == null) {
            throw refusal("a field \"%s\" is missing".formatted(name));
        }
        return value;
    }

    OciSyntaxException refusal(String rule) {
        String where = parser.getParsingContext().pathAsPointer().toString();
        return invalid(what, where.isEmpty() ? rule : "%s at %s".formatted(rule, Quoted.of(where)));
    }

    private void expect(JsonToken token, String named) {
        if (!parser.hasToken(token)) {
            throw refusal(named + " is expected");
        }
    }

    private static OciSyntaxException invalid(String what, String rule) {
        return new OciSyntaxException(ErrorCode.MANIFEST_INVALID, "%s is invalid: %s".formatted(what, rule));
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
