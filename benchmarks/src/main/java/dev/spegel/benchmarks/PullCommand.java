package dev.spegel.benchmarks;

import dev.spegel.oci.Descriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The time to the first byte of a small mirrored blob. */
@Command(
        name = "pull",
        description = {
            "The time to the first byte of a small blob that an agent mirrors from another, with many clients at a time, beside nginx with",
            "proxy_pass in front of nginx with sendfile. All of it is warm.",
            "  paced      each client asks once in an interval",
            "  saturated  each client asks again as soon as it has the answer: as fast as the machine can"
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        usageHelpWidth = 140)
final class PullCommand implements Callable<Integer> {
    private static final double MAX_P50_MILLIS = 3;
    private static final double MAX_P99_MILLIS = 15;

    @Option(names = "--agent", required = true, description = "The launcher of the agent.")
    private Path agent = Path.of("");

    @Option(
            names = "--against",
            paramLabel = "PROGRAM",
            description = "Another agent with the same flags, measured too.")
    private @Nullable Path against;

    @Option(names = "--nginx", description = "The executable of nginx.")
    private String nginx = "nginx";

    @Option(names = "--size-kib", description = "The size of the blob.")
    private int sizeKib = 10;

    @Option(names = "--clients", description = "How many there are at the same time.")
    private int clients = 50;

    @Option(names = "--requests", description = "How many requests a client makes in a round.")
    private int requests = 100;

    @Option(names = "--interval-ms", description = "How often a client asks when it is paced.")
    private int intervalMillis = 50;

    @Option(names = "--rounds", description = "How often each is measured, turn by turn; all requests count.")
    private int rounds = 5;

    @Option(names = "--output", description = "text or json.")
    private FigureOutput output = FigureOutput.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || clients < 1 || requests < 1 || sizeKib < 1 || intervalMillis < 1) {
            throw new ParameterException(spec.commandLine(), "there is one at least of everything");
        }
        Path directory = Files.createTempDirectory("spegel-bench");
        try {
            // nginx' workers may run as another user.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            output.print(Host.describe(), measure(directory), System.out);
        } finally {
            Directories.delete(directory);
        }
        return 0;
    }

    private List<Figure> measure(Path directory) throws IOException, InterruptedException {
        Path layout = directory.resolve("layout");
        Descriptor blob = BlobLayout.write(layout, List.of(sizeKib * 1024L)).get(0);
        Fetch file = Fetch.whole(BlobLayout.filePath(blob.digest()), blob.sizeBytes());
        Fetch mirrored = Fetch.whole(BlobLayout.agentPath(blob.digest()), blob.sizeBytes());
        Nginx nginxes = new Nginx(nginx, directory);
        try (MeasuredProcess origin = nginxes.serve("nginx sendfile", layout);
                MeasuredProcess proxy = nginxes.relay("nginx", origin.address(), true);
                AgentPair ours = AgentPair.start("agent", agent, directory, layout);
                AgentPair others =
                        against == null ? AgentPair.NONE : AgentPair.start("other", against, directory, layout)) {
            List<Figure> figures = new ArrayList<>();
            for (boolean paced : List.of(true, false)) {
                FirstBytes load =
                        new FirstBytes(clients, requests, paced ? Duration.ofMillis(intervalMillis) : Duration.ZERO);
                Target yardstick = new Target(proxy.address(), file);
                Target measured = new Target(ours.mirror().orElseThrow().address(), mirrored);
                Optional<Target> other = others.mirror().map(server -> new Target(server.address(), mirrored));
                // Once unmeasured; more often for what is compiled as it runs.
                yardstick.run(load);
                for (int round = 0; round < 3; round++) {
                    measured.run(load);
                    if (other.isPresent()) {
                        other.get().run(load);
                    }
                }
                List<Target> all = new ArrayList<>(List.of(yardstick, measured));
                other.ifPresent(all::add);
                all.forEach(Target::forget);
                for (int round = 0; round < rounds; round++) {
                    for (Target target : all) {
                        target.run(load);
                    }
                }
                String part = paced ? "paced" : "saturated";
                figures.addAll(figures(part, "agent", measured, yardstick));
                other.ifPresent(target -> figures.addAll(figures(part, "other", target, yardstick)));
            }
            return figures;
        }
    }

    private static List<Figure> figures(String part, String name, Target target, Target yardstick) {
        Samples samples = target.samples;
        Samples beside = yardstick.samples;
        return List.of(
                Figure.of(part, name + ", p50", samples.millisAt(0.5), "ms")
                        .atMost(MAX_P50_MILLIS)
                        .beside(Optional.of(beside.millisAt(0.5))),
                Figure.of(part, name + ", p99", samples.millisAt(0.99), "ms")
                        .atMost(MAX_P99_MILLIS)
                        .beside(Optional.of(beside.millisAt(0.99))),
                Figure.of(part, name + ", requests a second", target.perSecond(), "1/s")
                        .beside(Optional.of(yardstick.perSecond())));
    }

    private static final class Target {
        private final InetSocketAddress server;
        private final Fetch fetch;
        private Samples samples = new Samples();
        private long spentNanos;

        Target(InetSocketAddress server, Fetch fetch) {
            this.server = server;
            this.fetch = fetch;
        }

        void run(FirstBytes load) throws IOException, InterruptedException {
            long startNanos = System.nanoTime();
            load.nanos(server, fetch).forEach(samples::addNanos);
            spentNanos += System.nanoTime() - startNanos;
        }

        void forget() {
            samples = new Samples();
            spentNanos = 0;
        }

        double perSecond() {
            return samples.count() / (spentNanos / 1e9);
        }
    }
}
