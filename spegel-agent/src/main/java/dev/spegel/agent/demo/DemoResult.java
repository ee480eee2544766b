package dev.spegel.agent.demo;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import dev.spegel.agent.pull.PullReport;
import dev.spegel.agent.pull.PulledContent;
import dev.spegel.oci.Reference;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the demo found.
 *
 * @param source the node that had the image at first
 * @param pulls in their order
 */
record DemoResult(Reference image, String source, List<NodePull> pulls) {
    DemoResult {
        requireNonNull(image, "image");
        requireNonNull(source, "source");
        pulls = List.copyOf(pulls);
    }

    /**
     * One node's pull.
     *
     * @param nodeNames the names of nodes by the address that a mirror gives for them
     */
    record NodePull(String node, PullReport report, Map<String, String> nodeNames) {
        NodePull {
            requireNonNull(node, "node");
            requireNonNull(report, "report");
            nodeNames = Map.copyOf(nodeNames);
        }

        /** The nodes that the bytes of this content came from. */
        List<String> sourcesOf(PulledContent content) {
            return content.servedBy().stream().map(this::nodeAt).toList();
        }

        /** All nodes that bytes came from, in the order of their names. */
        List<String> sources() {
            return report.contents().stream()
                    .flatMap(content -> sourcesOf(content).stream())
                    .distinct()
                    .sorted()
                    .toList();
        }

        private String nodeAt(String servedBy) {
            return servedBy.equals("local") ? node : nodeNames.getOrDefault(servedBy, servedBy);
        }
    }

    /** {@code a}, {@code a and b}, {@code a, b and c}. */
    static String enumeration(List<String> words) {
        if (words.size() < 2) {
            return String.join("", words);
        }
        String last = words.get(words.size() - 1);
        return words.stream().limit(words.size() - 1L).collect(joining(", ")) + " and " + last;
    }

    Stream<PulledContent> contents() {
        return pulls.stream().flatMap(pull -> pull.report().contents().stream());
    }
}
