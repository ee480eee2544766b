package dev.spegel.benchmarks;

import dev.spegel.oci.Descriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Many nodes pull the same image at the same time from a few that have it. */
@Command(
        name = "herd",
        description = {
            "Many nodes pull the same blobs at the same time, each through its own agent, from a few that have them: how long it takes, and",
            "how the load spreads over the holders. Jain's index is 1 if each sends as much as the others, and 1/n if one does it all."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        usageHelpWidth = 140)
final class HerdCommand implements Callable<Integer> {
    private static final double MIB = 1024.0 * 1024;
    private static final double MAX_TIME_RATIO = 1.25;
    private static final double MIN_JAIN_INDEX = 0.95;

    @Option(names = "--agent", required = true, description = "The launcher of the agent.")
    private Path agent = Path.of("");

    @Option(
            names = "--against",
            paramLabel = "PROGRAM",
            description = "Another agent with the same flags, measured too.")
    private @Nullable Path against;

    @Option(names = "--nodes", description = "How many pull.")
    private int nodes = 8;

    @Option(names = "--holders", split = ",", description = "How many have it; each number is measured.")
    private List<Integer> holders = List.of(1, 4);

    @Option(names = "--blobs", description = "How many blobs the image has.")
    private int blobs = 20;

    @Option(names = "--size-mib", description = "The size of each.")
    private int sizeMib = 16;

    @Option(names = "--downloads", description = "How many blobs a node gets at a time; containerd's default.")
    private int downloads = 3;

    @Option(names = "--rounds", description = "How often all is pulled; medians count.")
    private int rounds = 5;

    @Option(
            names = "--limit-mbit",
            description =
                    "Puts each holder into a network namespace that sends at most so much; needs root and iproute2. 0: no limit.")
    private int limitMbit;

    @Option(names = "--output", description = "text or json.")
    private FigureOutput output = FigureOutput.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || nodes < 1 || blobs < 1 || sizeMib < 1 || downloads < 1 || limitMbit < 0) {
            throw new ParameterException(spec.commandLine(), "there is one at least of everything");
        }
        Path directory = Files.createTempDirectory("spegel-bench");
        try {
            Path layout = directory.resolve("layout");
            Path empty = directory.resolve("empty");
            List<Descriptor> content = BlobLayout.write(layout, Collections.nCopies(blobs, sizeMib * 1024L * 1024));
            BlobLayout.writeEmpty(empty);
            List<Figure> figures = new ArrayList<>();
            for (int count : holders) {
                figures.addAll(measure("agent", agent, directory, count, content));
                if (against != null) {
                    figures.addAll(measure("other", against, directory, count, content));
                }
            }
            output.print(Host.describe(), figures, System.out);
        } finally {
            Directories.delete(directory);
        }
        return 0;
    }

    private List<Figure> measure(String name, Path launcher, Path directory, int holderCount, List<Descriptor> content)
            throws Exception {
        AgentStarter starter = new AgentStarter(launcher, directory);
        Path layout = directory.resolve("layout");
        Path empty = directory.resolve("empty");
        try (Herd herd = limitMbit > 0
                ? LimitedHerd.start(starter, directory, limitMbit, holderCount, nodes, layout, empty)
                : LoopbackHerd.start(starter, holderCount, nodes, layout, empty)) {
            Map<String, Long> wanted = new LinkedHashMap<>();
            content.forEach(blob -> wanted.put(BlobLayout.agentPath(blob.digest()), blob.sizeBytes()));
            HerdLoad load = new HerdLoad(herd.ports(), wanted, downloads);
            System.err.printf("%s: %d nodes, %d holders%n", name, nodes, holderCount);
            herd.run(load); // once unmeasured
            List<Double> seconds = new ArrayList<>();
            List<Double> indexes = new ArrayList<>();
            int failures = 0;
            for (int round = 0; round < rounds; round++) {
                HerdLoad.Result result = herd.run(load);
                seconds.add(result.seconds());
                indexes.add(jainIndex(herd.holders(), result.bytesByServer()));
                failures += result.failures().size();
                result.failures().forEach(System.err::println);
            }
            return figures(name + " " + holderCount, holderCount, seconds, indexes, failures);
        }
    }

    private List<Figure> figures(
            String part, int holderCount, List<Double> seconds, List<Double> indexes, int failures) {
        double median = median(seconds);
        double totalBytes = nodes * blobs * sizeMib * MIB;
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of(part, "time until all have all", median, "s"));
        figures.add(Figure.of(part, "pulled by all", totalBytes / MIB / median, "MiB/s"));
        if (limitMbit > 0) {
            double ideal = totalBytes / (holderCount * limitMbit * 1e6 / 8);
            figures.add(Figure.of(part, "time as a multiple of the ideal", median / ideal, "")
                    .atMost(MAX_TIME_RATIO));
        }
        if (holderCount > 1) {
            figures.add(Figure.of(part, "Jain's index, median", median(indexes), ""));
            figures.add(Figure.of(part, "1 - Jain's index, worst round", 1 - Collections.min(indexes), "")
                    .atMost(1 - MIN_JAIN_INDEX));
        }
        figures.add(Figure.of(part, "failed pulls, of %d".formatted(nodes * blobs * rounds), failures, "")
                .atMost(0));
        return figures;
    }

    /** R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness and Discrimination, DEC-TR-301, 1984. */
    static double jainIndex(List<String> holders, Map<String, Long> bytesByServer) throws IOException {
        if (!holders.containsAll(bytesByServer.keySet())) {
            throw new IOException("blobs came from %s, which aren't all holders: %s".formatted(bytesByServer, holders));
        }
        double sum = 0;
        double squares = 0;
        for (String holder : holders) {
            double bytes = bytesByServer.getOrDefault(holder, 0L);
            sum += bytes;
            squares += bytes * bytes;
        }
        return sum * sum / (holders.size() * squares);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }
}
