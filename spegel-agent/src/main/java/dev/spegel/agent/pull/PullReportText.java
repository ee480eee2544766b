package dev.spegel.agent.pull;

import dev.spegel.agent.console.Style;
import dev.spegel.agent.console.Table;
import dev.spegel.agent.console.Text;
import dev.spegel.oci.Digest;
import java.util.List;

/** A pull's figures for people: a row a piece of content, and a sum. */
public final class PullReportText {
    /** Enough to tell digests apart. */
    private static final int DIGEST_CHARS = 12;

    private PullReportText() {}

    /** Lines without line breaks. */
    public static List<String> lines(PullReport report, Style style) {
        Table table = new Table(3);
        table.row("CONTENT", "DIGEST", "FROM", "SIZE", "FIRST BYTE", "TIME", "MIB/S");
        for (PulledContent content : report.contents()) {
            long size = content.descriptor().sizeBytes();
            table.row(
                    content.role(),
                    shortened(content.descriptor().digest()),
                    orDash(content.servedBy()),
                    Text.size(size),
                    Text.time(content.firstByte()),
                    Text.time(content.elapsed()),
                    Text.speed(size, content.elapsed()));
        }
        table.row(
                "all",
                "",
                orDash(report.contents().stream()
                        .flatMap(content -> content.servedBy().stream())
                        .distinct()
                        .toList()),
                Text.size(report.sizeBytes()),
                "",
                Text.time(report.elapsed()),
                Text.speed(report.sizeBytes(), report.elapsed()));
        return table.lines(style);
    }

    private static String orDash(List<String> nodes) {
        return nodes.isEmpty() ? "-" : String.join(", ", nodes);
    }

    private static String shortened(Digest digest) {
        return digest.algorithm() + ":" + digest.encoded().substring(0, DIGEST_CHARS);
    }
}
