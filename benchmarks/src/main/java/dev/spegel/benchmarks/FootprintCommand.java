package dev.spegel.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What an agent costs a node: its start, and what it takes while nobody pulls. */
@Command(
        name = "footprint",
        description = "What an agent costs a node: its start, and what it takes at rest. JAVA_HOME says on which Java.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class FootprintCommand implements Callable<Integer> {
    @Option(names = "--starts", description = "How many starts the median is of; 0 measures none.")
    private int starts = 10;

    @Option(names = "--peers", description = "How many other nodes there are, in this program's process.")
    private int peers = 20;

    @Option(names = "--keys", description = "How many keys each node announces.")
    private int keys = 500;

    @Option(names = "--rest-minutes", description = "How long the agent at rest is watched; 0 measures none.")
    private int restMinutes = 2;

    @Option(
            names = "--mixed-minutes",
            description = "How long clients pull small and large blobs, hits and misses, while memory is watched.")
    private int mixedMinutes;

    @Option(names = "--agent", required = true, description = "The launcher of the agent.")
    private @Nullable Path agent;

    @Option(names = "--output", description = "text or json.")
    private FigureOutput output = FigureOutput.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (agent == null || starts < 0 || peers < 1 || keys < 4 || restMinutes < 0 || mixedMinutes < 0) {
            throw new ParameterException(
                    spec.commandLine(), "there are one peer and four keys at least, and nothing is negative");
        }
        List<Figure> figures = new ArrayList<>();
        Path directory = Files.createTempDirectory("spegel-bench");
        try (LoopbackNetwork network = LoopbackNetwork.start(peers, keys)) {
            if (starts > 0) {
                say("starting an agent %d times".formatted(starts + 1));
                figures.addAll(new StartPart(network, directory(directory, "start")).measure(agent, starts));
            }
            if (restMinutes > 0) {
                say("watching an agent at rest for %d minutes".formatted(restMinutes));
                figures.addAll(new RestPart(network, directory(directory, "rest"))
                        .measure(agent, keys, Duration.ofMinutes(restMinutes)).stream()
                                .map(figure -> figure.what().equals(RestPart.MOST_RSS) ? figure.atMost(110) : figure)
                                .toList());
            }
            if (mixedMinutes > 0) {
                say("pulling for %d minutes".formatted(mixedMinutes));
                figures.addAll(
                        MixedPart.measure(agent, directory(directory, "mixed"), Duration.ofMinutes(mixedMinutes)));
            }
        } finally {
            Directories.delete(directory);
        }
        output.print(Host.describe(), figures, System.out);
        return 0;
    }

    private static Path directory(Path parent, String name) throws IOException {
        return Files.createDirectory(parent.resolve(name));
    }

    /** Standard output is for the figures. */
    private static void say(String what) {
        System.err.println("bench: " + what);
    }
}
