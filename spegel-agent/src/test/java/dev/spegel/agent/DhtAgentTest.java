package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.oci.Reference;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Agents that find each other in the DHT. */
@Timeout(120)
class DhtAgentTest {
    private static final Reference IMAGE = Reference.parse("registry.example/samples/app:1.0");
    private static final SampleImage SAMPLE = SampleImages.severalLayers();
    private static final String MANIFEST = "/v2/samples/app/manifests/1.0?ns=registry.example";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private final List<Agent> agents = new CopyOnWriteArrayList<>();

    /** A node that has the image and waits for others. */
    private Agent holder;

    @BeforeEach
    void startHolder() throws Exception {
        Path layout = TestAgents.layoutWith(directory.resolve("holder"), SAMPLE, IMAGE);
        holder = start(TestAgents.dht(layout, Optional.empty(), new BootstrapConfig.Nobody()));
    }

    @AfterEach
    void close() {
        agents.forEach(Agent::close);
    }

    private Agent start(AgentConfig config) throws Exception {
        Agent agent = Agent.start(config);
        agents.add(agent);
        return agent;
    }

    private Agent startEmpty(String name, BootstrapConfig bootstrap) throws Exception {
        return start(TestAgents.dht(TestAgents.emptyLayout(directory.resolve(name)), Optional.empty(), bootstrap));
    }

    private BootstrapConfig throughHolder() {
        return new BootstrapConfig.StaticPeers(holder.dhtAddresses());
    }

