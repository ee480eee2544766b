package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.logs.LogBackend;
import dev.spegel.agent.logs.LogFormat;
import dev.spegel.agent.logs.LogLevel;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.registry.MirrorConfig;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What agents log at DEBUG while all sorts of things go wrong: never a secret, never a stack, each a line of its own. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LogsTest {
    private static final SampleImage IMAGE = SampleImages.twoPlatforms();
    private static final Reference NAME = Reference.parse("registry.example/team/app:1.0");
    private static final BasicCredentials CREDENTIALS = new BasicCredentials("mirror", "s3cret-of-the-mirror");

    /** Whatever is like it must not be in a log. */
    private static final List<String> SECRETS = List.of(
            "s3cret-of-the-mirror",
            CREDENTIALS.headerValue().substring("Basic ".length()),
            "s3cret-of-another",
            "s3cret-token",
            "s3cret-in-a-query",
            "s3cret-in-a-url");

    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void log() {
        LogBackend.writeTo(logged, LogLevel.DEBUG, LogFormat.JSON);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        ((LoggerContext) LoggerFactory.getILoggerFactory()).reset();
    }

    private <T extends AutoCloseable> T opened(T one) {
        open.add(0, one);
        return one;
    }

    /** It asks these peers, and one that is gone. */
    private Agent agent(Path layout, PeerAddress... peers) throws Exception {
        List<PeerAddress> all = new ArrayList<>(List.of(peers));
        all.add(PeerAddress.parse("127.0.0.1:1"));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return opened(Agent.start(new AgentConfig(
                any,
                any,
                new StoreConfig.OciLayout(layout),
                new RouterConfig.StaticPeers(all),
                RegistryConfig.DEFAULTS
                        .withMirror(MirrorConfig.DEFAULTS.withLookupLimit(Duration.ofSeconds(10)))
                        .withCredentials(CREDENTIALS),
                Duration.ofSeconds(5))));
    }

    private static PeerAddress addressOf(Agent agent) {
        return new PeerAddress("127.0.0.1", agent.registryAddress().getPort());
    }

    /** The first line of the answer; empty if there is none. */
    private static String ask(Agent agent, String method, String target, String... headers) throws IOException {
        StringBuilder request =
                new StringBuilder("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".formatted(method, target));
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), agent.registryAddress().getPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }

    private List<JsonNode> lines() {
        return logged.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> {
                    try {
                        return new ObjectMapper().readTree(line);
                    } catch (IOException e) {
                        throw new UncheckedIOException(line, e);
                    }
                })
                .toList();
    }

    private List<String> messages() {
        return lines().stream().map(line -> line.path("msg").asText()).toList();
    }

    private static String blob(Descriptor content) {
        return "/v2/team/app/blobs/" + content.digest() + "?ns=registry.example";
    }

    private void assertNothingWrong() {
        String text = logged.toString(StandardCharsets.UTF_8);
        assertThat(text).doesNotContain(SECRETS).doesNotContain("password");
        assertThat(lines()).isNotEmpty().allSatisfy(line -> {
            assertThat(line.has("stack")).as(line.toString()).isFalse();
            assertThat(line.path("msg").asText()).isNotBlank().doesNotContain("\tat ", "\n");
        });
    }

    @Test
    void requestsWithCredentialsRightAndWrong() throws Exception {
        Agent holder = agent(TestAgents.layoutWith(directory.resolve("full"), IMAGE, NAME));
        Agent mirror = agent(TestAgents.emptyLayout(directory.resolve("empty")), addressOf(holder));
        String good = "Authorization: " + CREDENTIALS.headerValue();
        Descriptor layer = IMAGE.content().get(0);
        String manifest = "/v2/team/app/manifests/1.0?ns=registry.example";
        await().untilAsserted(
                        () -> assertThat(ask(mirror, "GET", manifest, good)).startsWith("HTTP/1.1 200"));
        String wrong = new BasicCredentials("mirror", "s3cret-of-another").headerValue();
        assertThat(ask(mirror, "GET", manifest, "Authorization: " + wrong)).startsWith("HTTP/1.1 401");
        assertThat(ask(mirror, "GET", manifest, "Authorization: Bearer s3cret-token"))
                .startsWith("HTTP/1.1 401");
        assertThat(ask(mirror, "GET", manifest + "&token=s3cret-in-a-query", good))
                .startsWith("HTTP/1.1 200");
        assertThat(ask(mirror, "GET", manifest + "&ns=s3cret-in-a-query", good)).startsWith("HTTP/1.1 400");
        assertThat(ask(mirror, "GET", manifest + "&a=%zzs3cret-in-a-query", good))
                .startsWith("HTTP/1.1 400");
        assertThat(ask(mirror, "GET", "http://u:s3cret-in-a-url@x" + blob(layer), good))
                .startsWith("HTTP/1.1 ");
        assertThat(ask(mirror, "POST", manifest, good)).startsWith("HTTP/1.1 405");
        assertThat(ask(mirror, "GET", manifest, good, "Cookie: session=s3cret-token; a\u0000b"))
                .startsWith("HTTP/1.1 400");
        assertThat(ask(mirror, "GET", "/v2/team/app/blobs/sha256:zz\u001b[31m", good))
                .startsWith("HTTP/1.1 400");
        await().untilAsserted(() -> assertThat(messages())
                .anyMatch(line -> line.contains("/manifests/1.0\": 401, "))
                .anyMatch(line -> line.contains("/manifests/1.0\": 200, "))
                .anyMatch(line -> line.startsWith("A request is refused with 400")));
        assertNothingWrong();
    }

    @Test
    void peersThatFailInEveryWay() throws Exception {
        // Where a look-up takes too long, on a machine that stands still, the faults meet the next look-ups instead of
        // the mirror.
        await().atMost(Duration.ofMinutes(2))
                .ignoreException(ConditionTimeoutException.class)
                .untilAsserted(() -> {
                    askPeersThatFailInEveryWay();
                    await().untilAsserted(() -> assertThat(messages())
                            .anyMatch(line -> line.contains("doesn't give") && line.contains("503"))
                            .anyMatch(line -> line.contains(" broke off: "))
                            .anyMatch(line -> line.contains("isn't mirrored")));
                });
        assertNothingWrong();
    }

    private void askPeersThatFailInEveryWay() throws Exception {
        FaultyPeer peer = opened(FaultyPeer.start());
        Agent mirror = agent(
                TestAgents.emptyLayout(Files.createTempDirectory(directory, "empty")),
                PeerAddress.parse(peer.hostAndPort()));
        String good = "Authorization: " + CREDENTIALS.headerValue();
        List<Fault> faults = List.of(
                new Fault.Answer(503),
                new Fault.Answer(401),
                new Fault.Answer(302),
                new Fault.CloseAfterAccept(),
                new Fault.ResetAt(0),
                new Fault.CorruptAt(1000),
                new Fault.CutAt(5 << 20));
        for (int i = 0; i < faults.size(); i++) {
            byte[] large = new byte[8 << 20];
            large[0] = (byte) i;
            String target = "/v2/team/app/blobs/" + peer.addBlob(large) + "?ns=registry.example";
            peer.enqueue(new Fault.None(), faults.get(i)); // the look-up, then the mirror
            try {
                ask(mirror, "GET", target, good);
            } catch (SocketException e) {
                if (!(faults.get(i) instanceof Fault.CorruptAt)) { // a reset is how wrong bytes end
                    throw new IllegalStateException(faults.get(i) + " was answered with a reset", e);
                }
            }
        }
    }

    @Test
    void storesThatAreDamaged() throws Exception {
        Path layout = TestAgents.layoutWith(directory.resolve("layout"), IMAGE, NAME);
        Agent agent = agent(layout);
        Files.writeString(layout.resolve("index.json"), "{\"manifests\": [s3cret-token");
        Files.delete(layout.resolve("oci-layout"));
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(messages()).anyMatch(line -> line.contains("isn't an image index")));
        assertThat(ask(agent, "GET", blob(IMAGE.content().get(0)), "Authorization: " + CREDENTIALS.headerValue()))
                .startsWith("HTTP/1.1 200");
        Files.delete(
                layout.resolve("blobs/sha256/" + IMAGE.content().get(0).digest().encoded()));
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            ask(agent, "GET", blob(IMAGE.content().get(0)), "Authorization: " + CREDENTIALS.headerValue());
            assertThat(messages()).anyMatch(line -> line.contains("\": 404, "));
        });
        agent.close();
        assertThat(messages()).contains("Stopped");
        assertThat(logged.toString(StandardCharsets.UTF_8)).doesNotContain("\"stack\"");
    }

    @Test
    void anEmptyDirectoryIsOneWarning() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Files.setLastModifiedTime(layout, FileTime.from(Instant.now().minusSeconds(3600)));
        agent(layout);
        assertThat(lines())
                .filteredOn(line -> line.path("level").asText().equals("WARN"))
                .extracting(line -> line.path("msg").asText())
                .singleElement()
                .asString()
                .endsWith("is empty, so there is no OCI layout yet");
    }

    @Test
    void bootstrapsThatFail() throws Exception {
        Path layout = TestAgents.emptyLayout(directory.resolve("layout"));
        URI nobody = URI.create("http://user:s3cret-in-a-url@127.0.0.1:1/id");
        Agent agent = opened(Agent.start(TestAgents.dht(
                layout, Optional.empty(), new BootstrapConfig.Http(nobody, TlsFiles.NONE, Optional.empty()))));
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(messages()).anyMatch(line -> line.startsWith("Nobody met through ")));
        assertThat(agent.notReadyBecause())
                .hasValueSatisfying(reason -> assertThat(reason).doesNotContain(SECRETS));
        assertNothingWrong();
    }
}
