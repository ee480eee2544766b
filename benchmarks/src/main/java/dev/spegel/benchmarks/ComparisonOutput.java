package dev.spegel.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How comparisons are told. */
enum ComparisonOutput {
    /** A table for people. */
    TEXT {
        @Override
        void print(String machine, List<Comparison> comparisons, PrintStream out) {
            out.println(machine);
            out.printf(
                    "%7s  %-26s %8s  %6s %6s %6s  %9s  %6s %6s %6s  %-4s %12s  %16s%n",
                    "streams",
                    "server",
                    "MiB/s",
                    "ratio",
                    "min",
                    "/plain",
                    "CPU s/GiB",
                    "ratio",
                    "max",
                    "/plain",
                    "met",
                    "peak RSS MiB",
                    "client CPU s/GiB");
            for (Comparison comparison : comparisons) {
                for (Comparison.Result result : comparison.results()) {
                    Side side = result.side();
                    out.printf(
                            Locale.ROOT,
                            "%7d  %-26s %8.0f  %6.2f %6s %6s  %9.2f  %6.2f %6s %6s  %-4s %12.0f  %16.2f%n",
                            comparison.streams(),
                            side.name(),
                            result.mibPerSecond(),
                            comparison.ratio(result),
                            number(side.minRatio()),
                            number(comparison.ratioToPlain(result)),
                            result.cpuSecondsPerGib(),
                            comparison.cpuRatio(result),
                            number(side.maxCpuRatio()),
                            number(comparison.cpuRatioToPlain(result)),
                            comparison
                                    .met(result)
                                    .map(met -> met ? "yes" : "no")
                                    .orElse(""),
                            result.peakRssMib(),
                            result.clientCpuSecondsPerGib());
                }
            }
        }
    },
    /** One object with a list, for programs. */
    JSON {
        @Override
        void print(String machine, List<Comparison> comparisons, PrintStream out) throws IOException {
            ObjectMapper json = new ObjectMapper();
            ObjectNode all = json.createObjectNode().put("machine", machine);
            for (Comparison comparison : comparisons) {
                for (Comparison.Result result : comparison.results()) {
                    ObjectNode one = all.withArray("results")
                            .addObject()
                            .put("streams", comparison.streams())
                            .put("server", result.side().name())
                            .put("yardstick", result.side().yardstick())
                            .put("mibPerSecond", result.mibPerSecond())
                            .put("ratio", comparison.ratio(result))
                            .put("cpuSecondsPerGib", result.cpuSecondsPerGib())
                            .put("clientCpuSecondsPerGib", result.clientCpuSecondsPerGib())
                            .put("peakRssMib", result.peakRssMib());
                    comparison.ratioToPlain(result).ifPresent(ratio -> one.put("ratioToPlain", ratio));
                    comparison
                            .cpuRatioToPlain(result)
                            .filter(Double::isFinite)
                            .ifPresent(ratio -> one.put("cpuRatioToPlain", ratio));
                    if (Double.isFinite(
                            comparison.cpuRatio(result))) { // a yardstick may take less than can be measured
                        one.put("cpuRatio", comparison.cpuRatio(result));
                    }
                    result.side().minRatio().ifPresent(least -> one.put("minRatio", least));
                    result.side().maxCpuRatio().ifPresent(most -> one.put("maxCpuRatio", most));
                    comparison.met(result).ifPresent(met -> one.put("met", met));
                }
            }
            out.println(json.writerWithDefaultPrettyPrinter().writeValueAsString(all));
        }
    };

    abstract void print(String machine, List<Comparison> comparisons, PrintStream out) throws IOException;

    private static String number(Optional<Double> value) {
        return value.map(some -> String.format(Locale.ROOT, "%.2f", some)).orElse("");
    }
}
