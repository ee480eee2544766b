package dev.spegel.containerd.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * Writes TOML 1.0.0 with a header for each table. Jackson's own writer makes dotted keys of them, and containerd 2 takes hosts
 * from headers only.
 */
final class TomlText {
    private static final Pattern BARE_KEY = Pattern.compile("[A-Za-z0-9_-]+");

    private final StringBuilder text = new StringBuilder();

    TomlText comment(String line) {
        text.append("# ").append(line).append('\n');
        return this;
    }

    TomlText emptyLine() {
        text.append('\n');
        return this;
    }

    /** {@code [a."b c"]}. */
    TomlText header(String... path) {
        StringJoiner joined = new StringJoiner(".", "[", "]\n");
        for (String part : path) {
            joined.add(key(part));
        }
        text.append(joined);
        return this;
    }

    TomlText entry(String key, JsonNode value) {
        text.append(key(key)).append(" = ").append(value(value)).append('\n');
        return this;
    }

    private static String key(String key) {
        return BARE_KEY.matcher(key).matches() ? key : string(key);
    }

    private static String value(JsonNode value) {
        if (value.isTextual()) {
            return string(value.textValue());
        }
        if (value.isArray()) {
            StringJoiner joined = new StringJoiner(", ", "[", "]");
            value.forEach(element -> joined.add(value(element)));
            return joined.toString();
        }
        if (value.isObject()) {
            StringJoiner joined = new StringJoiner(", ", "{ ", " }");
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                joined.add(key(field.getKey()) + " = " + value(field.getValue()));
            }
            return value.isEmpty() ? "{}" : joined.toString();
        }
        return value.asText(); // numbers, true, false
    }

    /** A basic string: toml.io/en/v1.0.0#string. */
    private static String string(String value) {
        StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                quoted.append("\\u%04X".formatted((int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
