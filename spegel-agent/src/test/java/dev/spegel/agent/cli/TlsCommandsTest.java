package dev.spegel.agent.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.Agent;
import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.agent.TestAgents;
import dev.spegel.agent.TlsConfig;
import dev.spegel.agent.inspect.AgentView;
import dev.spegel.oci.Reference;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import dev.spegel.testkit.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that ask an agent's registry, with agents that run with TLS, with client certificates and without, and one that has none. */
@Timeout(120)
class TlsCommandsTest {
    private static final String IMAGE = "registry.example/samples/app:1.0";
    private static final SampleImage SAMPLE = SampleImages.severalLayers();

    @TempDir
    private static Path directory;

    private static Agent open;
    private static Agent closed;
    private static Agent elsewhere;
    private static Agent plain;

    @TempDir
    private Path own;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();

    @BeforeAll
    static void start() throws Exception {
        TestAuthority authority = new TestAuthority("cluster");
        TlsFiles files = authority.issue(directory.resolve("tls"));
        new TestAuthority("stranger").issue(directory.resolve("stranger"));
        Path layout = TestAgents.layoutWith(directory.resolve("layout"), SAMPLE, Reference.parse(IMAGE));
        Optional<String> noName = Optional.empty();
        open = start(layout, Optional.of(new TlsConfig(files, noName, false)));
        closed = start(layout, Optional.of(new TlsConfig(files, noName, true)));
        TlsFiles ofOtherAddress = authority.issue(
                directory.resolve("elsewhere"), "127.0.0.2", Instant.now().plus(Duration.ofHours(1)));
        elsewhere = start(layout, Optional.of(new TlsConfig(ofOtherAddress, noName, false)));
        plain = start(layout, Optional.empty());
        for (Agent agent : List.of(open, closed, elsewhere, plain)) {
            AgentView view = new AgentView(
                    new PeerAddress("127.0.0.1", agent.metricsAddress().getPort()));
            await().atMost(Duration.ofSeconds(60)).until(() -> view.tags().advertised() == 1);
        }
    }

