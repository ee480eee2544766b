package dev.spegel.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Finding content in the DHT: how fast, and at what cost. */
@Command(
        name = "routing",
        description = {
            "Finding content in the DHT: how fast, and at what cost.",
            "  lookups    nodes in one process over loopback: look-ups by nodes that don't keep the record themselves, heap, messages",
            "  bulk       one of these nodes advertises many keys at once, while all look things up",
            "  rest       an agent in a process of its own, with these nodes as peers",
            "  simulated  networks in virtual time: how the cost of a node grows with their number"
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        usageHelpWidth = 140)
final class RoutingCommand implements Callable<Integer> {
    /** What can be measured by itself. */
    enum Part {
        LOOKUPS,
        BULK,
        REST,
        SIMULATED;

        /** As it's written at the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(names = "--parts", split = ",", description = "What to measure.")
    private Set<Part> parts = EnumSet.allOf(Part.class);

    @Option(names = "--nodes", description = "How many nodes there are on loopback.")
    private int nodes = 50;

    @Option(names = "--keys", description = "How many keys each node announces, in all parts.")
    private int keys = 500;

    @Option(names = "--bulk-keys", description = "How many keys one node advertises at once.")
    private int bulkKeys = 10_000;

    @Option(names = "--rest-minutes", description = "How long the agent at rest is watched.")
    private int restMinutes = 5;

    @Option(
            names = "--simulated-nodes",
            split = ",",
            description = "Sizes of simulated networks. 1000 nodes take 3 GiB of heap.")
    private List<Integer> simulatedNodes = List.of(50, 100, 200, 500, 1000);

    @Option(
            names = "--against",
            paramLabel = "PROGRAM",
            description =
                    "Measures the look-ups of as many nodes of this program, too: that of interop/go, built by 'go build' there.")
    private @Nullable Path against;

    @Option(names = "--agent", description = "The launcher of the agent, for the part rest.")
    private @Nullable Path agent;

    @Option(names = "--output", description = "text or json.")
    private FigureOutput output = FigureOutput.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (nodes < 2 || keys < 4 || bulkKeys < 1 || restMinutes < 1) {
            throw new ParameterException(
                    spec.commandLine(), "there are two nodes at least, four keys, and one of all else");
        }
        if (against != null && !parts.contains(Part.LOOKUPS)) {
            throw new ParameterException(spec.commandLine(), "--against is about the part lookups");
        }
        List<Figure> figures = new ArrayList<>();
        Optional<LookupTimes> reference = Optional.empty();
        if (against != null) {
            say("starting %d nodes of %s".formatted(nodes, against));
            try (GoNodes network = GoNodes.start(against, nodes, keys)) {
                say("measuring their look-ups");
                LookupTimes.warmUp(network);
                reference = Optional.of(LookupTimes.of(network));
            }
        }
        if (parts.stream().anyMatch(part -> part != Part.SIMULATED)) {
            figures.addAll(onLoopback(reference));
        }
        if (parts.contains(Part.SIMULATED)) {
            for (int size : simulatedNodes) {
                say("simulating %d nodes".formatted(size));
                figures.addAll(SimulatedPart.measure(size, keys));
            }
        }
        output.print(Host.describe(), figures, System.out);
        return 0;
    }

    private List<Figure> onLoopback(Optional<LookupTimes> reference) throws IOException, InterruptedException {
        List<Figure> figures = new ArrayList<>();
        long before = Heap.usedBytes();
        say("starting %d nodes with %d keys each".formatted(nodes, keys));
        try (LoopbackNetwork network = LoopbackNetwork.start(nodes, keys)) {
            LookupTimes.warmUp(network);
            if (parts.contains(Part.LOOKUPS)) {
                say("measuring look-ups");
                figures.addAll(LookupPart.times(LookupTimes.of(network), reference));
                figures.add(LookupPart.heap(network, before));
                say("leaping through an interval");
                figures.addAll(LookupPart.interval(network));
            }
            if (parts.contains(Part.BULK)) {
                say("advertising %d keys at once".formatted(bulkKeys));
                figures.addAll(BulkPart.measure(network, bulkKeys));
            }
            if (parts.contains(Part.REST)) {
                say("watching an agent at rest for %d minutes".formatted(restMinutes));
                figures.addAll(rest(network));
            }
        }
        return figures;
    }

    private List<Figure> rest(LoopbackNetwork network) throws IOException, InterruptedException {
        if (agent == null) {
            throw new ParameterException(spec.commandLine(), "the part rest needs --agent");
        }
        Path directory = Files.createTempDirectory("spegel-bench");
        try {
            return new RestPart(network, directory).measure(agent, keys, Duration.ofMinutes(restMinutes));
        } finally {
            Directories.delete(directory);
        }
    }

    /** Standard output is for the figures. */
    private static void say(String what) {
        System.err.println("bench: " + what);
    }
}
