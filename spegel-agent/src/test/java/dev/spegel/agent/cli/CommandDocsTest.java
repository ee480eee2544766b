package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What docs/cli.md and the help say can be typed. */
class CommandDocsTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "cli.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)```sh\\n(.*?)```");

    /** A name that some commands call as another program would. */
    private static final Pattern CALL = Pattern.compile("\\bspegel ([^)>\\n]*)");

    static Stream<String> commands() {
        return Main.COMMANDS.stream().map(Subcommand::name);
    }

    /** The text below a command's heading. */
    private static String section(String command) throws IOException {
        String text = Files.readString(DOCUMENT);
        String heading = "\n## `spegel " + command + "`\n";
        assertThat(text).contains(heading);
        String from = text.substring(text.indexOf(heading) + heading.length());
        int end = from.indexOf("\n## ");
        return end < 0 ? from : from.substring(0, end);
    }

    private static void assertCanBeTyped(String line) {
        Matcher call = CALL.matcher(line);
        assertThat(call.find()).as(line).isTrue();
        Surroundings nowhere = new Surroundings(
                Map.of(),
                new PrintStream(PrintStream.nullOutputStream()),
                new PrintStream(PrintStream.nullOutputStream()),
                false,
                Path.of("no-secrets"),
                new StopSignal());
        assertThatCode(() -> new CommandShell(Main.COMMANDS, nowhere)
                        .parse(call.group(1).strip().split("\\s+", -1)))
                .as(line)
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandIsDocumentedWithAnExampleThatCanBeTyped(String command) throws IOException {
        Matcher block = BLOCK.matcher(section(command));
        List<String> lines = new ArrayList<>();
        while (block.find()) {
            block.group(1).lines().forEach(lines::add);
        }
        assertThat(lines).isNotEmpty().allSatisfy(line -> {
            assertThat(line).startsWith("spegel " + command);
            assertCanBeTyped(line);
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyExampleOfTheHelpCanBeTyped(String command) {
        Subcommand described = Main.COMMANDS.stream()
                .filter(each -> each.name().equals(command))
                .findFirst()
                .orElseThrow();
        String examples = String.join("\n", described.examples()).replaceAll("\\\\\\n\\s*", "");
        assertThat(examples.lines()).isNotEmpty().allSatisfy(CommandDocsTest::assertCanBeTyped);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whatPrintsJsonShowsItsShape(String command) throws IOException {
        boolean printsData = Main.COMMANDS.stream()
                .filter(each -> each.name().equals(command))
                .flatMap(each -> each.groups().stream())
                .flatMap(group -> group.flags().stream())
                .anyMatch(flag -> flag.name().equals("--output"));
        Matcher json = Pattern.compile("(?s)```json\\n(.*?)```").matcher(section(command));
        assertThat(json.find()).isEqualTo(printsData);
        if (printsData) {
            assertThat(new ObjectMapper().readTree(json.group(1)).isObject()).isTrue();
        }
    }
}
