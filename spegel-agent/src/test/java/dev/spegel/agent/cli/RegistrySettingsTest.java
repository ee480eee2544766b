package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.BootstrapConfig;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.agent.Upkeep;
import dev.spegel.containerd.ContainerdConfig;
import dev.spegel.containerd.mirror.MirrorConfiguration;
import dev.spegel.containerd.mirror.MirrorTarget;
import dev.spegel.containerd.mirror.MirroredRegistry;
import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.registry.MirrorMode;
import dev.spegel.registry.UploadConfig;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.Credentials;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.tls.TlsFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What flags and environment variables turn into. */
class RegistrySettingsTest {
    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>();

    /** The configuration of {@code registry} with these flags, a layout and one peer. */
    private AgentConfig read(String... flags) {
        environment.putIfAbsent("STATIC_ROUTER_PEERS", "peer.example:5000");
        return readBare(Stream.concat(Stream.of("--router=static"), Arrays.stream(flags)));
    }

    /** The same in the DHT. */
    private RouterConfig.Dht readDht(String... flags) {
        return (RouterConfig.Dht) readBare(Arrays.stream(flags)).router();
    }

    private AgentConfig readBare(Stream<String> flags) {
        return readAlone(Stream.concat(Stream.of("--store=oci-layout", "--oci-layout-path=" + directory), flags));
    }

    private AgentConfig readAlone(Stream<String> flags) {
        List<AgentConfig> read = new ArrayList<>();
        Subcommand registry = RegistryCommand.of();
        Subcommand reader =
                new Subcommand("registry", "", List.of(), registry.groups(), List.of(), (settings, context) -> {
                    read.add(RegistrySettings.read(settings, context.basicAuthDirectory()));
                    return ExitCode.OK;
                });
        Surroundings surroundings = new Surroundings(
                environment, System.out, System.err, false, directory.resolve("secrets"), new StopSignal());
        String[] arguments = Stream.concat(Stream.of("registry"), flags).toArray(String[]::new);
        assertThat(new CommandShell(List.of(reader), surroundings).run(arguments))
                .isEqualTo(ExitCode.OK);
        return read.get(0);
    }

    private static boolean admits(AgentConfig config, String registry, String repository, String tag) {
        RegistryFilter filter = config.registry().filter();
        return filter.admits(Optional.of(registry), repository, Optional.of(tag));
    }

    @Test
    void defaultsAreTheGoImplementations() {
        AgentConfig config = read();
        assertThat(config.registryAddress()).isEqualTo(new InetSocketAddress(5000));
        assertThat(config.metricsAddress()).isEqualTo(new InetSocketAddress(9090));
        // 20 ms there, with the DHT; a static router takes longer to ask.
        assertThat(config.registry().mirror().lookupLimit()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.registry().mirror().maxPeers()).isEqualTo(3);
        assertThat(config.registry().upload()).isEqualTo(UploadConfig.DEFAULTS);
        assertThat(config.registry().credentials()).isEmpty();
        assertThat(config.store()).isEqualTo(new StoreConfig.OciLayout(directory));
        assertThat(config.shutdownGrace()).isEqualTo(Duration.ofSeconds(30));
        assertThat(admits(config, "any.example", "a/b", "latest")).isTrue();
    }

