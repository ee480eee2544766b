package dev.spegel.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How figures are told. */
enum FigureOutput {
    /** A table for people. */
    TEXT {
        @Override
        void print(String machine, List<Figure> figures, PrintStream out) {
            out.println(machine);
            boolean compared =
                    figures.stream().anyMatch(figure -> figure.reference().isPresent());
            out.printf("%-10s %-44s %12s %-10s %8s  %-4s", "part", "what", "measured", "unit", "limit", "met");
            out.println(compared ? "  %10s %6s".formatted("reference", "ratio") : "");
            for (Figure figure : figures) {
                out.printf(
                        "%-10s %-44s %12s %-10s %8s  %-4s",
                        figure.part(),
                        figure.what(),
                        number(figure.value()),
                        figure.unit(),
                        figure.limit().map(FigureOutput::number).orElse(""),
                        figure.met().map(met -> met ? "yes" : "no").orElse(""));
                out.println(compared ? "  %10s %6s".formatted(text(figure.reference()), text(figure.ratio())) : "");
            }
        }
    },
    /** One object with a list, for programs. */
    JSON {
        @Override
        void print(String machine, List<Figure> figures, PrintStream out) throws IOException {
            ObjectMapper json = new ObjectMapper();
            ObjectNode all = json.createObjectNode().put("machine", machine);
            for (Figure figure : figures) {
                ObjectNode one = all.withArray("figures")
                        .addObject()
                        .put("part", figure.part())
                        .put("what", figure.what())
                        .put("value", figure.value())
                        .put("unit", figure.unit());
                figure.limit().ifPresent(limit -> one.put("limit", limit));
                figure.met().ifPresent(met -> one.put("met", met));
                figure.reference().ifPresent(reference -> one.put("reference", reference));
                figure.ratio().ifPresent(ratio -> one.put("ratio", ratio));
            }
            out.println(json.writerWithDefaultPrettyPrinter().writeValueAsString(all));
        }
    };

    abstract void print(String machine, List<Figure> figures, PrintStream out) throws IOException;

    private static String text(Optional<Double> value) {
        return value.map(FigureOutput::number).orElse("");
    }

    /** Two decimals say enough of what is small, none of what is large. */
    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 1000 || value == Math.rint(value) ? "%,.0f" : "%.2f", value);
    }
}
