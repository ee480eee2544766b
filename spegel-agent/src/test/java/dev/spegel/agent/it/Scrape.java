package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An answer in Prometheus' text format, version 0.0.4.
 *
 * @param text as it came
 * @param families by name
 */
record Scrape(String text, Map<String, Family> families) {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)\\})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    /** What one {@code # TYPE} line names. */
    record Family(String name, String type, String help, List<Sample> samples) {
        /** The names of its labels, without those that make a histogram or summary. */
        Set<String> labels() {
            return samples.stream()
                    .flatMap(sample -> sample.labels().keySet().stream())
                    .filter(label -> !label.equals("le") && !label.equals("quantile"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** One line; its name may have an ending of its own, such as {@code _bucket}. */
    record Sample(String name, Map<String, String> labels, double value) {}

    static Scrape parse(String text) {
        Map<String, Family> families = new LinkedHashMap<>();
        Map<String, String> help = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                assertThat(help).as("described twice").doesNotContainKey(words[2]);
                help.put(words[2], words.length > 3 ? words[3] : "");
            } else if (line.startsWith("# TYPE ")) {
                assertThat(families).as("there twice").doesNotContainKey(words[2]);
                families.put(
                        words[2], new Family(words[2], words[3], help.getOrDefault(words[2], ""), new ArrayList<>()));
            } else if (!line.isEmpty()) {
                Sample sample = sample(line);
                Family family = families.get(sample.name());
                String stem = sample.name().replaceFirst("_(bucket|count|sum)$", "");
                family = family == null ? families.get(stem) : family;
                assertThat(family).as("the family of %s", line).isNotNull();
                family.samples().add(sample);
            }
        }
        return new Scrape(text, families);
    }

    private static Sample sample(String line) {
        Matcher matcher = SAMPLE.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        Map<String, String> labels = new TreeMap<>();
        if (matcher.group(2) != null) {
            Matcher label = LABEL.matcher(matcher.group(2));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
        }
        return new Sample(
                matcher.group(1), labels, Double.parseDouble(matcher.group(3).replace("+Inf", "Infinity")));
    }

    /** All names that a query may use. */
    Set<String> sampleNames() {
        return families.values().stream()
                .flatMap(family -> family.samples().stream())
                .map(Sample::name)
                .collect(Collectors.toSet());
    }

    /** Names with their labels, of those families whose names begin like this. */
    Set<String> series(String... beginnings) {
        return families.values().stream()
                .filter(family -> List.of(beginnings).stream().anyMatch(family.name()::startsWith))
                .flatMap(family -> family.samples().stream())
                .map(sample -> sample.name() + sample.labels())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
