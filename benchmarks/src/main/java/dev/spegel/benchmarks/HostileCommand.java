package dev.spegel.benchmarks;

import dev.spegel.oci.Descriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How long others wait beside clients that want to keep them from being served. */
@Command(
        name = "hostile",
        description = {
            "The time to the first byte of a blob of 10 KiB that an agent mirrors from another, for clients that do as they should, alone and",
            "beside such that don't: connections that nobody uses, requests that never end (slowloris), readers that take next to nothing",
            "of large blobs, pipelined requests, and what isn't HTTP. Beside slow readers also the time until a large blob begins for one",
            "more client. What is measured alone is the reference."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        usageHelpWidth = 140)
final class HostileCommand implements Callable<Integer> {
    private static final long SMALL_BYTES = 10 * 1024;

    /** More than the sockets on both sides and the agent's buffers hold. */
    private static final long LARGE_BYTES = 64L << 20;

    private static final int CLIENTS = 10;
    private static final Duration INTERVAL = Duration.ofMillis(20);

    @Option(names = "--agent", required = true, description = "The launcher of the agent.")
    private Path agent = Path.of("");

    @Option(
            names = "--connections",
            description = "How many are opened and not used, or have a request that never ends.")
    private int connections = 10_000;

    @Option(names = "--slow-readers", description = "How many there are; an agent has places for 64.")
    private int slowReaders = 90;

    @Option(
            names = "--requests",
            description = "How many each of 10 clients makes on a connection that it keeps, one each 20 ms.")
    private int requests = 200;

    @Option(names = "--newcomers", description = "How many requests are made on a new connection each.")
    private int newcomers = 500;

    @Option(names = "--output", description = "text or json.")
    private FigureOutput output = FigureOutput.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private interface Start {
        Attack run(InetSocketAddress server) throws IOException;
    }

    @Override
    public Integer call() throws Exception {
        if (connections < 1 || slowReaders < 1 || requests < 1 || newcomers < 1) {
            throw new ParameterException(spec.commandLine(), "there is one at least of everything");
        }
        Path directory = Files.createTempDirectory("spegel-bench");
        try {
            output.print(Host.describe(), measure(directory), System.out);
        } finally {
            Directories.delete(directory);
        }
        return 0;
    }

    private List<Figure> measure(Path directory) throws IOException, InterruptedException {
        Path layout = directory.resolve("layout");
        List<Descriptor> blobs = BlobLayout.write(layout, List.of(SMALL_BYTES, LARGE_BYTES));
        Fetch small = Fetch.whole(
                BlobLayout.agentPath(blobs.get(0).digest()), blobs.get(0).sizeBytes());
        Fetch large = Fetch.whole(
                BlobLayout.agentPath(blobs.get(1).digest()), blobs.get(1).sizeBytes());
        try (AgentPair pair = AgentPair.start("agent", agent, directory, layout)) {
            InetSocketAddress server = pair.mirror().orElseThrow().address();
            for (int i = 0; i < 3; i++) { // what runs often is compiled
                run(server, small);
            }
            List<Figure> figures = new ArrayList<>();
            Times alone = run(server, small);
            figures.addAll(alone.figures("alone", Optional.empty()));
            figures.addAll(beside("idle", server, small, alone, to -> Attack.idle(to, connections)));
            figures.addAll(beside("slowloris", server, small, alone, to -> Attack.slowloris(to, connections)));
            figures.addAll(beside("pipelined", server, small, alone, to -> Attack.pipelined(to, 8)));
            figures.addAll(beside("malformed", server, small, alone, Attack::malformed));
            double largeAlone = firstByteSeconds(server, large);
            try (Attack attack = Attack.slowReaders(server, slowReaders, large.path())) {
                attack.start();
                figures.addAll(twice("readers", server, small, alone));
                figures.add(Figure.of("readers", "a large blob's first byte", firstByteSeconds(server, large), "s")
                        .beside(Optional.of(largeAlone)));
            }
            return figures;
        }
    }

    private List<Figure> beside(String name, InetSocketAddress server, Fetch small, Times alone, Start start)
            throws IOException, InterruptedException {
        System.err.println(name);
        try (Attack attack = start.run(server)) {
            attack.start();
            return twice(name, server, small, alone);
        }
    }

    /** At first the agent is busy with what has just begun; then it's as it stays. */
    private List<Figure> twice(String name, InetSocketAddress server, Fetch small, Times alone)
            throws IOException, InterruptedException {
        List<Figure> figures = new ArrayList<>();
        figures.add(Times.figure(
                name, "kept connections, p99 at first", run(server, small).kept(), Optional.of(alone.kept()), 0.99));
        figures.addAll(run(server, small).figures(name, Optional.of(alone)));
        return figures;
    }

    private static double firstByteSeconds(InetSocketAddress server, Fetch fetch) throws IOException {
        try (HttpConnection connection = HttpConnection.open(server)) {
            return connection.get(fetch).firstByteNanos() / 1e9;
        }
    }

    private Times run(InetSocketAddress server, Fetch fetch) throws IOException, InterruptedException {
        Samples kept = new Samples();
        new FirstBytes(CLIENTS, requests, INTERVAL).nanos(server, fetch).forEach(kept::addNanos);
        Samples fresh = new Samples();
        for (int i = 0; i < newcomers; i++) {
            long startNanos = System.nanoTime();
            try (HttpConnection connection = HttpConnection.open(server)) {
                connection.get(fetch);
            }
            fresh.addNanos(System.nanoTime() - startNanos);
        }
        return new Times(kept, fresh);
    }

    private record Times(Samples kept, Samples fresh) {
        List<Figure> figures(String part, Optional<Times> alone) {
            return List.of(
                    figure(part, "kept connections, p50", kept, alone.map(Times::kept), 0.5),
                    figure(part, "kept connections, p99", kept, alone.map(Times::kept), 0.99),
                    figure(part, "new connections, p50", fresh, alone.map(Times::fresh), 0.5),
                    figure(part, "new connections, p99", fresh, alone.map(Times::fresh), 0.99));
        }

        private static Figure figure(String part, String what, Samples samples, Optional<Samples> alone, double share) {
            return Figure.of(part, what, samples.millisAt(share), "ms")
                    .beside(alone.map(other -> other.millisAt(share)));
        }
    }
}
