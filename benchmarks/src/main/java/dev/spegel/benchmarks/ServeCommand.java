package dev.spegel.benchmarks;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves one blob from disk: the agent beside nginx with {@code sendfile}. */
@Command(
        name = "serve",
        description = "Serves one blob from disk: the agent beside nginx with sendfile, turn by turn.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        usageHelpWidth = 140)
final class ServeCommand implements Callable<Integer> {
    @Option(names = "--agent", required = true, description = "The launcher of the agent.")
    private Path agent = Path.of("");

    @Option(names = "--nginx", description = "The executable of nginx.")
    private String nginx = "nginx";

    @Option(names = "--size-mib", description = "The size of the blob.")
    private int sizeMib = 1024;

    @Option(names = "--rounds", description = "How often each is measured; the median counts.")
    private int rounds = 7;

    @Option(names = "--streams", split = ",", description = "How many clients read at the same time.")
    private List<Integer> streams = List.of(1, 8);

    @Option(
            names = "--tls",
            description =
                    "Measures all with TLS as well, turn by turn with what is without: TLS 1.3. "
                            + "The certificates are made for the run, and good for an hour. "
                            + "The yardstick of those with TLS is nginx with TLS; /plain compares with the same server without.")
    private boolean tls;

    @Option(names = "--output", description = "text or json.")
    private ComparisonOutput output = ComparisonOutput.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || sizeMib < 1 || streams.stream().anyMatch(count -> count < 1)) {
            throw new ParameterException(spec.commandLine(), "there is a round, a stream and a blob of 1 MiB at least");
        }
        Path directory = Files.createTempDirectory("spegel-bench");
        try {
            // nginx' workers run as another user.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path layout = directory.resolve("layout");
            Descriptor blob =
                    BlobLayout.write(layout, List.of(sizeMib * 1024L * 1024)).get(0);
            try (Started started = new Started()) {
                List<Side> sides = new ArrayList<>(start(started, directory, layout, blob, Optional.empty()));
                if (tls) {
                    ClusterTls cluster = ClusterTls.throwAway(directory);
                    sides.addAll(cluster.beside(
                            List.copyOf(sides), start(started, directory, layout, blob, Optional.of(cluster))));
                }
                List<Comparison> comparisons = new ArrayList<>();
                for (int count : streams) {
                    comparisons.add(Comparison.measure(rounds, count, sides));
                }
                output.print(Host.describe(), comparisons, System.out);
            }
        } finally {
            Directories.delete(directory);
        }
        return 0;
    }

    private List<Side> start(
            Started started, Path directory, Path layout, Descriptor blob, Optional<ClusterTls> cluster)
            throws IOException, InterruptedException {
        AgentStarter plain = new AgentStarter(agent, directory);
        MeasuredProcess reference = started.add(new Nginx(nginx, directory, cluster)
                .serve(cluster.isPresent() ? "nginx, TLS" : "nginx sendfile", layout));
        MeasuredProcess measured = started.add(cluster.map(plain::over)
                .orElse(plain)
                .start(cluster.isPresent() ? "agent, TLS" : "agent", layout, List.of()));
        Digest digest = blob.digest();
        return List.of(
                Side.yardstick(reference, Fetch.whole(BlobLayout.filePath(digest), blob.sizeBytes())),
                Side.measured(measured.name(), measured, Fetch.whole(BlobLayout.agentPath(digest), blob.sizeBytes()))
                        .atLeast(0.95));
    }
}
