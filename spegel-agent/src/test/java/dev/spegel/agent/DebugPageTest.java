package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.inspect.AgentView;
import dev.spegel.oci.Reference;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.SampleImages;
import dev.spegel.testkit.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The debug page of a running agent, asked by a client that sends whatever headers it is told. */
@Timeout(120)
class DebugPageTest {
    private static final Reference IMAGE = Reference.parse("registry.example/samples/app:1.0");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static Agent agent;

    @BeforeAll
    static void start() throws Exception {
        agent = Agent.start(TestAgents.dht(
                TestAgents.layoutWith(directory.resolve("a"), SampleImages.severalLayers(), IMAGE),
                Optional.empty(),
                new BootstrapConfig.Nobody()));
    }

    @AfterAll
    static void stop() {
        agent.close();
    }

    /** The status line, headers and body of an answer. */
    private static String ask(Agent asked, String method, String path, String body, String... headers)
            throws IOException {
        String host = "127.0.0.1:" + asked.metricsAddress().getPort();
        StringBuilder request = new StringBuilder("%s %s HTTP/1.1\r\nHost: %s\r\n".formatted(method, path, host));
        for (String header : headers) {
            request.append(header.replace("HOST", host)).append("\r\n");
        }
        request.append("Connection: close\r\n");
        if (!body.isEmpty()) {
            request.append("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n"
                    .formatted(body.length()));
        }
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), asked.metricsAddress().getPort())) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.getOutputStream().write((request + "\r\n" + body).getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String get(String path) throws IOException {
        return ask(agent, "GET", path, "");
    }

    private static JsonNode json(String path) throws IOException {
        String answer = get(path);
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("Content-Type: application/json\r\n");
        return new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }

    @Test
    void thePageIsHtmlThatMayLoadNothingFromElsewhere() throws Exception {
        String answer = get("/debug/web/");
        assertThat(answer)
                .startsWith("HTTP/1.1 200 ")
                .contains(
                        "Content-Type: text/html; charset=utf-8\r\n",
                        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';",
                        "frame-ancestors 'none'",
                        "X-Content-Type-Options: nosniff\r\n",
                        "Cache-Control: no-store\r\n",
                        "<!DOCTYPE html>",
                        IMAGE.toString());
        assertThat(ask(agent, "HEAD", "/debug/web/", ""))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("\r\n\r\n");
        assertThat(get("/debug/web")).startsWith("HTTP/1.1 308 ").contains("Location: /debug/web/\r\n");
    }

    @ParameterizedTest
    @CsvSource({"style.css,text/css", "script.js,text/javascript", "icon.svg,image/svg+xml", "section/peers,text/html"})
    void itsPartsAreServed(String name, String type) throws Exception {
        assertThat(get("/debug/web/" + name))
                .startsWith("HTTP/1.1 200 ")
                .contains("Content-Type: " + type, "X-Content-Type-Options: nosniff\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "section/", "section/nonsense", "style.css/", "Page.class"})
    void otherPathsAreNotThere(String path) throws Exception {
        assertThat(get("/debug/web/" + path)).doesNotStartWith("HTTP/1.1 200 ").doesNotStartWith("HTTP/1.1 500 ");
    }

    @Test
    void metadataIsThatOfTheGoImplementation() throws Exception {
        String answer = get("/debug/web/metadata");
        assertThat(answer).contains("Content-Type: application/json\r\n");
        String json = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertThat(new ObjectMapper().readTree(json).path("id").asText())
                .isEqualTo(agent.network().peers().node().id())
                .startsWith("12D3KooW");
    }

    @Test
    void aLookUpIsAnsweredInThePage() throws Exception {
        assertThat(get("/debug/web/?lookup=registry.example%2Fno%2Fsuch%3A1"))
                .contains("0 nodes say that they have", "registry.example/no/such:1");
        assertThat(get("/debug/web/?lookup=%00%3Cscript%3E"))
                .startsWith("HTTP/1.1 ")
                .doesNotContain("<script>");
        assertThat(get("/debug/web/?lookup=%ff")).doesNotStartWith("HTTP/1.1 500 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"measure", "measure/cancel", "examine"})
    void onlyPostChangesAnything(String path) throws Exception {
        for (String method : List.of("GET", "HEAD", "PUT", "DELETE")) {
            assertThat(ask(agent, method, "/debug/web/" + path + "?image=a", ""))
                    .startsWith("HTTP/1.1 405 ")
                    .contains("Allow: POST\r\n");
        }
        assertThat(ask(agent, "POST", "/debug/web/", "image=a")).startsWith("HTTP/1.1 405 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site",
                "Sec-Fetch-Site: none",
                "Origin: http://evil.example",
                "Origin: null",
                "Origin: http://127.0.0.1:1",
                "Origin: \u0001",
                "Origin: http://HOST.evil.example"
            })
    void otherSitesChangeNothing(String header) throws Exception {
        for (String path : List.of("measure", "measure/cancel", "examine")) {
            assertThat(ask(agent, "POST", "/debug/web/" + path, "image=alpine", header))
                    .doesNotStartWith("HTTP/1.1 2")
                    .doesNotStartWith("HTTP/1.1 3");
        }
    }

    @Test
    void anImageIsMeasured() throws Exception {
        assertThat(ask(
                        agent,
                        "POST",
                        "/debug/web/measure",
                        "image=registry.example%2Fsamples%2Fapp%3A1.0",
                        "Sec-Fetch-Site: same-origin",
                        "Origin: http://HOST"))
                .startsWith("HTTP/1.1 303 ")
                .contains("Location: /debug/web/#measured\r\n");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(get("/debug/web/section/measured"))
                        .contains("registry.example/samples/app:1.0", "manifest", "layer 1", "local", "/s"));
        JsonNode measured = json("/debug/api/measurement");
        assertThat(measured.path("running").asBoolean(true)).isFalse();
        assertThat(measured.path("receivedBytes").asLong())
                .isEqualTo(measured.path("wantedBytes").asLong())
                .isPositive();
        assertThat(measured.path("report").path("contents"))
                .hasSameSizeAs(SampleImages.severalLayers().content());
        assertThat(ask(agent, "POST", "/debug/web/measure", "image=registry.example%2Fno%2Fsuch%3A1"))
                .startsWith("HTTP/1.1 303 ");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(get("/debug/web/section/measured"))
                        .contains("registry.example/no/such:1", " ended after "));
        assertThat(json("/debug/api/measurement").path("failure").asText()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"image=", "image=UPPER%2F", "other=a", "image=%3Cscript%3E", "image=%zz"})
    void whatIsNoImageIsRefused(String form) throws Exception {
        assertThat(ask(agent, "POST", "/debug/web/measure", form))
                .startsWith("HTTP/1.1 400 ")
                .doesNotContain("<script>");
    }

    @Test
    void aFormThatIsTooLargeIsRefused() throws Exception {
        assertThat(ask(agent, "POST", "/debug/web/measure", "image=" + "a".repeat(5000)))
                .startsWith("HTTP/1.1 400 ");
    }

    @Test
    void theNodeIsExamined() throws Exception {
        assertThat(ask(agent, "POST", "/debug/web/examine", "")).startsWith("HTTP/1.1 303 ");
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(get("/debug/web/section/health")).contains("Examined ", "advertised-tags"));
        JsonNode examined = json("/debug/api/examination");
        assertThat(examined.path("running").asBoolean(true)).isFalse();
        assertThat(examined.path("findings")).isNotEmpty().allMatch(finding -> finding.hasNonNull("status"));
        assertThat(ask(agent, "POST", "/debug/api/examination", ""))
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET\r\n");
    }

    @Test
    void withoutThePageTheRestStays() throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        AgentConfig config = new AgentConfig(
                anyPort,
                anyPort,
                new StoreConfig.OciLayout(TestAgents.emptyLayout(directory.resolve("b"))),
                new RouterConfig.Dht(anyPort, Optional.empty(), Optional.empty(), new BootstrapConfig.Nobody()),
                RegistryConfig.DEFAULTS,
                Optional.empty(),
                Duration.ofSeconds(5),
                false);
        try (Agent bare = Agent.start(config)) {
            for (String path : List.of("", "metadata", "style.css", "section/peers")) {
                assertThat(ask(bare, "GET", "/debug/web/" + path, "")).startsWith("HTTP/1.1 404 ");
            }
            assertThat(ask(bare, "POST", "/debug/web/examine", "")).startsWith("HTTP/1.1 404 ");
            assertThat(ask(bare, "GET", "/debug/api/status", "")).startsWith("HTTP/1.1 200 ");
        }
    }

    /** Over TLS with itself, though its certificate isn't for the address, and content is for who shows one only. */
    @Test
    void anAgentWithTlsMeasuresAndExaminesItself() throws Exception {
        TlsFiles files = new TestAuthority("cluster")
                .issue(directory.resolve("tls"), "127.0.0.2", Instant.now().plus(Duration.ofHours(1)));
        AgentConfig plain = TestAgents.dht(
                TestAgents.layoutWith(directory.resolve("tls-layout"), SampleImages.severalLayers(), IMAGE),
                Optional.empty(),
                new BootstrapConfig.Nobody());
        AgentConfig config = new AgentConfig(
                plain.registryAddress(),
                plain.metricsAddress(),
                plain.store(),
                new RouterConfig.StaticPeers(List.of(new PeerAddress("127.0.0.1", 1))),
                plain.registry(),
                Optional.of(new TlsConfig(files, Optional.empty(), true)),
                plain.shutdownGrace(),
                true);
        try (Agent encrypted = Agent.start(config)) {
            assertThat(ask(encrypted, "POST", "/debug/web/measure", "image=registry.example%2Fsamples%2Fapp%3A1.0"))
                    .startsWith("HTTP/1.1 303 ");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(ask(encrypted, "GET", "/debug/api/measurement", ""))
                            .contains(
                                    "\"report\"",
                                    SampleImages.severalLayers()
                                            .target()
                                            .digest()
                                            .toString()));
            AgentView view = new AgentView(
                    new PeerAddress("127.0.0.1", encrypted.metricsAddress().getPort()));
            await().atMost(LIMIT).until(() -> view.tags().advertised() == 1);
            assertThat(ask(encrypted, "POST", "/debug/web/examine", "")).startsWith("HTTP/1.1 303 ");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(ask(encrypted, "GET", "/debug/api/examination", ""))
                            .contains("advertised tags were asked for, and can be served"));
        }
    }
}