    private static void awaitReady(Agent agent) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(TestAgents.get(agent.registryAddress(), "/readyz")
                                .statusCode())
                        .isEqualTo(200));
    }

    /** Once the holder has told of what it has. */
    private static void awaitFound(Agent agent) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(TestAgents.get(agent.registryAddress(), MANIFEST)
                                .statusCode())
                        .isEqualTo(200));
    }

    private static JsonNode json(InetSocketAddress server, String target) throws Exception {
        HttpResponse<String> answer = TestAgents.get(server, target);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        return new ObjectMapper().readTree(answer.body());
    }

    @Test
    void oneServesWhatAnotherHasAndSaysWhoGaveIt() throws Exception {
        Agent other = startEmpty("other", throughHolder());
        awaitReady(other);
        awaitFound(other);
        assertThat(TestAgents.get(other.registryAddress(), MANIFEST).headers().firstValue("Spegel-Served-By"))
                .as("the port that the holder has announced, not that of its own registry")
                .contains("127.0.0.1:" + holder.registryAddress().getPort());
    }

    @Test
    void isReadyAsLongAsSomebodyIsThere() throws Exception {
        HttpResponse<String> alone = TestAgents.get(holder.registryAddress(), "/readyz");
        assertThat(alone.statusCode()).isEqualTo(500);
        assertThat(alone.body())
                .isEqualTo("no other node is in the DHT's routing table yet; looking for the first ones through"
                        + " whoever comes by itself\n");
        Agent other = startEmpty("other", throughHolder());
        awaitReady(holder);
        awaitReady(other);
        assertThat(other.notReadyBecause()).isEmpty();
        other.close();
        assertThat(other.notReadyBecause()).contains("this node is stopping");
    }

    /** Two in this JVM, each of which gets from the other what it lacks; nothing that one closes is the other's. */
    @Test
    void closingOneLeavesTheOtherAtWork() throws Exception {
        SampleImage second = SampleImages.dockerSchema2();
        Path layout = TestAgents.layoutWith(
                directory.resolve("other"), second, Reference.parse("registry.example/samples/second:1.0"));
        Agent other = start(TestAgents.dht(layout, Optional.empty(), throughHolder()));
        awaitReady(holder);
        awaitFound(other);
        String ofOther = "/v2/samples/second/manifests/1.0?ns=registry.example";
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(TestAgents.get(holder.registryAddress(), ofOther)
                                .statusCode())
                        .isEqualTo(200));
        holder.close();
        assertThat(TestAgents.get(other.registryAddress(), ofOther).statusCode())
                .isEqualTo(200);
        assertThat(TestAgents.get(other.metricsAddress(), "/metrics").body()).contains("spegel_");
        Agent third = startEmpty("third", new BootstrapConfig.StaticPeers(other.dhtAddresses()));
        awaitReady(third);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(
                                TestAgents.get(third.registryAddress(), ofOther).statusCode())
                        .as("the one that is left still serves others and is found")
                        .isEqualTo(200));
    }

    @Test
    void aDataDirectoryKeepsTheIdentity() throws Exception {
        Path data = directory.resolve("data").resolve("deep");
        AgentConfig config =
                TestAgents.dht(TestAgents.emptyLayout(directory.resolve("other")), Optional.of(data), throughHolder());
        String first;
        try (Agent agent = Agent.start(config)) {
            first = agent.network().peers().node().id();
        }
        try (Agent agent = Agent.start(config)) {
            assertThat(agent.network().peers().node().id()).isEqualTo(first);
        }
        assertThat(data.resolve("private.key")).exists();
    }

    @Test
    void aDhtAddressThatIsTakenFailsTheStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            AgentConfig config = TestAgents.dht(
                    TestAgents.emptyLayout(directory.resolve("other")), Optional.empty(), throughHolder());
            AgentConfig onTaken = new AgentConfig(
                    config.registryAddress(),
                    config.metricsAddress(),
                    config.store(),
                    new RouterConfig.Dht(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort()),
                            Optional.empty(),
                            Optional.empty(),
                            throughHolder()),
                    config.registry(),
                    config.shutdownGrace());
            assertThatThrownBy(() -> Agent.start(onTaken))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("listen on")
                    .hasMessageContaining(String.valueOf(taken.getLocalPort()));
        }
    }

    @Test
    void metricsTellOfTheDht() throws Exception {
        Agent other = startEmpty("other", throughHolder());
        awaitReady(other);
        await().atMost(LIMIT).untilAsserted(() -> {
            String scrape = TestAgents.get(holder.metricsAddress(), "/metrics").body();
            assertThat(scrape)
                    .contains("spegel_dht_routing_table_peers 1.0")
                    .containsPattern("spegel_dht_messages_total\\{direction=\"sent\",type=\"find_node\"} [1-9]")
                    .containsPattern("spegel_dht_messages_total\\{direction=\"sent\",type=\"add_provider\"} [1-9]")
                    .containsPattern("spegel_dht_bytes_total\\{direction=\"received\"} [1-9]")
                    .containsPattern("spegel_dht_provided_keys [1-9]")
                    .contains(
                            "spegel_dht_records ",
                            "spegel_dht_failed_requests_total ",
                            "spegel_dht_failed_announcements_total ",
                            "spegel_dht_refused_streams_total ");
        });
        awaitFound(other);
        assertThat(TestAgents.get(other.metricsAddress(), "/metrics").body())
                .as("the Go implementation's label")
                .contains("spegel_resolve_duration_seconds_bucket{router=\"libp2p\"");
    }

    @Test
    void aPrivateNetworkIsForThoseWithItsKey() throws Exception {
        PreSharedKey key = PreSharedKey.of(new byte[PreSharedKey.BYTES]);
        Agent first = startPrivate("first", key, new BootstrapConfig.Nobody());
        BootstrapConfig throughFirst = new BootstrapConfig.StaticPeers(first.dhtAddresses());
        Agent member = startPrivate("member", key, throughFirst);
        awaitReady(member);
        try (Captured log = new Captured("dev.spegel.libp2p")) {
            Agent stranger = startEmpty("stranger", throughFirst);
            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(strangerConnections(stranger)).as("it tries again").isGreaterThan(1);
                assertThat(strangerConnections(first)).isGreaterThan(1);
            });
            assertThat(stranger.notReadyBecause()).isPresent();
            assertThat(log.warnings())
                    .hasSize(2)
                    .anyMatch(line -> line.contains("it has no pre-shared key, and this node has one"))
                    .anyMatch(line -> line.contains("it has a pre-shared key, and this node has none"));
        }
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(first.network().peers().peers()).hasSize(1));
        assertThat(strangerConnections(member)).isZero();
    }

    private Agent startPrivate(String name, PreSharedKey key, BootstrapConfig bootstrap) throws Exception {
        AgentConfig open = TestAgents.dht(TestAgents.emptyLayout(directory.resolve(name)), Optional.empty(), bootstrap);
        RouterConfig.Dht router = (RouterConfig.Dht) open.router();
        return start(new AgentConfig(
                open.registryAddress(),
                open.metricsAddress(),
                open.store(),
                new RouterConfig.Dht(router.address(), router.dataDirectory(), Optional.of(key), router.bootstrap()),
                open.registry(),
                open.shutdownGrace()));
    }

    private static double strangerConnections(Agent agent) throws Exception {
        return TestAgents.get(agent.metricsAddress(), "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("spegel_dht_stranger_connections_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void looksSomethingUpBeforeAnybodyNeedsIt() throws Exception {
        Agent other = startEmpty("other", throughHolder());
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(TestAgents.get(other.metricsAddress(), "/metrics")
                                .body())
                        .containsPattern(
                                "spegel_dht_messages_total\\{direction=\"sent\",type=\"get_providers\"} [1-9]"));
    }

    @Test
    void theDebugApiTellsOfPeersAndFindsContent() throws Exception {
        Agent other = startEmpty("other", throughHolder());
        awaitReady(other);
        String holderId = holder.network().peers().node().id();
        JsonNode peers = json(other.metricsAddress(), "/debug/api/peers");
        assertThat(peers.path("node").path("router").asText()).isEqualTo("libp2p");
        assertThat(peers.path("node").path("ready").asBoolean()).isTrue();
        assertThat(peers.path("known").asInt()).isEqualTo(1);
        JsonNode peer = peers.path("peers").path(0);
        assertThat(peer.path("id").asText()).isEqualTo(holderId);
        assertThat(peer.path("inTable").asBoolean()).isTrue();
        assertThat(peer.path("agentVersion").asText()).startsWith("spegel-jvm/");
        assertThat(peer.path("roundTripMillis").asDouble()).isPositive();
        assertThat(peer.path("registries").path(0).asText())
                .isEqualTo("127.0.0.1:" + holder.registryAddress().getPort());

        await().atMost(LIMIT).untilAsserted(() -> {
            JsonNode found = json(other.metricsAddress(), "/debug/api/lookup?key=" + IMAGE + "&max=1&millis=1000");
            assertThat(found.path("peers").path(0).path("id").asText()).isEqualTo(holderId);
            assertThat(found.path("ended").asBoolean()).isTrue();
        });
        JsonNode nobody = json(other.metricsAddress(), "/debug/api/lookup?key=registry.example/no/such:1");
        assertThat(nobody.path("peers")).isEmpty();
        assertThat(nobody.path("ended").asBoolean()).isTrue();
    }

    @Test
    void theDebugApiRefusesWhatMakesNoSense() throws Exception {
        assertError("/debug/api/lookup", 400, "key is missing");
        assertError("/debug/api/lookup?key=a&max=x", 400, "max is a whole number");
        assertError("/debug/api/lookup?key=a&max=101", 400, "a look-up finds 1 to 100 peers");
        assertError("/debug/api/lookup?key=a&millis=30001", 400, "a look-up takes 1 ms to 30 s");
        assertError("/debug/api/secrets", 404, "there are peers, lookup, status, tags, images, requests and history");
        HttpRequest post = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + holder.metricsAddress().getPort() + "/debug/api/peers"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(post, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET");
        assertThat(TestAgents.get(holder.registryAddress(), "/debug/api/peers").statusCode())
                .as("not for those who only reach the registry")
                .isEqualTo(404);
    }

    private void assertError(String target, int status, String message) throws Exception {
        HttpResponse<String> answer = TestAgents.get(holder.metricsAddress(), target);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(new ObjectMapper().readTree(answer.body()).path("error").asText())
                .contains(message);
    }

    private static BootstrapConfig.Http http(URI url, TlsFiles tls) {
        return new BootstrapConfig.Http(
                url, tls, Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    @Test
    void oneMeetsAnotherThroughItsId() throws Exception {
        Agent first = startEmpty("first", http(URI.create("http://127.0.0.1:1/id"), TlsFiles.NONE));
        InetSocketAddress identity = first.identityAddress().orElseThrow();
        JsonNode self = json(identity, "/id").path(0);
        assertThat(self.path("ID").asText())
                .isEqualTo(first.network().peers().node().id());
        assertThat(self.path("Addrs").path(0).asText()).startsWith("/ip4/127.0.0.1/tcp/");
        assertThat(TestAgents.get(identity, "/metrics").statusCode()).isEqualTo(404);

        URI url = URI.create("http://127.0.0.1:" + identity.getPort() + "/id");
        Agent second = startEmpty("second", http(url, TlsFiles.NONE));
        awaitReady(second);
        awaitReady(first);
    }

    @Test
    void aBootstrapThatFailsIsToldAndTriedOnUntilItWorks() throws Exception {
        try (Captured log = new Captured("dev.spegel.routing.dht");
                IdServer server = IdServer.plain()) {
            server.answer("this is no JSON");
            Agent other = startEmpty("other", http(server.url(), TlsFiles.NONE));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(log.warnings())
                            .singleElement()
                            .asString()
                            .contains("Nobody met through " + server.url(), "trying on", "can't be read"));
            assertThat(other.notReadyBecause())
                    .get()
                    .asString()
                    .contains(server.url().toString());

            server.answer("[]");
            server.answer("[{\"ID\":\"\",\"Addrs\":[\"%s\"]}]"
                    .formatted(holder.dhtAddresses().get(0).replaceFirst("/p2p/.*", "")));
            awaitReady(other);
            assertThat(log.warnings()).as("one line, however often it is tried").hasSize(1);
        }
    }

    @Test
    void aServerThatNobodyVouchesForIsToldAndNotBelieved() throws Exception {
        TestCertificates right = TestCertificates.create(directory.resolve("right"));
        TestCertificates wrong = TestCertificates.create(directory.resolve("wrong"));
        try (Captured log = new Captured("dev.spegel.routing.dht");
                IdServer server = IdServer.tls(right)) {
            server.answer("[{\"ID\":\"\",\"Addrs\":[\"%s\"]}]"
                    .formatted(holder.dhtAddresses().get(0).replaceFirst("/p2p/.*", "")));
            Agent doubting = startEmpty("doubting", http(server.url(), trusting(wrong)));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(log.warnings())
                            .singleElement()
                            .asString()
                            .contains("Nobody met through " + server.url(), "can't be asked", "SSLHandshakeException"));
            assertThat(doubting.notReadyBecause()).isPresent();
            Agent believing = startEmpty("believing", http(server.url(), trusting(right)));
            awaitReady(believing);
        }
    }

    private static TlsFiles trusting(TestCertificates server) {
        return new TlsFiles(Optional.of(server.certificate()), Optional.empty(), Optional.empty());
    }

    /** What is logged below a name, at WARN and above. */
    private static final class Captured implements AutoCloseable {
        private final Logger logger;
        private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

        Captured(String name) {
            logger = (Logger) LoggerFactory.getLogger(name);
            appender.list = new CopyOnWriteArrayList<>();
            appender.start();
            logger.addAppender(appender);
        }

        List<String> warnings() {
            return appender.list.stream()
                    .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                    .map(ILoggingEvent::getFormattedMessage)
                    // The holder of these tests waits for others, and says so when they have gone.
                    .filter(message -> !message.contains("whoever comes by itself"))
                    .toList();
        }

        @Override
        public void close() {
            logger.detachAppender(appender);
        }
    }
}
