package dev.spegel.agent.support;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import dev.spegel.agent.logs.LogBackend;
import dev.spegel.agent.logs.LogFormat;
import dev.spegel.agent.logs.LogLevel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SupportHandlerTest {
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final SupportHandler handler = new SupportHandler();

    @BeforeEach
    void start() throws Exception {
        LogBackend.writeTo(logged, LogLevel.INFO, LogFormat.TEXT);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(handler);
        server.start();
    }

    @AfterEach
    void stop() {
        handler.close();
        LifeCycle.stop(server);
        ((LoggerContext) LoggerFactory.getILoggerFactory()).reset();
    }

    private HttpRequest request(String method, String what, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/debug/api/" + what))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    private HttpResponse<String> send(String method, String what, String... headers) throws Exception {
        return http.send(request(method, what, headers), BodyHandlers.ofString());
    }

    @Test
    void theLevelIsShownAndChanged() throws Exception {
        assertThat(send("GET", "log-level").body()).isEqualToIgnoringWhitespace("{\"level\":\"INFO\"}");
        assertThat(send("PUT", "log-level?level=debug").body()).isEqualToIgnoringWhitespace("{\"level\":\"DEBUG\"}");
        assertThat(LogBackend.level()).isEqualTo(LogLevel.DEBUG);
        assertThat(send("GET", "log-level").body()).isEqualToIgnoringWhitespace("{\"level\":\"DEBUG\"}");
        assertThat(logged.toString(StandardCharsets.UTF_8)).contains("The log level is DEBUG from now on");
    }

    @ParameterizedTest
    @ValueSource(strings = {"log-level", "log-level?level=", "log-level?level=loud", "log-level?niveau=DEBUG"})
    void aLevelThatThereIsNotIsRefused(String what) throws Exception {
        HttpResponse<String> answer = send("PUT", what);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("a log level is DEBUG, INFO, WARN or ERROR");
        assertThat(LogBackend.level()).isEqualTo(LogLevel.INFO);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, log-level, 'GET, PUT'",
        "DELETE, log-level, 'GET, PUT'",
        "GET, threads, POST",
        "GET, heap, POST",
        "HEAD, memory, POST",
        "PUT, recording, POST"
    })
    void theMethodMustBeRight(String method, String what, String allowed) throws Exception {
        HttpResponse<String> answer = send(method, what);
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains(allowed);
    }

    @ParameterizedTest
    @CsvSource({"Origin, http://evil.example", "Origin, null", "Sec-Fetch-Site, cross-site", "Sec-Fetch-Site, same-site"
    })
    void anotherSitesPageIsRefused(String header, String value) throws Exception {
        for (String[] asked : new String[][] {
            {"PUT", "log-level?level=DEBUG"}, {"GET", "log-level"}, {"POST", "heap"}, {"POST", "recording?seconds=1"}
        }) {
            assertThat(send(asked[0], asked[1], header, value).statusCode()).isEqualTo(403);
        }
        assertThat(LogBackend.level()).isEqualTo(LogLevel.INFO);
    }

    /** A page whose name leads to 127.0.0.1 by now is of the same origin as what it asks. */
    @ParameterizedTest
    @CsvSource({"evil.example, 403", "evil.example:80, 403", "localhost, 200", "127.0.0.1:9090, 200", "[::1], 200"})
    void theHostMustBeAnAddress(String host, int status) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            socket.getOutputStream()
                    .write(
                            "PUT /debug/api/log-level?level=DEBUG HTTP/1.1\r\nHost: %s\r\nOrigin: http://%1$s\r\nConnection: close\r\n\r\n"
                                    .formatted(host)
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void onlyThisNodeIsObeyed() throws IOException {
        InetAddress here = InetAddress.getByAddress(new byte[] {10, 0, 0, 7});
        InetAddress neighbour = InetAddress.getByAddress(new byte[] {10, 0, 0, 8});
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 9});
        assertThat(LocalCaller.isFromHere(here, here)).isTrue();
        assertThat(LocalCaller.isFromHere(loopback, here)).isTrue();
        assertThat(LocalCaller.isFromHere(neighbour, here)).isFalse();
        assertThat(LocalCaller.isFromHere(InetAddress.getByAddress(new byte[16]), here))
                .isFalse();
    }

    @Test
    void otherPathsAreLeftToOthers() throws Exception {
        for (String what : List.of("status", "log-levels", "recording/1", "")) {
            assertThat(send("POST", what).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void reportsAreText() throws Exception {
        assertThat(send("POST", "heap").body()).contains("#instances", "java.lang.String", "Total");
        assertThat(send("POST", "threads").body()).contains("Full thread dump", "SupportHandlerTest", "\tat ");
        assertThat(send("POST", "memory").body())
                .contains("== Heap", "== Classes", "== Compiled code", "== Pages of the process", "Rss:", "VmRSS:");
    }

    @Test
    void aRecordingHasWhatTheJvmDidAndNoSecrets(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("recording.jfr");
        HttpResponse<Path> answer = http.send(request("POST", "recording?seconds=1"), BodyHandlers.ofFile(file));
        assertThat(answer.statusCode()).isEqualTo(200);
        List<String> types = RecordingFile.readAllEvents(file).stream()
                .map(RecordedEvent::getEventType)
                .map(type -> type.getName())
                .distinct()
                .toList();
        assertThat(types)
                .contains("jdk.CPULoad", "jdk.ActiveSetting")
                .doesNotContain("jdk.InitialEnvironmentVariable", "jdk.InitialSystemProperty", "jdk.SystemProcess");
        // The environment of this test has something else than a secret in it, which mustn't get there either.
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(bytes).doesNotContain("PATH=", System.getenv("PATH"), "-Xmx");
    }

    @Test
    void oneRecordingAtATime() throws Exception {
        CompletableFuture<HttpResponse<String>> first =
                http.sendAsync(request("POST", "recording?seconds=600"), BodyHandlers.ofString());
        while (!logged.toString(StandardCharsets.UTF_8).contains("Recording the JVM for 600 s")) {
            Thread.onSpinWait();
        }
        HttpResponse<String> second = send("POST", "recording?seconds=1");
        assertThat(second.statusCode()).isEqualTo(503);
        assertThat(second.body()).contains("a recording runs already");
        handler.close();
        HttpResponse<String> ended = first.get(1, TimeUnit.MINUTES);
        assertThat(ended.statusCode()).isEqualTo(500);
        assertThat(ended.body()).contains("the agent is stopping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "601", "-1", "1m", "", "99999999999"})
    void aRecordingHasItsBounds(String seconds) throws Exception {
        HttpResponse<String> answer = send("POST", "recording?seconds=" + seconds);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("a recording takes 1 to 600 whole seconds");
    }
}
