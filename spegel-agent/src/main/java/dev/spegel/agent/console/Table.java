package dev.spegel.agent.console;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Rows of text in columns of equal width: the first as they are, from a given one on to the right. */
public final class Table {
    /** What a terminal would obey, or what would turn its text around: strangers' text mustn't. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

    private final int firstRightAligned;
    private final List<List<String>> rows = new ArrayList<>();

    /** @param firstRightAligned the first column, from 0, that is aligned to the right */
    public Table(int firstRightAligned) {
        this.firstRightAligned = firstRightAligned;
    }

    /** Adds a row, which has as many cells as the first. */
    public void row(String... cells) {
        if (!rows.isEmpty() && rows.get(0).size() != cells.length) {
            throw new IllegalArgumentException(
                    "a row has %d cells, got %s".formatted(rows.get(0).size(), Arrays.toString(cells)));
        }
        rows.add(Arrays.stream(cells).map(Table::printable).toList());
    }

    /** The text, with a question mark for each character that isn't simply shown. */
    public static String printable(String text) {
        return UNPRINTABLE.matcher(text).replaceAll("?");
    }

    /** The same as {@link #lines()}, with the first row as the heading. */
    public List<String> lines(Style style) {
        List<String> lines = new ArrayList<>(lines());
        if (!lines.isEmpty()) {
            lines.set(0, style.bold(lines.get(0)));
        }
        return lines;
    }

    /** The rows, without line breaks. */
    public List<String> lines() {
        if (rows.isEmpty()) {
            return List.of();
        }
        int[] widths = IntStream.range(0, rows.get(0).size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return rows.stream()
                .map(row -> IntStream.range(0, widths.length)
                        .mapToObj(column -> padded(row.get(column), widths[column], column >= firstRightAligned))
                        .collect(joining("  "))
                        .stripTrailing())
                .toList();
    }

    private static String padded(String cell, int width, boolean right) {
        String blanks = " ".repeat(width - cell.length());
        return right ? blanks + cell : cell + blanks;
    }
}
