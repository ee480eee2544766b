package dev.spegel.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.registry.MirrorConfig;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.tls.ReloadedTls;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import dev.spegel.testkit.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Agents that speak TLS, those that don't, and those that nobody should believe. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TlsTest {
    private static final Reference NAME = Reference.parse("registry.example/team/app:1.0");
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final SampleImage image = SampleImages.emptyAndLargeLayer();
    private final List<Agent> agents = new ArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger("dev.spegel");
    private TestAuthority authority;

    @BeforeEach
    void watchLog() throws Exception {
        authority = new TestAuthority("cluster");
        log.start();
        root.setLevel(Level.INFO);
        root.addAppender(log);
    }

    @AfterEach
    void closeAll() {
        agents.forEach(Agent::close);
        root.detachAppender(log);
        root.setLevel(null);
    }

    private TlsConfig tls(TlsFiles files, boolean clientCertificates) {
        return new TlsConfig(files, Optional.empty(), clientCertificates);
    }

    private Agent holder(Optional<TlsConfig> tls) throws Exception {
        Path layout = directory.resolve("holder");
        return start(Files.exists(layout) ? layout : TestAgents.layoutWith(layout, image, NAME), tls);
    }

    private Agent mirrorOf(Agent holder, Optional<TlsConfig> tls) throws Exception {
        return start(
                TestAgents.emptyLayout(directory.resolve("mirror-" + agents.size())),
                tls,
                new PeerAddress("127.0.0.1", holder.registryAddress().getPort()));
    }

    private Agent start(Path layout, Optional<TlsConfig> tls, PeerAddress... peers)
            throws IOException, InterruptedException {
        Listeners listeners = TestAgents.listen();
        Agent agent = Agent.start(
                new AgentConfig(
                        listeners.registryAddress(),
                        listeners.metricsAddress(),
                        new StoreConfig.OciLayout(layout),
                        new RouterConfig.StaticPeers(peers.length > 0 ? List.of(peers) : List.of(nobody())),
                        RegistryConfig.DEFAULTS.withMirror(MirrorConfig.DEFAULTS.withLookupLimit(LONG)),
                        tls,
                        Duration.ofSeconds(5),
                        false),
                listeners);
        agents.add(agent);
        return agent;
    }

    private static PeerAddress nobody() {
        return new PeerAddress("127.0.0.1", 1);
    }

    private HttpResponse<byte[]> get(HttpClient client, InetSocketAddress server, String scheme, String target)
            throws IOException, InterruptedException {
        URI uri = URI.create("%s://127.0.0.1:%d%s".formatted(scheme, server.getPort(), target));
        return client.send(HttpRequest.newBuilder(uri).timeout(LONG).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static HttpClient clientWith(TlsFiles files) throws IOException {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(ReloadedTls.of(files).get())
                .build();
    }

    private String layer() {
        Descriptor layer = image.content().stream()
                .filter(content -> !content.mediaType().isManifest())
                .max((a, b) -> Long.compare(a.sizeBytes(), b.sizeBytes()))
                .orElseThrow();
        return "/v2/team/app/blobs/" + layer.digest() + "?ns=registry.example";
    }

    private String manifest() {
        return "/v2/team/app/manifests/1.0?ns=registry.example";
    }

    private List<String> warnings() {
        synchronized (log) {
            return new ArrayList<>(log.list)
                    .stream()
                            .filter(event -> event.getLevel() == Level.WARN)
                            .map(ILoggingEvent::getFormattedMessage)
                            .toList();
        }
    }

    private void awaitWarning(String words) {
        await().atMost(LONG).untilAsserted(() -> assertThat(warnings()).anyMatch(line -> line.contains(words)));
    }

    @Test
    void contentPassesFromNodeToNode() throws Exception {
        Optional<TlsConfig> tls = Optional.of(tls(authority.issue(directory.resolve("tls")), false));
        Agent mirror = mirrorOf(holder(tls), tls);
        HttpClient client = clientWith(tls.get().files());

        assertThat(get(client, mirror.registryAddress(), "https", manifest()).statusCode())
                .isEqualTo(200);
        HttpResponse<byte[]> layer = get(client, mirror.registryAddress(), "https", layer());
        assertThat(layer.statusCode()).isEqualTo(200);
        assertThat(layer.body()).hasSizeGreaterThan(1_000_000);
        assertThat(warnings()).isEmpty();
    }

    @Test
    void whoComesWithoutTlsHearsSoAndGetsHealthOnly() throws Exception {
        Agent holder = holder(Optional.of(tls(authority.issue(directory.resolve("tls")), false)));
        HttpClient client = HttpClient.newHttpClient();

        assertThat(get(client, holder.registryAddress(), "http", "/livez").statusCode())
                .isEqualTo(200);
        HttpResponse<byte[]> refused = get(client, holder.registryAddress(), "http", manifest());
        assertThat(refused.statusCode()).isEqualTo(426);
        assertThat(new String(refused.body(), UTF_8)).contains("speaks TLS only");
    }

    @Test
    void aNodeWithTlsAndOneWithoutRefuseEachOther() throws Exception {
        Optional<TlsConfig> tls = Optional.of(tls(authority.issue(directory.resolve("tls")), false));
        Agent encrypted = holder(tls);
        Agent plain = holder(Optional.empty());

        Agent plainMirror = mirrorOf(encrypted, Optional.empty());
        assertThat(get(HttpClient.newHttpClient(), plainMirror.registryAddress(), "http", layer())
                        .statusCode())
                .isEqualTo(404);
        awaitWarning("this registry speaks TLS only");

        Agent encryptedMirror = mirrorOf(plain, tls);
        assertThat(get(clientWith(tls.get().files()), encryptedMirror.registryAddress(), "https", layer())
                        .statusCode())
                .isEqualTo(404);
        awaitWarning("this node speaks plain HTTP; --tls-cert gives it TLS");
    }

    @Test
    void withoutACertificateThereIsHealthOnlyWhereOneIsRequired() throws Exception {
        TlsFiles files = authority.issue(directory.resolve("tls"));
        Agent holder = holder(Optional.of(tls(files, true)));
        HttpClient stranger = clientWith(new TlsFiles(files.authorities(), Optional.empty(), Optional.empty()));

        assertThat(get(stranger, holder.registryAddress(), "https", "/readyz").body())
                .isNotNull();
        assertThat(get(stranger, holder.registryAddress(), "https", manifest()).statusCode())
                .isEqualTo(403);
        awaitWarning("wants a client certificate");
        assertThat(get(clientWith(files), holder.registryAddress(), "https", manifest())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        TlsFiles good = authority.issue(directory.resolve("tls"));
        // Under the same name, as a client doesn't even show what it sees that the server won't believe.
        TlsFiles foreign = new TestAuthority("cluster").issue(directory.resolve("foreign"));
        TlsFiles mixed = new TlsFiles(good.authorities(), foreign.certificate(), foreign.key());
        Agent holder = holder(Optional.of(tls(good, true)));

        Agent mirror = mirrorOf(holder, Optional.of(tls(mixed, false)));
        HttpResponse<byte[]> missed = get(
                clientWith(new TlsFiles(foreign.authorities(), Optional.empty(), Optional.empty())),
                mirror.registryAddress(),
                "https",
                layer());
        assertThat(missed.statusCode()).isEqualTo(404);
        awaitWarning("Refused a TLS connection from 127.0.0.1");
        assertThat(get(clientWith(good), holder.registryAddress(), "https", manifest())
                        .statusCode())
                .as("nobody else is disturbed")
                .isEqualTo(200);
    }

    @Test
    void whoseCertificateIsForAnotherAddressIsNotBelieved() throws Exception {
        TlsFiles files = authority.issue(directory.resolve("tls"));
        TlsFiles other = authority.issue(
                directory.resolve("other"), "127.0.0.2", Instant.now().plus(Duration.ofHours(1)));
        Agent holder = holder(Optional.of(tls(other, false)));

        Agent mirror = mirrorOf(holder, Optional.of(tls(files, false)));
        assertThat(get(clientWith(files), mirror.registryAddress(), "https", layer())
                        .statusCode())
                .isEqualTo(404);

        Agent byName = mirrorOf(holder, Optional.of(new TlsConfig(files, Optional.of(TestAuthority.NAME), false)));
        assertThat(get(clientWith(files), byName.registryAddress(), "https", layer())
                        .statusCode())
                .as("unless all have one name")
                .isEqualTo(200);

        Agent byOtherName = mirrorOf(holder, Optional.of(new TlsConfig(files, Optional.of("other.test"), false)));
        assertThat(get(clientWith(files), byOtherName.registryAddress(), "https", layer())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void anExpiredCertificateIsRefusedAtTheStart() throws Exception {
        TlsFiles expired = authority.issue(
                directory.resolve("tls"), "127.0.0.1", Instant.now().minus(Duration.ofMinutes(1)));
        assertThatThrownBy(() -> holder(Optional.of(tls(expired, false))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the certificate is valid from");
    }

    /** Twice, and then with a file that can't be used, which changes nothing. Both agents have the same files. */
    @Test
    void certificatesAreReplacedUnderLoadWithoutALostRequest() throws Exception {
        Path files = directory.resolve("tls");
        Optional<TlsConfig> tls = Optional.of(tls(authority.issue(files), true));
        Agent mirror = mirrorOf(holder(tls), tls);
        TlsFiles ofLoad = authority.issue(directory.resolve("load")); // torn files are the agents' affair here
        AtomicBoolean over = new AtomicBoolean();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread load = new Thread(() -> {
            try {
                while (!over.get()) {
                    HttpClient client = clientWith(ofLoad); // a new one makes new connections
                    for (int i = 0; i < 5; i++) {
                        assertThat(get(client, mirror.registryAddress(), "https", layer())
                                        .statusCode())
                                .isEqualTo(200);
                    }
                }
            } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
                failed.set(e);
            }
        });
        load.start();
        try {
            for (int round = 0; round < 2; round++) {
                String before = Files.readString(files.resolve("tls.crt"));
                TlsFiles fresh = authority.issue(directory.resolve("fresh-" + round));
                Files.copy(fresh.key().orElseThrow(), files.resolve("tls.key.new"));
                Files.copy(fresh.certificate().orElseThrow(), files.resolve("tls.crt.new"));
                Files.move(files.resolve("tls.key.new"), files.resolve("tls.key"), StandardCopyOption.REPLACE_EXISTING);
                Files.move(files.resolve("tls.crt.new"), files.resolve("tls.crt"), StandardCopyOption.REPLACE_EXISTING);
                assertThat(Files.readString(files.resolve("tls.crt"))).isNotEqualTo(before);
                int done = round + 1;
                await().atMost(LONG).until(() -> tookUp() == 2L * done);
            }
            Files.writeString(files.resolve("tls.crt"), "broken");
            awaitWarning("so the last good ones stay in use");
        } finally {
            over.set(true);
            load.join(LONG.toMillis());
        }
        assertThat(failed.get()).isNull();
    }

    private long tookUp() {
        synchronized (log) {
            return new ArrayList<>(log.list)
                    .stream()
                            .filter(event -> event.getFormattedMessage().startsWith("Took up another certificate"))
                            .count();
        }
    }
}
