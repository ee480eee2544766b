package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.Agent;
import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.agent.TestAgents;
import dev.spegel.oci.Reference;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} on a node without containerd: with nothing at all, and with an agent. */
@Timeout(90)
class DoctorCommandTest {
    private static final String IMAGE = "registry.example/samples/app:1.0";
    private static final SampleImage SAMPLE = SampleImages.severalLayers();

    /** Nothing listens there. */
    private static final String NOBODY = "127.0.0.1:1";

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private boolean onTerminal;

    private int run(String agent, String... flags) {
        List<String> arguments = new ArrayList<>(List.of(
                "doctor",
                "--containerd-sock=" + directory.resolve("sock"),
                "--containerd-config=" + directory.resolve("config.toml"),
                "--containerd-registry-config-path=" + directory.resolve("certs.d"),
                "--agent-addr=" + agent));
        arguments.addAll(List.of(flags));
        Surroundings surroundings = new Surroundings(
                environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                onTerminal,
                directory.resolve("secrets"),
                new StopSignal());
        return new CommandShell(Main.COMMANDS, surroundings).run(arguments.toArray(String[]::new));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void nothingAtAllGivesAReadableReport() {
        long start = System.nanoTime();
        assertThat(run(NOBODY)).isEqualTo(ExitCode.FAILURE);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        assertThat(out())
                .containsPattern("(?m)^error +containerd-socket +containerd at ")
                .containsPattern("(?m)^unknown +config-path +there is no ")
                .containsPattern("(?m)^error +agent +nothing answers at 127.0.0.1:1$")
                .containsPattern("(?m)^0 ok, 0 warnings, 3 errors, 9 unknown$")
                .doesNotContain("Exception", "\033");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void colourIsForTerminals() {
        onTerminal = true;
        run(NOBODY);
        assertThat(out()).contains("\033[31merror");
        out.reset();
        environment.put("NO_COLOR", "1");
        run(NOBODY);
        assertThat(out()).contains("error").doesNotContain("\033");
    }

    @Test
    void aWrongFlagIsAnErrorOfItsOwn() {
        assertThat(run("nowhere", "--output=xml")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("--agent-addr: ", "--output: an output is text or json");
        assertThat(out()).isEmpty();
    }

    private JsonNode finding(String id) throws Exception {
        JsonNode findings = new ObjectMapper().readTree(out()).path("findings");
        for (JsonNode finding : findings) {
            if (finding.path("id").asText().equals(id)) {
                return finding;
            }
        }
        throw new AssertionError("there is no " + id + " in " + findings);
    }

    private String status(String id) throws Exception {
        return finding(id).path("status").asText();
    }

    @Test
    void anAgentIsExamined() throws Exception {
        Path layout = TestAgents.layoutWith(directory.resolve("layout"), SAMPLE, Reference.parse(IMAGE));
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        AgentConfig config = new AgentConfig(
                anyPort,
                anyPort,
                new StoreConfig.OciLayout(layout),
                new RouterConfig.StaticPeers(List.of(PeerAddress.parse(NOBODY))),
                RegistryConfig.DEFAULTS,
                Duration.ofSeconds(1));
        try (Agent agent = Agent.start(config)) {
            String registry = "http://127.0.0.1:" + agent.registryAddress().getPort();
            String metrics = "127.0.0.1:" + agent.metricsAddress().getPort();
            Files.writeString(
                    Files.createDirectories(directory.resolve("certs.d/_default"))
                            .resolve("hosts.toml"),
                    "[host.\"%s\"]\n".formatted(registry));
            await("the tag is advertised").atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                out.reset();
                assertThat(run(metrics, "--output=json")).isEqualTo(ExitCode.FAILURE);
                assertThat(finding("advertised-tags").path("seen").asText()).contains("all 1 advertised tags");
            });
            assertThat(status("advertised-tags")).isEqualTo("ok");
            assertThat(status("hosts-toml")).isEqualTo("ok");
            assertThat(status("agent")).as("nobody is known").isEqualTo("warning");
            assertThat(status("asked-by-containerd")).isEqualTo("warning");
            assertThat(status("containerd-socket")).isEqualTo("error");

            ask(registry, "containerd/1.6.20~ds1");
            out.reset();
            run(metrics, "--output=json");
            assertThat(status("asked-by-containerd")).isEqualTo("ok");
            assertThat(finding("asked-by-containerd").path("seen").asText())
                    .matches("1 requests, the last \\d+ s ago by containerd/1.6.20~ds1");
        }
    }

    private static void ask(String registry, String client) throws Exception {
        URI uri = URI.create(registry + "/v2/samples/app/manifests/1.0?ns=registry.example");
        HttpResponse<Void> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri).header("User-Agent", client).build(),
                        HttpResponse.BodyHandlers.discarding());
        assertThat(answer.statusCode()).isEqualTo(200);
    }
}
