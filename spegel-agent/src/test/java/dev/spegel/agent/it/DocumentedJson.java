package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shapes of JSON that docs/cli.md shows. */
final class DocumentedJson {
    private static final Path DOCUMENT = Path.of("..", "docs", "cli.md");

    private DocumentedJson() {}

    /** Checks that the JSON has no field that the command's section doesn't show, and as many of those as can be. */
    static void assertShape(String command, JsonNode actual, String... optional) throws IOException {
        Matcher block = Pattern.compile("(?s)\\n## `spegel " + command + "`\\n(?:(?!\\n## ).)*?```json\\n(.*?)```")
                .matcher(Files.readString(DOCUMENT));
        assertThat(block.find()).isTrue();
        Set<String> documented = new TreeSet<>();
        collect("", new ObjectMapper().readTree(block.group(1)), documented);
        Set<String> found = new TreeSet<>();
        collect("", actual, found);
        assertThat(documented).as("documented").containsAll(found);
        found.addAll(Set.of(optional));
        assertThat(found).as("printed").containsAll(documented);
    }

    /** The names of all fields, with those that they are in and the kind of what they have. */
    private static void collect(String name, JsonNode json, Set<String> names) {
        if (json.isObject()) {
            json.properties().forEach(field -> {
                String path = name + "/" + field.getKey();
                names.add(path);
                collect(path, field.getValue(), names);
            });
        } else if (json.isArray()) {
            json.forEach(entry -> collect(name, entry, names));
        }
    }
}
