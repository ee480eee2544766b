package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tables of {@code docs/metrics.md}. */
final class DocumentedMetrics {
    private static final Path PAGE = Path.of("..", "docs", "metrics.md");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    private DocumentedMetrics() {}

    /**
     * One row.
     *
     * @param labels the values that each may have; none where they aren't listed
     */
    record Metric(String name, String type, Map<String, Set<String>> labels) {}

    /** By name. A row is name, type, labels, Go, what it tells; a label's values follow it after a colon, semicolons part labels. */
    static Map<String, Metric> read() throws IOException {
        Map<String, Metric> metrics = new LinkedHashMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("| `")) {
                String[] cells = line.split("\\|", -1);
                assertThat(cells).as(line).hasSize(7);
                String name = quoted(cells[1]).get(0);
                assertThat(metrics).doesNotContainKey(name);
                metrics.put(name, new Metric(name, cells[2].strip(), labels(cells[3])));
            }
        }
        return metrics;
    }

    /** What the page says to ask. A row is question and query. */
    static List<String> queries() throws IOException {
        String section = Files.readString(PAGE).replaceAll("(?s).*\n## What to watch\n(.*?)\n## .*", "$1");
        return section.lines()
                .map(line -> line.split("\\|", -1))
                .filter(cells -> cells.length == 4)
                .flatMap(cells -> quoted(cells[2]).stream())
                .toList();
    }

    private static Map<String, Set<String>> labels(String cell) {
        return Arrays.stream(cell.split(";", -1))
                .map(DocumentedMetrics::quoted)
                .filter(words -> !words.isEmpty())
                .collect(Collectors.toMap(words -> words.get(0), words -> Set.copyOf(words.subList(1, words.size()))));
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell)
                .results()
                .map((MatchResult word) -> word.group(1))
                .toList();
    }
}
