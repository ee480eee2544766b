package dev.spegel.agent.doctor;

import dev.spegel.agent.console.Style;
import dev.spegel.agent.doctor.Finding.Status;
import java.util.ArrayList;
import java.util.List;

/** A report for people: a row a finding, with the remedy below it. */
public final class ReportText {
    /** Fits a terminal of usual width; more is hard to read. */
    private static final int COLUMNS = 110;

    private static final String GAP = "  ";

    private ReportText() {}

    /** Lines without line breaks. */
    public static List<String> lines(Report report, Style style) {
        int statusWidth = width(report.findings().stream()
                .map(finding -> finding.status().text())
                .toList());
        int idWidth = width(report.findings().stream().map(Finding::id).toList());
        String indent = " ".repeat(statusWidth + idWidth + 2 * GAP.length());
        List<String> lines = new ArrayList<>();
        for (Finding finding : report.findings()) {
            String status = padded(finding.status().text(), statusWidth);
            String head = coloured(finding.status(), status, style) + GAP + padded(finding.id(), idWidth) + GAP;
            List<String> seen = wrapped(finding.seen(), COLUMNS - indent.length());
            lines.add(head + seen.get(0));
            seen.subList(1, seen.size()).forEach(line -> lines.add(indent + line));
            finding.remedy().ifPresent(remedy -> {
                List<String> wrapped = wrapped(remedy, COLUMNS - indent.length() - 2);
                lines.add(indent + "> " + wrapped.get(0));
                wrapped.subList(1, wrapped.size()).forEach(line -> lines.add(indent + "  " + line));
            });
        }
        lines.add("");
        lines.add("%d ok, %s, %s, %d unknown"
                .formatted(
                        report.count(Status.OK),
                        counted(report.count(Status.WARNING), "warning"),
                        counted(report.count(Status.ERROR), "error"),
                        report.count(Status.UNKNOWN)));
        return lines;
    }

    private static String coloured(Status status, String text, Style style) {
        return switch (status) {
            case OK -> style.green(text);
            case WARNING -> style.yellow(text);
            case ERROR -> style.red(text);
            case UNKNOWN -> style.magenta(text);
        };
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static int width(List<String> texts) {
        return texts.stream().mapToInt(String::length).max().orElse(0);
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    /** Breaks at blanks; a word that is too long stays whole, so that it can be copied. */
    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+", -1)) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
