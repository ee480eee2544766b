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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Passes on what another node holds: the agent beside nginx with {@code proxy_pass}. */
@Command(
        name = "relay",
        description = {
            "Passes on a blob that another node holds: an agent that mirrors from an agent, beside nginx with proxy_pass in front of",
            "nginx with sendfile, turn by turn. Speed is that of the client at the end; processor time and memory are those of the relay",
            "alone. A whole blob is verified as it passes; a range can't be, so that is the relay without verification. The yardstick is",
            "the faster nginx."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        usageHelpWidth = 140)
final class RelayCommand implements Callable<Integer> {
    /** Limits of the project: see docs/benchmarks.md. */
    private static final double MIN_RATIO = 0.95;

    private static final double MIN_VERIFIED_RATIO = 0.75;
    private static final double MAX_CPU_RATIO = 1.3;

    @Option(names = "--agent", required = true, description = "The launcher of the agent.")
    private Path agent = Path.of("");

    @Option(
            names = "--against",
            paramLabel = "PROGRAM",
            description = "Another agent with the same flags, measured too.")
    private @Nullable Path against;

    @Option(names = "--nginx", description = "The executable of nginx.")
    private String nginx = "nginx";

    @Option(names = "--size-mib", description = "The size of the blob.")
    private int sizeMib = 1024;

    @Option(
            names = "--round-mib",
            description = "What all clients get in a round at most; with many of them the blob is smaller.")
    private int roundMib = 8 * 1024;

    @Option(names = "--rounds", description = "How often each is measured; the median counts.")
    private int rounds = 5;

    @Option(names = "--streams", split = ",", description = "How many clients read at the same time.")
    private List<Integer> streams = List.of(1, 8, 64);

    @Option(
            names = "--tls",
            description =
                    "Measures all with TLS as well, turn by turn with what is without: TLS 1.3 from the holder to the relay and on to the client. "
                            + "The certificates are made for the run, and good for an hour. "
                            + "The yardstick of those with TLS is the faster nginx with TLS; /plain compares with the same server without.")
    private boolean tls;

    @Option(names = "--output", description = "text or json.")
    private ComparisonOutput output = ComparisonOutput.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || sizeMib < 1 || streams.stream().anyMatch(count -> count < 1 || roundMib / count < 16)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "there is a round, a stream and a blob of 1 MiB at least, and 16 MiB for each stream in a round");
        }
        Path directory = Files.createTempDirectory("spegel-bench");
        try {
            // nginx' workers may run as another user.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            List<Comparison> comparisons = new ArrayList<>();
            try {
                measure(directory, comparisons);
            } finally {
                // What was measured before one fails is worth knowing.
                output.print(Host.describe(), comparisons, System.out);
            }
        } finally {
            Directories.delete(directory);
        }
        return 0;
    }

    private void measure(Path directory, List<Comparison> comparisons) throws IOException, InterruptedException {
        Path layout = directory.resolve("layout");
        List<Descriptor> blobs = BlobLayout.write(
                layout,
                streams.stream()
                        .map(count -> Math.min(sizeMib, roundMib / count) * 1024L * 1024)
                        .toList());
        try (Started started = new Started()) {
            Relays plain = start(started, directory, layout, Optional.empty());
            Optional<ClusterTls> cluster = tls ? Optional.of(ClusterTls.throwAway(directory)) : Optional.empty();
            Relays secured = cluster.isPresent() ? start(started, directory, layout, cluster) : Relays.NONE;
            for (int i = 0; i < streams.size(); i++) {
                Descriptor blob = blobs.get(i);
                List<Side> sides = new ArrayList<>(plain.sides(blob));
                cluster.ifPresent(some -> sides.addAll(some.beside(List.copyOf(sides), secured.sides(blob))));
                System.err.printf("%d streams of %d MiB%n", streams.get(i), blob.sizeBytes() / (1024 * 1024));
                comparisons.add(Comparison.measure(rounds, streams.get(i), sides));
            }
        }
    }

    private Relays start(Started started, Path directory, Path layout, Optional<ClusterTls> cluster)
            throws IOException, InterruptedException {
        String suffix = cluster.isPresent() ? ", TLS" : "";
        Nginx nginxes = new Nginx(nginx, directory, cluster);
        MeasuredProcess origin = started.add(nginxes.serve("nginx, origin" + suffix, layout));
        List<MeasuredProcess> references = List.of(
                started.add(nginxes.relay("nginx, unbuffered" + suffix, origin.address(), false)),
                started.add(nginxes.relay("nginx, buffered" + suffix, origin.address(), true)));
        List<MeasuredProcess> mirrors = new ArrayList<>();
        mirrors.add(startAgents(started, "agent" + suffix, agent, directory, layout, cluster));
        if (against != null) {
            mirrors.add(startAgents(started, "other" + suffix, against, directory, layout, cluster));
        }
        return new Relays(references, mirrors);
    }

    private static MeasuredProcess startAgents(
            Started started, String name, Path launcher, Path directory, Path layout, Optional<ClusterTls> cluster)
            throws IOException, InterruptedException {
        AgentStarter plain = new AgentStarter(launcher, directory);
        AgentStarter starter = cluster.map(plain::over).orElse(plain);
        return started.add(AgentPair.start(name, starter, directory, layout))
                .mirror()
                .orElseThrow();
    }

    /** Those that pass on, over one kind of connection. */
    private record Relays(List<MeasuredProcess> references, List<MeasuredProcess> mirrors) {
        static final Relays NONE = new Relays(List.of(), List.of());

        List<Side> sides(Descriptor blob) {
            Digest digest = blob.digest();
            long sizeBytes = blob.sizeBytes();
            List<Side> sides = new ArrayList<>();
            for (MeasuredProcess reference : references) {
                sides.add(Side.yardstick(reference, Fetch.whole(BlobLayout.filePath(digest), sizeBytes)));
            }
            String path = BlobLayout.agentPath(digest);
            for (MeasuredProcess mirror : mirrors) {
                sides.add(Side.measured(mirror.name() + ", unverified", mirror, Fetch.range(path, sizeBytes))
                        .atLeast(MIN_RATIO)
                        .withCpuAtMost(MAX_CPU_RATIO));
                sides.add(Side.measured(mirror.name() + ", verified", mirror, Fetch.whole(path, sizeBytes))
                        .atLeast(MIN_VERIFIED_RATIO));
            }
            return sides;
        }
    }
}
