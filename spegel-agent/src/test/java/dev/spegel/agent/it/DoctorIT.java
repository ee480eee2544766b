package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.Agent;
import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.BootstrapConfig;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.agent.inspect.AgentView;
import dev.spegel.agent.inspect.TagsReport;
import dev.spegel.containerd.ContainerdConfig;
import dev.spegel.containerd.mirror.MirrorConfiguration;
import dev.spegel.containerd.mirror.MirrorDirectory;
import dev.spegel.containerd.mirror.MirrorTarget;
import dev.spegel.containerd.mirror.MirroredRegistry;
import dev.spegel.oci.Digest;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code spegel doctor} beside a real containerd that has its CRI plugin, and two agents. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DoctorIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final String CONFIG = """
            version = 2
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = ["io.containerd.nri.v1.nri"]

            [grpc]
              address = "%1$s/sock"

            [plugins."io.containerd.internal.v1.opt"]
              path = "%1$s/opt"

            [plugins."io.containerd.grpc.v1.cri"]
              stream_server_port = "0"
              [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"
                discard_unpacked_layers = %3$s
              [plugins."io.containerd.grpc.v1.cri".cni]
                conf_dir = "%1$s/cni"
              [plugins."io.containerd.grpc.v1.cri".registry]
                config_path = "%2$s"
            """;

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    private final Deque<Agent> agents = new ArrayDeque<>();

    @BeforeAll
    static void needsRoot() throws IOException {
        Tools.assumeRoot();
    }

    @AfterEach
    void closeAgents() {
        while (!agents.isEmpty()) {
            agents.pop().close();
        }
    }

    private Path hosts() {
        return directory.resolve("certs.d");
    }

    private Path socket() {
        return directory.resolve("sock");
    }

    private Processes.Child startContainerd(Release release, String configPath, boolean discard) throws Exception {
        release.assumeUsable();
        Path config =
                Files.writeString(directory.resolve("config.toml"), CONFIG.formatted(directory, configPath, discard));
        Processes.Child containerd = processes.start(
                "containerd",
                Map.of(
                        "TMPDIR",
                        Files.createDirectories(directory.resolve("tmp")).toString()),
                List.of(release.program("containerd"), "--config", config.toString()));
        await("containerd answers").atMost(LIMIT).until(() -> {
            assertThat(containerd.runs()).as(containerd.log()).isTrue();
            return processes
                            .start(
                                    "ctr version",
                                    Map.of(),
                                    List.of(release.program("ctr"), "-a", socket().toString(), "version"))
                            .exitCode(LIMIT)
                    == 0;
        });
        return containerd;
    }

    private Agent startAgent(StoreConfig store, BootstrapConfig bootstrap) throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Agent agent = Agent.start(new AgentConfig(
                anyPort,
                anyPort,
                store,
                new RouterConfig.Dht(anyPort, Optional.empty(), Optional.empty(), bootstrap),
                RegistryConfig.DEFAULTS,
                Duration.ofSeconds(1)));
        agents.push(agent);
        return agent;
    }

    private Agent startAgents() throws Exception {
        // Not the same containerd: what is then gone here would be found there, until its announcement expires.
        Agent other = startAgent(
                new StoreConfig.OciLayout(Files.createDirectories(directory.resolve("other"))),
                new BootstrapConfig.Nobody());
        return startAgent(
                new StoreConfig.Containerd(ContainerdConfig.DEFAULTS.withSocket(socket())),
                new BootstrapConfig.StaticPeers(other.dhtAddresses()));
    }

    /** The status of each finding, and the exit code as {@code exit}. */
    private Map<String, String> examine(Agent agent) throws Exception {
        Processes.Child doctor = processes.start(
                "spegel doctor",
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                List.of(
                        Path.of("..", "bin", "spegel").toRealPath().toString(),
                        "doctor",
                        "--output=json",
                        "--containerd-sock=" + socket(),
                        "--containerd-config=" + directory.resolve("config.toml"),
                        "--containerd-registry-config-path=" + hosts(),
                        "--agent-addr=127.0.0.1:" + agent.metricsAddress().getPort()));
        Map<String, String> statuses = new HashMap<>();
        statuses.put("exit", Integer.toString(doctor.exitCode(LIMIT)));
        JsonNode report = new ObjectMapper().readTree(doctor.log());
        report.path("findings")
                .forEach(finding -> statuses.put(
                        finding.path("id").asText(), finding.path("status").asText()));
        return statuses;
    }

    @ParameterizedTest
    @EnumSource
    void aNodeThatIsSetUpRightIsWell(Release release) throws Exception {
        Processes.Child containerd = startContainerd(release, hosts().toString(), false);
        Agent agent = startAgents();
        MirrorDirectory.at(hosts())
                .configure(MirrorConfiguration.of(
                        List.of(MirroredRegistry.ALL),
                        List.of(MirrorTarget.parse(
                                "http://127.0.0.1:" + agent.registryAddress().getPort()))));
        await("the agent is ready")
                .atMost(LIMIT)
                .until(() -> agent.notReadyBecause().isEmpty());
        assertThat(examine(agent))
                .as("before any pull")
                .containsEntry("asked-by-containerd", "warning")
                .containsEntry("exit", "0");

        // Nobody has it: the pull fails, but not before the mirror was asked.
        startCtr(release, "images", "pull", "--hosts-dir", hosts().toString(), "127.0.0.9:5999/no/such:1")
                .exitCode(LIMIT);
        SampleImage image = importImage(release);
        AgentView view = new AgentView(
                new PeerAddress("127.0.0.1", agent.metricsAddress().getPort()));
        await("the image is advertised")
                .atMost(LIMIT)
                .until(() -> view.tags().tags().equals(List.of(Layouts.NAME.toString())));
        Map<String, String> statuses = examine(agent);
        assertThat(statuses.remove("exit")).isEqualTo("0");
        assertThat(statuses)
                .hasSize(12)
                .allSatisfy((id, status) -> assertThat(status).as(id).isEqualTo("ok"));

        Digest layer = image.layersAndConfigs().stream()
                .filter(each -> !each.mediaType().isImageConfig())
                .findFirst()
                .orElseThrow()
                .digest();
        assertThat(startCtr(release, "content", "rm", layer.toString()).exitCode(LIMIT))
                .isZero();
        await("the image is held back").atMost(LIMIT).until(() -> {
            TagsReport tags = view.tags();
            return tags.advertised() == 0
                    && tags.heldBack().stream()
                            .anyMatch(held -> held.reason().equals("layer-missing")
                                    && held.why().contains(layer.toString()));
        });
        assertThat(examine(agent)).containsEntry("advertised-tags", "warning").containsEntry("exit", "0");
        containerd.terminate();
        containerd.exitCode(LIMIT);
    }

    private Processes.Child startCtr(Release release, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(release.program("ctr"), "-a", socket().toString(), "-n", "k8s.io"));
        command.addAll(List.of(arguments));
        return processes.start("ctr " + arguments[0], Map.of(), command);
    }

    private SampleImage importImage(Release release) throws Exception {
        SampleImage image = SampleImages.severalLayers();
        Path layout = directory.resolve("layout");
        Layouts.write(layout, image);
        Path archive = directory.resolve("image.tar");
        processes.run("tar", "-C", layout.toString(), "-cf", archive.toString(), ".");
        Processes.Child importing =
                startCtr(release, "images", "import", "--no-unpack", "--all-platforms", archive.toString());
        assertThat(importing.exitCode(LIMIT)).as(importing.log()).isZero();
        return image;
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSetUpWrongIsFound(Release release) throws Exception {
        Processes.Child containerd = startContainerd(release, hosts() + ":" + directory.resolve("other"), true);
        Agent agent = startAgents();
        Map<String, String> statuses = examine(agent);
        assertThat(statuses)
                .containsEntry("exit", "1")
                .containsEntry("containerd-socket", "ok")
                .containsEntry("containerd-version", "ok")
                .containsEntry("cri-plugin", "ok")
                .containsEntry("config-path", "warning")
                .containsEntry("transfer-service", "ok") // discarding layers keeps it out
                .containsEntry("discarded-layers", "error")
                .containsEntry("hosts-toml", "error");
        containerd.terminate();
        containerd.exitCode(LIMIT);
    }
}