    private static Agent start(Path layout, Optional<TlsConfig> tls) throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return Agent.start(new AgentConfig(
                anyPort,
                anyPort,
                new StoreConfig.OciLayout(layout),
                new RouterConfig.StaticPeers(List.of(new PeerAddress("127.0.0.1", 1))),
                RegistryConfig.DEFAULTS,
                tls,
                Duration.ofSeconds(1),
                false));
    }

    @AfterAll
    static void stop() {
        List.of(open, closed, elsewhere, plain).forEach(Agent::close);
    }

    /** @param flags separated by a space; {@code $} is where the certificates are */
    private int run(Agent asked, String flags, String... command) {
        out.reset();
        err.reset();
        List<String> all = new ArrayList<>(List.of(command));
        all.add("--agent-addr=127.0.0.1:" + asked.metricsAddress().getPort());
        if (!flags.isEmpty()) {
            all.addAll(List.of(flags.replace("$", directory + "/").split(" ")));
        }
        Surroundings surroundings = new Surroundings(
                environment,
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                false,
                directory.resolve("secrets"),
                new StopSignal());
        return new CommandShell(Main.COMMANDS, surroundings).run(all.toArray(String[]::new));
    }

    private void assertMeasured(Agent asked, String flags) throws Exception {
        assertThat(run(asked, flags, "measure", IMAGE, "--platform=all"))
                .as(err())
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString(UTF_8))
                .contains("and kept nothing", SAMPLE.target().digest().toString());
        assertThat(run(asked, flags, "measure", IMAGE, "--platform=all", "--output=json"))
                .isEqualTo(ExitCode.OK);
        JsonNode json = new ObjectMapper().readTree(out.toString(UTF_8));
        assertThat(json.path("registry").asText())
                .isEqualTo("127.0.0.1:" + asked.registryAddress().getPort());
        assertThat(json.path("contents")).hasSize(SAMPLE.content().size());
        assertThat(run(asked, flags, "pull", IMAGE, "--to=" + own.resolve("app.tar"), "--overwrite"))
                .as(err())
                .isEqualTo(ExitCode.OK);
        assertThat(own.resolve("app.tar")).isNotEmptyFile();
    }

    /** One sentence, as the rest of the line that begins with the program's name. */
    private void assertRefused(Agent asked, String flags, String... words) {
        for (String command : List.of("measure", "pull")) {
            String[] line = command.equals("pull")
                    ? new String[] {command, IMAGE, "--to=" + own.resolve("never.tar")}
                    : new String[] {command, IMAGE};
            assertThat(run(asked, flags, line)).isEqualTo(ExitCode.FAILURE);
            // The agents log in this process too.
            assertThat(err().lines().filter(said -> said.startsWith("spegel: ")))
                    .singleElement()
                    .satisfies(said -> assertThat(said).contains(words));
            assertThat(own.resolve("never.tar")).doesNotExist();
        }
    }

    private String err() {
        return err.toString(UTF_8);
    }

    @Test
    void theAuthorityIsEnoughWhereNoCertificateIsWanted() throws Exception {
        assertMeasured(open, "--tls-ca=$tls/ca.crt");
        environment.put("TLS_CA", directory.resolve("tls/ca.crt").toString());
        assertMeasured(open, "");
    }

    @Test
    void aCertificateIsShownWhereOneIsWanted() throws Exception {
        assertMeasured(closed, "--tls-ca=$tls/ca.crt --tls-cert=$tls/tls.crt --tls-key=$tls/tls.key");
    }

    @Test
    void aNameStandsForTheAddress() throws Exception {
        assertMeasured(elsewhere, "--tls-ca=$tls/ca.crt --tls-peer-name=" + TestAuthority.NAME);
        assertRefused(elsewhere, "--tls-ca=$tls/ca.crt", "127.0.0.1", "--tls-peer-name");
        assertRefused(elsewhere, "--tls-ca=$tls/ca.crt --tls-peer-name=other.test", "other.test");
    }

    @Test
    void whoSaysNothingOfTlsHearsWhichFlagToUse() {
        assertRefused(open, "", "no TLS connection to the registry at 127.0.0.1:", "--tls-ca");
        assertRefused(open, "--tls-ca=$stranger/ca.crt", "no TLS connection to the registry at", "--tls-ca");
        assertRefused(closed, "--tls-ca=$tls/ca.crt", "wants a client certificate", "--tls-cert and --tls-key");
    }

    @Test
    void whoWantsTlsSaysNothingInTheOpen() throws Exception {
        assertRefused(plain, "--tls-ca=$tls/ca.crt", "speaks plain HTTP", "leave out");
        JsonNode unknown = finding("advertised-tags", plain, "--tls-ca=$tls/ca.crt");
        assertThat(unknown.path("status").asText()).isEqualTo("unknown");
        assertThat(unknown.path("seen").asText()).contains("speaks plain HTTP");
    }

    @Test
    void flagsThatMakeNoSenseAreRefused() {
        assertThat(run(open, "--tls-ca=$none", "measure", IMAGE)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--tls-ca: there is no readable file");
        assertThat(run(open, "--tls-cert=$tls/tls.crt", "measure", IMAGE)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--tls-key: a certificate and its key go together");
        assertThat(run(open, "--tls-cert=$tls/tls.crt --tls-key=$stranger/tls.key", "measure", IMAGE))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("the key isn't that of the certificate");
    }

    private JsonNode finding(String id, Agent asked, String flags) throws Exception {
        Path hosts = Files.createDirectories(own.resolve("certs.d/_default"));
        Files.writeString(
                hosts.resolve("hosts.toml"),
                "[host.\"https://127.0.0.1:%d\"]\n"
                        .formatted(asked.registryAddress().getPort()));
        run(
                asked,
                flags,
                "doctor",
                "--output=json",
                "--containerd-sock=" + own.resolve("sock"),
                "--containerd-config=" + own.resolve("config.toml"),
                "--containerd-registry-config-path=" + own.resolve("certs.d"));
        JsonNode findings = new ObjectMapper().readTree(out.toString(UTF_8)).path("findings");
        for (JsonNode finding : findings) {
            if (finding.path("id").asText().equals(id)) {
                return finding;
            }
        }
        throw new AssertionError("there is no " + id + " in " + findings);
    }

    @Test
    void theDoctorAsksOverTls() throws Exception {
        String all = "--tls-ca=$tls/ca.crt --tls-cert=$tls/tls.crt --tls-key=$tls/tls.key";
        for (String id : List.of("hosts-toml", "advertised-tags")) {
            assertThat(finding(id, closed, all).path("status").asText()).as(id).isEqualTo("ok");
            for (String flags : List.of("", "--tls-ca=$tls/ca.crt")) {
                JsonNode unknown = finding(id, closed, flags);
                assertThat(unknown.path("status").asText()).as(id).isEqualTo("unknown");
                assertThat(unknown.path("remedy").asText()).contains("--tls-ca", "--tls-cert");
            }
        }
        assertThat(finding("advertised-tags", closed, all).path("seen").asText())
                .contains("all 1 advertised tags");
    }
}
