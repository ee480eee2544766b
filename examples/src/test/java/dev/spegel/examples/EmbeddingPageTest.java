package dev.spegel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The code in {@code docs/embedding.md} is that of programs which are compiled and run, but for how far it is indented. */
class EmbeddingPageTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(java|xml)\n(.*?)^```$");

    @Test
    void itsCodeIsThatOfTheExamples() throws IOException {
        List<String> java;
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            java = files.filter(file -> file.toString().endsWith(".java"))
                    .map(EmbeddingPageTest::flat)
                    .toList();
        }
        List<String> xml = List.of(flat(Path.of("..", "publishing", "consumer", "pom.xml")));
        var blocks = BLOCK.matcher(Files.readString(Path.of("..", "docs", "embedding.md")))
                .results()
                .toList();
        assertThat(blocks).hasSizeGreaterThan(8);
        for (var block : blocks) {
            List<String> sources = block.group(1).equals("java") ? java : xml;
            String wanted = "\n" + flat(block.group(2)).strip() + "\n";
            assertThat(sources).as("one has\n%s", block.group(2)).anyMatch(source -> source.contains(wanted));
        }
    }

    private static String flat(Path file) {
        try {
            return flat(Files.readString(file));
        } catch (IOException e) {
            throw new AssertionError("read " + file, e);
        }
    }

    private static String flat(String text) {
        return text.replaceAll("(?m)^[ ]+", "");
    }
}
