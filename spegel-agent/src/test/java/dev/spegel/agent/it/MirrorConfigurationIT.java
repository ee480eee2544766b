package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.agent.Agent;
import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.agent.TlsConfig;
import dev.spegel.containerd.mirror.MirrorConfiguration;
import dev.spegel.containerd.mirror.MirrorDirectory;
import dev.spegel.containerd.mirror.MirrorTarget;
import dev.spegel.containerd.mirror.MirrorTls;
import dev.spegel.containerd.mirror.MirroredRegistry;
import dev.spegel.oci.Reference;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import dev.spegel.testkit.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * containerd reads what {@link MirrorDirectory} writes. The registries of these images don't exist, so what arrives came from a mirror.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MirrorConfigurationIT {
    private static final Duration PULL_LIMIT = Duration.ofSeconds(60);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** Nothing listens there. */
    private static final List<PeerAddress> NOBODY = List.of(new PeerAddress("127.0.0.1", 1));

    private static final SampleImage IMAGE = SampleImages.twoPlatforms();
    private static final BasicCredentials CREDENTIALS = new BasicCredentials("node", "pass: \"word\"");

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    private final Deque<Agent> agents = new ArrayDeque<>();
    private Path hosts;
    private Containerd containerd;

    @BeforeAll
    static void needsContainerd() throws IOException {
        Tools.assumeInstalled("containerd", "ctr");
        Tools.assumeRoot();
    }

    @BeforeEach
    void startContainerd() throws IOException {
        hosts = directory.resolve("certs.d");
        containerd = Containerd.start(processes, Files.createDirectory(directory.resolve("containerd")));
    }

    @AfterEach
    void stopAll() throws Exception {
        while (!agents.isEmpty()) {
            agents.pop().close();
        }
        if (containerd != null) {
            containerd.stop();
        }
    }

    /** An agent that has the image under this name. */
    private MirrorTarget mirrorWith(String image, String address, RegistryConfig registry) throws Exception {
        Path layout = directory.resolve("layout-" + agents.size());
        Layouts.write(layout, IMAGE, Reference.parse(image));
        return mirror(layout, address, registry, image);
    }

    private MirrorTarget mirror(Path layout, String address, RegistryConfig registry, String image) throws Exception {
        Agent agent = Agent.start(new AgentConfig(
                new InetSocketAddress(InetAddress.getByName(address), 0),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new StoreConfig.OciLayout(layout),
                new RouterConfig.StaticPeers(NOBODY),
                registry,
                Duration.ofSeconds(5)));
        agents.push(agent);
        int port = agent.registryAddress().getPort();
        Reference name = Reference.parse(image);
        URI manifest = URI.create("http://%s:%d/v2/%s/manifests/%s?ns=%s"
                .formatted(
                        address.contains(":") ? "[" + address + "]" : address,
                        port,
                        name.repository(),
                        name.tag().orElseThrow(),
                        name.registry()));
        HttpRequest request = HttpRequest.newBuilder(manifest)
                .header("Authorization", CREDENTIALS.headerValue())
                .build();
        int expected = Files.exists(layout.resolve("index.json")) ? 200 : 404;
        await("the mirror has looked at its images")
                .atMost(START_LIMIT)
                .until(() -> HttpClient.newHttpClient()
                                .send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == expected);
        return MirrorTarget.parse("http://%s:%d".formatted(address, port)); // containerd 1.6 wants no brackets
    }

    private void assertPulls(String image) throws Exception {
        Processes.Child pull = containerd.startPull(image, hosts);
        assertThat(pull.exitCode(PULL_LIMIT)).as("ctr says: %s", pull.log()).isZero();
        assertThat(containerd.ctr("images", "ls", "name==" + image))
                .contains(IMAGE.target().digest().toString());
    }

    private void configure(MirrorConfiguration mirrors) throws IOException {
        MirrorDirectory.at(hosts).configure(mirrors);
    }

    private static MirrorConfiguration mirrors(String registry, MirrorTarget... targets) {
        return MirrorConfiguration.of(List.of(MirroredRegistry.parse(registry)), List.of(targets));
    }

    @Test
    void aRegistry() throws Exception {
        String image = "registry.example/samples/app:1.0";
        configure(mirrors("https://registry.example", mirrorWith(image, "127.0.0.1", RegistryConfig.DEFAULTS)));
        assertPulls(image);
    }

    @Test
    void aRegistryWithAPort() throws Exception {
        String image = "registry.example:5001/samples/app:1.0";
        configure(mirrors("http://registry.example:5001", mirrorWith(image, "127.0.0.1", RegistryConfig.DEFAULTS)));
        assertPulls(image);
    }

    @Test
    void aMirrorWithAnIpv6Address() throws Exception {
        String image = "registry.example/samples/app:1.0";
        configure(mirrors("https://registry.example", mirrorWith(image, "::1", RegistryConfig.DEFAULTS)));
        assertPulls(image);
    }

    @Test
    void allRegistries() throws Exception {
        String image = "registry.example/samples/app:1.0";
        configure(mirrors("*", mirrorWith(image, "127.0.0.1", RegistryConfig.DEFAULTS)));
        assertPulls(image);
    }

    @Test
    void aMirrorThatWantsCredentials() throws Exception {
        String image = "registry.example/samples/app:1.0";
        MirrorTarget mirror = mirrorWith(image, "127.0.0.1", RegistryConfig.DEFAULTS.withCredentials(CREDENTIALS));
        configure(mirrors("https://registry.example", mirror));
        assertThat(containerd.startPull(image, hosts).exitCode(PULL_LIMIT))
                .as("without them")
                .isNotZero();
        configure(mirrors("https://registry.example", mirror).withAuthorization(CREDENTIALS.headerValue()));
        assertPulls(image);
    }

    /** Each in turn: without the authority containerd doesn't believe the mirror, without a certificate the mirror gives it nothing. */
    @Test
    void aMirrorWithTlsThatWantsACertificate() throws Exception {
        String image = "registry.example/samples/app:1.0";
        TlsFiles files = new TestAuthority("cluster").issue(directory.resolve("tls"));
        Path layout = directory.resolve("layout");
        Layouts.write(layout, IMAGE, Reference.parse(image));
        Agent agent = Agent.start(new AgentConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new StoreConfig.OciLayout(layout),
                new RouterConfig.StaticPeers(NOBODY),
                RegistryConfig.DEFAULTS,
                Optional.of(new TlsConfig(files, Optional.empty(), true)),
                Duration.ofSeconds(5),
                false));
        agents.push(agent);
        MirrorConfiguration mirrors = mirrors(
                "https://registry.example",
                MirrorTarget.parse(
                        "https://127.0.0.1:" + agent.registryAddress().getPort()));
        Optional<String> authorities =
                Optional.of(Files.readString(files.authorities().orElseThrow()));
        Optional<String> client =
                Optional.of(Files.readString(files.certificate().orElseThrow())
                        + Files.readString(files.key().orElseThrow()));

        configure(mirrors.withTls(new MirrorTls(Optional.empty(), client)));
        assertThat(containerd.startPull(image, hosts).exitCode(PULL_LIMIT)).isNotZero();
        configure(mirrors.withTls(new MirrorTls(authorities, Optional.empty())));
        assertThat(containerd.startPull(image, hosts).exitCode(PULL_LIMIT)).isNotZero();
        configure(mirrors.withTls(new MirrorTls(authorities, client)));
        assertPulls(image);
    }

    @Test
    void theSecondOfTwoMirrors() throws Exception {
        String image = "registry.example/samples/app:1.0";
        configure(mirrors(
                "https://registry.example",
                MirrorTarget.parse("http://127.0.0.1:1"),
                mirrorWith(image, "127.0.0.1", RegistryConfig.DEFAULTS)));
        assertPulls(image);
    }

    /**
     * Ours has nothing, the host that was configured before has the image. Between them stands one whose certificate is a file beside
     * {@code hosts.toml}: containerd gives the pull up if it can't read that.
     */
    @Test
    void hostsThatWereThereBefore() throws Exception {
        String image = "registry.example/samples/app:1.0";
        MirrorTarget before = mirrorWith(image, "127.0.0.1", RegistryConfig.DEFAULTS);
        MirrorTarget ours =
                mirror(Files.createDirectory(directory.resolve("empty")), "127.0.0.1", RegistryConfig.DEFAULTS, image);
        Path other = Files.createDirectories(hosts.resolve("_default"));
        Files.writeString(other.resolve("corp.crt"), somePem());
        Files.writeString(other.resolve("hosts.toml"), """
                [host.'https://127.0.0.1:1']
                ca = 'corp.crt'
                [host.'%s']
                capabilities = ['pull', 'resolve']
                """.formatted(before.url()));
        configure(mirrors("https://registry.example", ours).withPrependExisting(true));
        assertPulls(image);

        Agent asked = agents.peek();
        HttpRequest metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics"
                        .formatted(asked.metricsAddress().getPort())))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(metrics, HttpResponse.BodyHandlers.ofString())
                        .body())
                .as("ours was asked too")
                .containsPattern("spegel_mirror_requests_total\\{cache=\"miss\",registry=\"other\"} [1-9]");
    }

    private static String somePem() throws Exception {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        X509Certificate certificate = ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers()[0];
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }
}
