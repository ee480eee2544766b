package dev.spegel.benchmarks;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves one blob from disk: the agent beside nginx with {@code sendfile}. */
@Command(
        name = "serve",
        description = "Serves one blob from disk: the agent beside nginx with sendfile, turn by turn.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
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

    @Option(names = "--output", description = "text or json.")
    private ComparisonOutput output = ComparisonOutput.TEXT;

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("spegel-bench");
        try {
            // nginx' workers run as another user.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path layout = directory.resolve("layout");
            Descriptor blob =
                    BlobLayout.write(layout, List.of(sizeMib * 1024L * 1024)).get(0);
            Digest digest = blob.digest();
            try (MeasuredProcess reference = new Nginx(nginx, directory).serve("nginx sendfile", layout);
                    MeasuredProcess measured = new AgentStarter(agent, directory).start("agent", layout, List.of())) {
                List<Comparison> comparisons = new ArrayList<>();
                for (int count : streams) {
                    comparisons.add(Comparison.measure(
                            rounds,
                            count,
                            List.of(
                                    Side.yardstick(
                                            reference, Fetch.whole(BlobLayout.filePath(digest), blob.sizeBytes())),
                                    Side.measured(
                                                    "agent",
                                                    measured,
                                                    Fetch.whole(BlobLayout.agentPath(digest), blob.sizeBytes()))
                                            .atLeast(0.95))));
                }
                output.print(Host.describe(), comparisons, System.out);
            }
        } finally {
            Directories.delete(directory);
        }
        return 0;
    }
}
