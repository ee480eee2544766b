package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the documents tell people to type. Each block of commands says in the line above it which tests run it,
 * {@code <!-- run by EndToEndIT -->}, or that people have, {@code <!-- not run by a test: measured by hand -->}; or in its first line,
 * for all to see, that nobody has: {@code # not run here: takes a cluster}.
 */
class DocumentsTest {
    private static final Path ROOT = Path.of("..");

    /** A block of commands and the line above it. */
    private static final Pattern BLOCK = Pattern.compile("(?m)^(.*)\\n```(?:sh|bash|shell|console)\\n((?s:.*?))^```$");

    private static final Pattern RUN_BY = Pattern.compile("<!-- run by ([^:]+?)(?:: .*)? -->");
    private static final Pattern BY_HAND = Pattern.compile("<!-- not run by a test: \\S.* -->");
    private static final Pattern NOT_RUN = Pattern.compile("# not run here: \\S.*");

    /** Our program, wherever it lies and whatever starts it. */
    private static final Pattern CALL =
            Pattern.compile("^(?:timeout \\d+ |sudo |kubectl .* -- |[A-Z_]+=\\S+ )*(?:\\S*/)?spegel(?: +(.*))?$");

    private static final Pattern INLINE = Pattern.compile("`spegel ([^`]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    static Stream<Path> documents() throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(ROOT)) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(all::add);
        }
        for (String directory : List.of("docs", "charts")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(directory))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(all::add);
            }
        }
        return all.stream().sorted();
    }

    private static List<Block> blocks(Path document) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher found = BLOCK.matcher(Files.readString(document));
        while (found.find()) {
            blocks.add(new Block(found.group(1), found.group(2)));
        }
        return blocks;
    }

    private record Block(String above, String text) {
        /** Commands, each in one line, without comments. */
        List<String> commands() {
            return text.replaceAll("\\\\\\n\\s*", "")
                    .lines()
                    .map(line -> line.replaceAll("(^|\\s)#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();
        }
    }

    /** All files that may be tests, by their names, which say what they are. */
    private static Map<String, Path> tests() throws IOException {
        try (Stream<Path> files = Files.find(
                ROOT,
                10,
                (file, attributes) -> attributes.isRegularFile()
                        && !file.toString().contains("/target/")
                        && !file.toString().contains("/node_modules/")
                        && file.getFileName()
                                .toString()
                                .matches("(.*(Test|IT)\\.java|.*_test\\.go|test|run|charts)"))) {
            return files.collect(Collectors.toMap(
                    file -> file.getFileName().toString().replaceAll("\\.java$", ""),
                    file -> file,
                    (one, other) -> one));
        }
    }

    /** What a test does: its own source, and in the end-to-end module, whose tests only begin it, that of all. */
    private static String source(Path test) throws IOException {
        if (!test.startsWith(ROOT.resolve("e2e"))) {
            return Files.readString(test);
        }
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(ROOT.resolve("e2e/src"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void eachBlockSaysWhoRunsIt(Path document) throws IOException {
        Map<String, Path> tests = tests();
        for (Block block : blocks(document)) {
            Matcher runBy = RUN_BY.matcher(block.above());
            if (runBy.matches()) {
                StringBuilder sources = new StringBuilder();
                for (String test : runBy.group(1).split(", ", -1)) {
                    String name = test.substring(test.lastIndexOf('/') + 1);
                    assertThat(tests).containsKey(name);
                    sources.append(source(requireNonNull(tests.get(name))));
                }
                assertRuns(sources.toString(), block);
            } else {
                assertThat(block.above() + "\n"
                                + block.text().lines().findFirst().orElse(""))
                        .as("%s: what runs this?%n%s", document, block.text())
                        .matches(
                                text -> BY_HAND.matcher(text.lines().findFirst().orElse(""))
                                                .matches()
                                        || NOT_RUN.matcher(text.substring(text.indexOf('\n') + 1))
                                                .matches());
            }
        }
    }

    /** A test that runs one of our commands names it. */
    private static void assertRuns(String source, Block block) {
        for (String command : block.commands()) {
            Matcher call = CALL.matcher(command);
            if (call.matches() && call.group(1) != null) {
                assertThat(source).as(command).contains('"' + call.group(1).split("\\s", 2)[0] + '"');
            }
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void whatIsTypedIsThere(Path document) throws IOException {
        for (Block block : blocks(document)) {
            for (String command : block.commands()) {
                Matcher call = CALL.matcher(command);
                if (call.matches()) {
                    assertCanBeTyped(command, call.group(1) == null ? "" : call.group(1));
                } else if (command.startsWith("bin/")) {
                    assertThat(ROOT.resolve(command.split("\\s", 2)[0]))
                            .as(command)
                            .isExecutable();
                }
            }
        }
        Matcher inline = INLINE.matcher(Files.readString(document));
        while (inline.find()) {
            assertIsKnown(inline.group(1));
        }
    }

    private static void assertCanBeTyped(String line, String arguments) {
        Surroundings nowhere = new Surroundings(
                Map.of(),
                new PrintStream(PrintStream.nullOutputStream()),
                new PrintStream(PrintStream.nullOutputStream()),
                false,
                Path.of("no-secrets"),
                new StopSignal());
        String[] words = arguments
                .replaceAll("\\s*[>|].*", "")
                .replace("\"", "")
                .replace("'", "")
                .strip()
                .split("\\s+", -1);
        assertThatCode(() -> new CommandShell(Main.COMMANDS, nowhere).parse(words))
                .as(line)
                .doesNotThrowAnyException();
    }

    /** A command, perhaps with some flags, in the middle of a sentence. What it requires may be missing. */
    private static void assertIsKnown(String call) {
        String[] words = call.split("\\s+", -1);
        if (words[0].equals("COMMAND")) {
            return;
        }
        Subcommand command = Main.COMMANDS.stream()
                .filter(each -> each.name().equals(words[0]))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no command " + call));
        Set<String> flags = Stream.concat(
                        command.groups().stream()
                                .flatMap(group -> group.flags().stream().map(Flag::name)),
                        Stream.of("--help", "--log-level", "--log-format"))
                .collect(Collectors.toSet());
        assertThat(flags)
                .as(call)
                .containsAll(Arrays.stream(words)
                        .filter(word -> word.startsWith("--"))
                        .map(word -> word.split("=", 2)[0])
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadSomewhere(Path document) throws IOException {
        String text = Files.readString(document).replaceAll("(?s)```.*?```", "");
        Matcher link = LINK.matcher(text);
        while (link.find()) {
            if (link.group(1).contains(":")) {
                continue; // another host
            }
            Path target = link.group(1).isEmpty()
                    ? document
                    : document.resolveSibling(link.group(1)).normalize();
            assertThat(target).as("a link of %s", document).exists();
            if (link.group(2) != null) {
                assertThat(anchors(target)).as("headings of %s", target).contains(link.group(2));
            }
        }
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(Path document) throws IOException {
        String text = Files.readString(document).replaceAll("(?s)```.*?```", "");
        return HEADING.matcher(text)
                .results()
                .map(heading -> heading.group(1)
                        .replaceAll("\\[([^]]*)\\]\\([^)]*\\)", "$1")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
