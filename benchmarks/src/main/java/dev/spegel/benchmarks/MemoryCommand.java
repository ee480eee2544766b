package dev.spegel.benchmarks;

import dev.spegel.lab.MemoryLimit;
import dev.spegel.oci.Descriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Many large pulls at a time through an agent that has little memory. */
@Command(
        name = "memory",
        description = {
            "Many large blobs at a time, mirrored and verified by an agent in a control group with little memory, page cache included:",
            "whether all of them come whole, and the peak of its resident set. It takes root."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        usageHelpWidth = 140)
final class MemoryCommand implements Callable<Integer> {
    private static final double MIB = 1024.0 * 1024;

    @Option(names = "--agent", required = true, description = "The launcher of the agent.")
    private Path agent = Path.of("");

    @Option(names = "--limit-mib", description = "What the agent may have; the memory of its container.")
    private int limitMib = 128;

    @Option(names = "--streams", description = "How many pulls there are at the same time.")
    private int streams = 64;

    @Option(names = "--size-mib", description = "The size of the blob that each of them gets.")
    private int sizeMib = 1024;

    @Option(names = "--rounds", description = "How often, with the same agent.")
    private int rounds = 1;

    @Option(names = "--output", description = "text or json.")
    private FigureOutput output = FigureOutput.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (limitMib < 1 || streams < 1 || sizeMib < 1 || rounds < 1) {
            throw new ParameterException(spec.commandLine(), "there is one at least of everything");
        }
        Path directory = Files.createTempDirectory("spegel-bench");
        try (MemoryLimit limit = MemoryLimit.create("bench", limitMib * 1024L * 1024)) {
            output.print(Host.describe(), measure(directory, limit), System.out);
        } finally {
            Directories.delete(directory);
        }
        return 0;
    }

    private List<Figure> measure(Path directory, MemoryLimit limit) throws Exception {
        Path layout = directory.resolve("layout");
        Path empty = directory.resolve("empty");
        Descriptor blob =
                BlobLayout.write(layout, List.of(sizeMib * 1024L * 1024)).get(0);
        BlobLayout.writeEmpty(empty);
        Fetch fetch = Fetch.whole(BlobLayout.agentPath(blob.digest()), blob.sizeBytes());
        AgentStarter starter = new AgentStarter(agent, directory);
        try (MeasuredProcess holder = starter.start("holder", layout, List.of());
                MeasuredProcess mirror = starter.startUnder(limit, "mirror", empty, List.of(holder.address()))) {
            double seconds = 0;
            List<String> failures = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                seconds += run(mirror, fetch, failures);
            }
            failures.forEach(System.err::println);
            return List.of(
                    Figure.of("memory", "failed pulls, of " + streams * rounds, failures.size(), "")
                            .atMost(0),
                    Figure.of("memory", "killed for want of memory", (double) limit.kills(), "")
                            .atMost(0),
                    Figure.of("memory", "peak of the resident set", mirror.peakRssBytes() / MIB, "MiB")
                            .atMost(limitMib),
                    Figure.of("memory", "pulled", (double) streams * rounds * sizeMib / seconds, "MiB/s"));
        }
    }

    /** Returns how many seconds it took until all had all. */
    private double run(MeasuredProcess mirror, Fetch fetch, List<String> failures) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(streams);
        try {
            Callable<Void> pull = () -> {
                try (HttpConnection connection = HttpConnection.open(mirror.address())) {
                    connection.get(fetch);
                }
                return null;
            };
            long startNanos = System.nanoTime();
            for (Future<Void> one : threads.invokeAll(Collections.nCopies(streams, pull))) {
                try {
                    one.get();
                } catch (ExecutionException e) {
                    failures.add(String.valueOf(e.getCause()));
                }
            }
            return (System.nanoTime() - startNanos) / 1e9;
        } finally {
            threads.shutdownNow();
        }
    }
}
