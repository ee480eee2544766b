package dev.spegel.agent.web;

import java.util.List;
import java.util.Locale;

/** A bar a minute, the newest at the right, as SVG. Colours come from the style sheet. */
final class BarChart {
    private static final int BAR = 10;
    private static final int GAP = 2;
    private static final int HEIGHT = 100;

    /** So that a value above nothing can be seen. */
    private static final double LEAST = 1.5;

    private BarChart() {}

    /**
     * Writes it.
     *
     * @param room how many bars it has room for; fewer stand at the right
     * @param values not negative; {@link Double#NaN} where there is none
     * @param top what reaches the upper edge; larger values do too
     */
    static void write(Html html, String kind, String label, int room, List<Double> values, double top) {
        int width = room * BAR;
        html.open(
                "svg",
                "class",
                "chart " + kind,
                "viewBox",
                "0 0 %d %d".formatted(width, HEIGHT),
                "preserveAspectRatio",
                "none",
                "role",
                "img",
                "aria-label",
                label);
        html.open("line", "class", "ground", "x1", "0", "x2", "" + width, "y1", "" + HEIGHT, "y2", "" + HEIGHT)
                .close();
        for (int i = 0; i < values.size(); i++) {
            double value = values.get(i);
            if (value > 0 || (value == 0 && kind.equals("rate"))) {
                double height = Math.max(LEAST, HEIGHT * Math.min(1, top > 0 ? value / top : 0));
                html.open(
                                "rect",
                                "x",
                                "" + ((room - values.size() + i) * BAR + GAP / 2),
                                "y",
                                number(HEIGHT - height),
                                "width",
                                "" + (BAR - GAP),
                                "height",
                                number(height))
                        .close();
            }
        }
        html.close();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