    @Test
    void aVariableIsReadAndAFlagBeatsIt() {
        environment.put("REGISTRY_ADDR", "127.0.0.1:1001");
        environment.put("METRICS_ADDR", "127.0.0.1:1002");
        AgentConfig config = read("--registry-addr", "127.0.0.1:2001");
        assertThat(config.registryAddress()).isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), 2001));
        assertThat(config.metricsAddress()).isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1002));
    }

    @Test
    void anEmptyVariableCountsAsNone() {
        environment.put("REGISTRY_ADDR", "");
        environment.put("MIRRORED_REGISTRIES", "");
        environment.put("BOOTSTRAP_KIND", "");
        assertThat(read().registryAddress()).isEqualTo(new InetSocketAddress(5000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--static-router-peers=a:1,b:2",
                "--static-router-peers a:1 b:2",
                "--static-router-peers a:1 --static-router-peers b:2",
                "--static-router-peers a:1, --static-router-peers ,b:2",
            })
    void listsCanBeWrittenInSeveralWays(String line) {
        assertThat(read(line.split(" ")).router())
                .isEqualTo(new RouterConfig.StaticPeers(List.of(new PeerAddress("a", 1), new PeerAddress("b", 2))));
    }

    @Test
    void aListInAVariableIsCsv() {
        environment.put("STATIC_ROUTER_PEERS", "a:1, [::1]:2");
        assertThat(read().router())
                .isEqualTo(new RouterConfig.StaticPeers(List.of(new PeerAddress("a", 1), new PeerAddress("::1", 2))));
    }

    @Test
    void aFilterMayHaveCommas() {
        AgentConfig config = read("--registry-filters", ":v[0-9]{1,3}$", "^quay\\.io/");
        assertThat(admits(config, "docker.io", "library/app", "v12")).isFalse();
        assertThat(admits(config, "quay.io", "team/app", "x")).isFalse();
        assertThat(admits(config, "docker.io", "library/app", "1.0")).isTrue();
    }

    @Test
    void aFilterWithCommasIsQuotedInAVariable() {
        environment.put("REGISTRY_FILTERS", "\":v[0-9]{1,3}$\",:latest$");
        AgentConfig config = read();
        assertThat(admits(config, "docker.io", "library/app", "v12")).isFalse();
        assertThat(admits(config, "docker.io", "library/app", "latest")).isFalse();
        assertThat(admits(config, "docker.io", "library/app", "1.0")).isTrue();
    }

    @Test
    void onlyMirroredRegistriesAreAdmitted() {
        AgentConfig config = read("--mirrored-registries", "https://ghcr.io", "docker.io");
        assertThat(admits(config, "ghcr.io", "a/b", "1")).isTrue();
        assertThat(admits(config, "quay.io", "a/b", "1")).isFalse();
    }

    @Test
    void uploadsAreBounded() {
        UploadConfig upload = read("--max-upload-streams=10", "--max-upload-rate=160KiB")
                .registry()
                .upload();
        assertThat(upload.maxStreams()).isEqualTo(10);
        assertThat(upload.bytesPerSecond()).isEqualTo(160 * 1024);
    }

    @Test
    void blobsAreRelayedUnlessRedirectsAreAskedFor() {
        assertThat(read().registry().mode()).isEqualTo(MirrorMode.RELAY);
        assertThat(read("--mirror-mode=redirect").registry().mode()).isEqualTo(MirrorMode.REDIRECT);
        environment.put("MIRROR_MODE", "redirect");
        assertThat(read().registry().mode()).isEqualTo(MirrorMode.REDIRECT);
    }

    @ParameterizedTest
    @CsvSource({"5ms, 5", "1.5s, 1500", "1m30s, 90000", "1h, 3600000", "1500us, 1", "100µs, 0"})
    void durationsAreGos(String text, long millis) {
        assertThat(read("--mirror-resolve-timeout", text)
                        .registry()
                        .mirror()
                        .lookupLimit()
                        .toMillis())
                .isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {":7001", "0.0.0.0:7001", "localhost:7001", "[::1]:7001", "127.0.0.1:7001"})
    void addressesAreGos(String text) {
        assertThat(read("--registry-addr", text).registryAddress().getPort()).isEqualTo(7001);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--debug-web-enabled=false", "--debug-web-enabled=0", "--debug-web-enabled=F"})
    void theDebugPageCanBeTurnedOff(String flag) {
        assertThat(read(flag).debugWeb()).isFalse();
    }

    @Test
    void thereIsADebugPage() {
        assertThat(read().debugWeb()).isTrue();
        assertThat(read("--debug-web-enabled").debugWeb()).isTrue();
    }

    @Test
    void basicAuthComesFromItsDirectory() throws IOException {
        Files.createDirectory(directory.resolve("secrets"));
        Files.writeString(directory.resolve("secrets/username"), "user");
        Files.writeString(directory.resolve("secrets/password"), "pass word\n");
        assertThat(read().registry().credentials().map(Credentials::accepted))
                .contains(List.of(new BasicCredentials("user", "pass word")));
    }

    @Nested
    class KeptMirrors {
        @Test
        void containerdsConfigurationIsLeftAloneUnlessTargetsAreGiven() {
            assertThat(read().upkeep().mirrors()).isEmpty();
        }

        @Test
        void theyAreAsForTheConfigurationCommand() {
            Upkeep.Mirrors mirrors = read(
                            "--mirror-targets=http://10.0.0.1:30020,http://10.0.0.9:5000",
                            "--mirrored-registries=https://docker.io",
                            "--resolve-tags=false",
                            "--prepend-existing",
                            "--containerd-registry-config-path=/certs")
                    .upkeep()
                    .mirrors()
                    .orElseThrow();
            assertThat(mirrors.directory()).isEqualTo(Path.of("/certs"));
            assertThat(mirrors.configuration())
                    .isEqualTo(MirrorConfiguration.of(
                                    List.of(MirroredRegistry.parse("https://docker.io")),
                                    List.of(
                                            MirrorTarget.parse("http://10.0.0.1:30020"),
                                            MirrorTarget.parse("http://10.0.0.9:5000")))
                            .withResolveTags(false)
                            .withPrependExisting(true));
        }
    }

    @Nested
    class Containerd {
        private ContainerdConfig readContainerd(String... flags) {
            environment.putIfAbsent("STATIC_ROUTER_PEERS", "peer.example:5000");
            AgentConfig config = readAlone(Stream.concat(Stream.of("--router=static"), Arrays.stream(flags)));
            return ((StoreConfig.Containerd) config.store()).config();
        }

        @Test
        void isTheDefaultStoreWithTheGoImplementationsDefaults() {
            assertThat(readContainerd())
                    .isEqualTo(ContainerdConfig.DEFAULTS
                            .withSocket(Path.of("/run/containerd/containerd.sock"))
                            .withNamespace("k8s.io"));
        }

        @Test
        void itsFlagsHaveTheGoImplementationsVariables() {
            environment.putAll(Map.of(
                    "CONTAINERD_SOCK", "/run/k3s/containerd/containerd.sock",
                    "CONTAINERD_NAMESPACE", "moby",
                    "CONTAINERD_CONTENT_PATH", "/content"));
            assertThat(readContainerd("--containerd-namespace=other"))
                    .isEqualTo(ContainerdConfig.DEFAULTS
                            .withSocket(Path.of("/run/k3s/containerd/containerd.sock"))
                            .withNamespace("other")
                            .withContentDirectory(Path.of("/content")));
        }
    }

    @Nested
    class Dht {
        private static final String SWARM_KEY =
                "/key/swarm/psk/1.0.0/\n/base16/\n" + "0123456789abcdef".repeat(4) + "\n";

        private static final String PEER =
                "/ip4/10.0.0.1/tcp/5001/p2p/12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh";

        @Test
        void isTheDefaultWithTheGoImplementationsDefaults() {
            AgentConfig config = readBare(Stream.of("--bootstrap-kind=dns", "--dns-bootstrap-domain=spegel.svc"));
            assertThat(config.router())
                    .isEqualTo(new RouterConfig.Dht(
                            new InetSocketAddress(5001),
                            Optional.empty(),
                            Optional.empty(),
                            new BootstrapConfig.Dns("spegel.svc")));
            assertThat(config.registry().mirror().lookupLimit()).isEqualTo(Duration.ofMillis(20));
        }

        @Test
        void itsFlagsHaveTheGoImplementationsVariables() {
            environment.putAll(Map.of(
                    "ROUTER_ADDR", "127.0.0.1:7001",
                    "DATA_DIR", "/no/such/yet",
                    "BOOTSTRAP_KIND", "http",
                    "HTTP_BOOTSTRAP_ADDR", "127.0.0.1:7002",
                    "HTTP_BOOTSTRAP_URL", "http://peer.example/id"));
            InetAddress loopback = InetAddress.getLoopbackAddress();
            assertThat(readDht())
                    .isEqualTo(new RouterConfig.Dht(
                            new InetSocketAddress(loopback, 7001),
                            Optional.of(Path.of("/no/such/yet")),
                            Optional.empty(),
                            new BootstrapConfig.Http(
                                    URI.create("http://peer.example/id"),
                                    TlsFiles.NONE,
                                    Optional.of(new InetSocketAddress(loopback, 7002)))));
        }

        @Test
        void thePreSharedKeyIsTheOneInTheFile() throws IOException {
            Path file = Files.writeString(directory.resolve("swarm.key"), SWARM_KEY);
            environment.put("PSK_FILE", file.toString());
            assertThat(readDht("--bootstrap-kind=static", "--static-bootstrap-peers=" + PEER)
                            .preSharedKey())
                    .contains(PreSharedKey.parse(SWARM_KEY.getBytes(StandardCharsets.US_ASCII)));
        }

        @Test
        void aPreSharedKeyIsMadeAsTheDocumentSays() throws Exception {
            String document = Files.readString(Path.of("..", "docs", "configuration.md"));
            Matcher command = Pattern.compile("<!-- run by RegistrySettingsTest -->\n```sh\n(.*?)```", Pattern.DOTALL)
                    .matcher(document);
            assertThat(command.find()).isTrue();
            Process shell = new ProcessBuilder("sh", "-ec", command.group(1))
                    .directory(directory.toFile())
                    .inheritIO()
                    .start();
            assertThat(shell.waitFor()).isZero();
            assertThat(readDht(
                                    "--psk-file=" + directory.resolve("swarm.key"),
                                    "--bootstrap-kind=static",
                                    "--static-bootstrap-peers=" + PEER)
                            .preSharedKey())
                    .isPresent();
        }

        @Test
        void certificatesAreThoseInTheDirectory() throws IOException {
            Path authorities = Files.createFile(directory.resolve("ca.crt"));
            assertThat(readDht(
                                    "--bootstrap-kind=http",
                                    "--http-bootstrap-url=https://peer.example/id",
                                    "--http-bootstrap-cert-dir=" + directory)
                            .bootstrap())
                    .isEqualTo(new BootstrapConfig.Http(
                            URI.create("https://peer.example/id"),
                            new TlsFiles(Optional.of(authorities), Optional.empty(), Optional.empty()),
                            Optional.empty()));
        }

        @Test
        void staticPeersAreAList() {
            assertThat(readDht(
                                    "--bootstrap-kind=static",
                                    "--static-bootstrap-peers",
                                    PEER,
                                    PEER.replace("ip4/10", "ip4/11"))
                            .bootstrap())
                    .isEqualTo(new BootstrapConfig.StaticPeers(List.of(PEER, PEER.replace("ip4/10", "ip4/11"))));
        }
    }
}
