package dev.spegel.benchmarks;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageConfig;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedLayer;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("spegel-bench");
        try {
            // nginx' workers run as another user.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Descriptor blob = writeLayout(directory.resolve("layout"));
            int nginxPort = MeasuredProcess.freePort();
            int agentPort = MeasuredProcess.freePort();
            try (MeasuredProcess reference = MeasuredProcess.start(
                            "nginx sendfile",
                            nginxPort,
                            directory.resolve("nginx.log"),
                            List.of(
                                    nginx,
                                    "-c",
                                    writeNginxConfig(directory, nginxPort).toString()));
                    MeasuredProcess measured = MeasuredProcess.start(
                            "agent", agentPort, directory.resolve("agent.log"), agentCommand(directory, agentPort))) {
                Digest digest = blob.digest();
                String path = "/blobs/" + digest.algorithm() + "/" + digest.encoded();
                List<Comparison> comparisons = new ArrayList<>();
                for (int count : streams) {
                    comparisons.add(Comparison.measure(
                            rounds,
                            count,
                            blob.sizeBytes(),
                            new Comparison.Side(reference, path),
                            new Comparison.Side(measured, "/v2/bench/blobs/" + digest)));
                }
                Comparison.print(comparisons, System.out);
            }
        } finally {
            delete(directory);
        }
        return 0;
    }

    /** An image with one layer, which is what is measured. */
    private Descriptor writeLayout(Path layout) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            GeneratedLayer layer = new GeneratedLayer(1, sizeMib * 1024L * 1024, false);
            Descriptor blob = writer.add(MediaType.OCI_LAYER, layer::writeTo);
            ImageConfig config =
                    new ImageConfig(Platform.of("linux", "amd64"), List.of(blob.digest()), Optional.empty());
            Descriptor manifest = writer.add(
                    MediaType.OCI_MANIFEST,
                    ImageManifest.of(writer.add(MediaType.OCI_CONFIG, config.toJson()), List.of(blob))
                            .toJson());
            writer.name(Reference.parse("bench.example/app:1"), manifest);
            writer.commit();
            return blob;
        }
    }

    private static Path writeNginxConfig(Path directory, int port) throws IOException {
        // Only root may let nginx' workers stay what they are; for others they do.
        String user = System.getProperty("user.name").equals("root") ? "user root;\n" : "";
        return Files.writeString(directory.resolve("nginx.conf"), user + """
                        daemon off;
                        worker_processes auto;
                        pid %1$s/nginx.pid;
                        error_log %1$s/nginx-error.log;
                        events {}
                        http {
                          access_log off;
                          sendfile on;
                          tcp_nopush on;
                          client_body_temp_path %1$s;
                          proxy_temp_path %1$s;
                          fastcgi_temp_path %1$s;
                          uwsgi_temp_path %1$s;
                          scgi_temp_path %1$s;
                          server {
                            listen 127.0.0.1:%2$d;
                            root %1$s/layout;
                          }
                        }
                        """.formatted(directory, port));
    }

    private List<String> agentCommand(Path directory, int port) throws IOException {
        return List.of(
                agent.toString(),
                "registry",
                "--store=oci-layout",
                "--oci-layout-path=" + directory.resolve("layout"),
                "--router=static",
                "--static-router-peers=127.0.0.1:" + MeasuredProcess.freePort(),
                "--registry-addr=127.0.0.1:" + port,
                "--metrics-addr=127.0.0.1:" + MeasuredProcess.freePort());
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
