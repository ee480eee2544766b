package dev.spegel.agent.demo;

import dev.spegel.agent.console.Style;
import dev.spegel.agent.console.Table;
import dev.spegel.agent.console.Text;
import dev.spegel.agent.demo.DemoResult.NodePull;
import dev.spegel.agent.pull.PullReport;
import dev.spegel.agent.pull.PulledContent;
import dev.spegel.oci.Digest;
import java.util.ArrayList;
import java.util.List;

/** The demo's findings for people. */
final class DemoText {
    /** Enough to tell digests apart. */
    private static final int DIGEST_CHARS = 12;

    private DemoText() {}

    /** The nodes, and what each has before anything is pulled. */
    static List<String> nodes(DemoCluster cluster) {
        Table table = new Table(3);
        for (DemoNode node : cluster.nodes()) {
            boolean source = node == cluster.source();
            table.row(
                    node.name(),
                    node.registry().toString(),
                    source ? "has " + cluster.image().name() : "has nothing");
        }
        return indented(table.lines());
    }

    private static List<String> indented(List<String> lines) {
        return lines.stream().map(line -> "  " + line).toList();
    }

    /** One row for each piece of content, and a sum. */
    static List<String> table(NodePull pull, Style style) {
        Table table = new Table(3);
        table.row("CONTENT", "DIGEST", "FROM", "SIZE", "TIME", "MIB/S");
        PullReport report = pull.report();
        for (PulledContent content : report.contents()) {
            long size = content.descriptor().sizeBytes();
            table.row(
                    content.role(),
                    shortened(content.descriptor().digest()),
                    String.join(", ", pull.sourcesOf(content)),
                    Text.size(size),
                    Text.time(content.elapsed()),
                    Text.speed(size, content.elapsed()));
        }
        table.row(
                "all",
                "",
                String.join(", ", pull.sources()),
                Text.size(report.sizeBytes()),
                Text.time(report.elapsed()),
                Text.speed(report.sizeBytes(), report.elapsed()));
        return indented(table.lines(style));
    }

    /** What happened, in three sentences. */
    static List<String> summary(DemoResult result) {
        NodePull first = result.pulls().get(0);
        NodePull second = result.pulls().get(1);
        List<String> sentences = new ArrayList<>();
        sentences.add("%s lacked the image; its agent found it on %s, and passed %s through."
                .formatted(
                        first.node(),
                        DemoResult.enumeration(first.sources()),
                        Text.size(first.report().sizeBytes())));
        boolean shared = second.sources().contains(first.node());
        sentences.add("Then %s pulled it from %s%s."
                .formatted(
                        second.node(),
                        DemoResult.enumeration(second.sources()),
                        shared ? ": what %s had just got, it served at once".formatted(first.node()) : ""));
        long pieces = result.contents().count();
        sentences.add("No registry was asked, and all %d pieces of content matched their digests.".formatted(pieces));
        return indented(sentences);
    }

    private static String shortened(Digest digest) {
        return digest.algorithm() + ":" + digest.encoded().substring(0, DIGEST_CHARS);
    }
}
