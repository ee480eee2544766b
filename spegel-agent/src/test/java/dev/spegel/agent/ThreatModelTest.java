package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/threat-model.md} says which test shows each of its promises; here, that there is such a test. */
class ThreatModelTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

    @Test
    void namesTestsThatExist() throws IOException {
        Map<String, Path> tests;
        try (Stream<Path> modules = Files.list(ROOT)) {
            tests = modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .flatMap(ThreatModelTest::tests)
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""), file -> file, (a, b) -> a));
        }
        String page = Files.readString(ROOT.resolve("docs/threat-model.md"));
        List<MatchResult> named = TEST.matcher(page).results().toList();
        assertThat(named).hasSizeGreaterThan(40);
        for (MatchResult each : named) {
            assertThat(tests).as("the page names it").containsKey(each.group(1));
            if (each.group(2) != null) {
                assertThat(tests.get(each.group(1))).content().contains("void " + each.group(2) + "(");
            }
        }
    }

    private static Stream<Path> tests(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith("Test.java")).toList().stream();
        } catch (IOException e) {
            throw new AssertionError("walk " + directory, e);
        }
    }
}
