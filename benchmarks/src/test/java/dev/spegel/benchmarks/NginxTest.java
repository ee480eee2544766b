package dev.spegel.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A comparison of nginx with itself: with TLS and without, as a server and as a relay. */
@Timeout(120)
final class NginxTest {
    private static final int BYTES = 1024 * 1024 + 1;

    @TempDir
    private Path directory;

    @BeforeEach
    void findNginx() {
        assumeThat(System.getenv("PATH").split(File.pathSeparator))
                .as("directories of the PATH with nginx; without it this isn't tested")
                .anyMatch(each -> Files.isExecutable(Path.of(each, "nginx")));
    }

    @Test
    void comparesTlsWithYardstickOfItsKindAndWithPlain() throws Exception {
        // nginx' workers may run as another user.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path files = Files.createDirectory(directory.resolve("files"));
        Files.write(files.resolve("body"), new byte[BYTES]);
        ClusterTls tls = ClusterTls.throwAway(directory);
        try (Started started = new Started()) {
            List<Side> sides = new ArrayList<>(start(started, files, Optional.empty()));
            sides.addAll(tls.beside(List.copyOf(sides), start(started, files, Optional.of(tls))));

            Comparison comparison = Comparison.measure(2, 3, sides);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ComparisonOutput.JSON.print("here", List.of(comparison), new PrintStream(out, true));
            ComparisonOutput.TEXT.print("here", List.of(comparison), new PrintStream(out, true));

            assertThat(out.toString(StandardCharsets.UTF_8)).contains("/plain");
            JsonNode results = new ObjectMapper().readTree(out.toByteArray()).get("results");
            assertThat(results)
                    .extracting(each -> each.get("server").asText())
                    .containsExactly("server", "relay", "server, TLS", "relay, TLS");
            for (int i = 0; i < 2; i++) {
                JsonNode plain = results.get(i);
                JsonNode secured = results.get(i + 2);
                assertThat(plain.has("ratioToPlain")).isFalse();
                assertThat(secured.get("ratioToPlain").asDouble())
                        .isEqualTo(secured.get("mibPerSecond").asDouble()
                                / plain.get("mibPerSecond").asDouble());
            }
            // Both are yardsticks, so the faster one of each kind is what its kind is compared with.
            for (List<JsonNode> kind :
                    List.of(List.of(results.get(0), results.get(1)), List.of(results.get(2), results.get(3)))) {
                assertThat(kind)
                        .extracting(each -> each.get("ratio").asDouble())
                        .contains(1.0)
                        .allMatch(ratio -> ratio > 0 && ratio <= 1);
            }
        }
    }

    private List<Side> start(Started started, Path files, Optional<ClusterTls> tls) throws Exception {
        String suffix = tls.isPresent() ? ", TLS" : "";
        Nginx nginx = new Nginx("nginx", directory, tls);
        MeasuredProcess server = started.add(nginx.serve("server" + suffix, files));
        MeasuredProcess relay = started.add(nginx.relay("relay" + suffix, server.address(), true));
        Fetch body = Fetch.whole("/body", BYTES);
        return List.of(Side.yardstick(server, body), Side.yardstick(relay, body));
    }
}
