package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.spegel.oci.Digest;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** One name for a request, in answers and in the logs of both nodes that deal with it. */
class RequestIdTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final String BLOB = "/v2/team/app/blobs/" + Digest.ofSha256(CONTENT) + "?ns=registry.example";
    private static final String NOWHERE = "/v2/team/app/blobs/" + Digest.ofSha256(new byte[9]) + "?ns=registry.example";

    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.spegel.registry");
    private final List<ILoggingEvent> logged = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            event.prepareForDeferredProcessing(); // an event asks for the context of the thread only when it is
            // first read
            logged.add(event);
        }
    };

    private TestRegistry holder;
    private TestRegistry mirror;

    @BeforeEach
    void start() throws Exception {
        appender.start();
        logger.setLevel(Level.DEBUG);
        logger.addAppender(appender);
        holder = new TestRegistry(RegistryConfig.DEFAULTS, MemoryStore.of(CONTENT), new OrderedRouter());
        mirror = new TestRegistry(
                RegistryConfig.DEFAULTS,
                MemoryStore.of(),
                new OrderedRouter(new Peer(
                        "holder", List.of(InetAddress.getLoopbackAddress()), holder.port(), Optional.empty())));
    }

    @AfterEach
    void stop() {
        mirror.close();
        holder.close();
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    private List<String> linesOf(String id) {
        return logged.stream()
                .filter(event -> id.equals(event.getMDCPropertyMap().get("request")))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private RawHttp.Answer get(String target, String id) throws IOException {
        return mirror.client().get(target, "X-Request-Id: " + id);
    }

    @Test
    void aClientsIdIsInTheAnswerAndInTheLogsOfBothNodes() throws IOException {
        RawHttp.Answer answer = get(BLOB, "pull-7.of_9");
        assertThat(answer.body()).isEqualTo(CONTENT);
        assertThat(answer.header("X-Request-Id")).contains("pull-7.of_9");
        await().untilAsserted(() -> assertThat(linesOf("pull-7.of_9"))
                .filteredOn(line -> line.contains(": 200, 3 bytes"))
                .hasSize(2));
    }

    @Test
    void aFailureOfThePeerIsLoggedUnderTheId() throws IOException {
        RawHttp.Answer answer = get(NOWHERE, "missed");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("X-Request-Id")).contains("missed");
        await().untilAsserted(() -> assertThat(linesOf("missed"))
                .anyMatch(line -> line.contains("peer \"holder\" doesn't give"))
                .anyMatch(line -> line.contains("isn't mirrored"))
                .filteredOn(line -> line.contains(": 404, "))
                .hasSize(2));
    }

    @Test
    void aListenerHearsTheId() throws IOException {
        get(BLOB, "heard");
        await().until(() -> mirror.answered.size() == 1 && holder.answered.size() == 1);
        assertThat(mirror.answered.get(0).id()).isEqualTo("heard");
        assertThat(holder.answered.get(0).id()).isEqualTo("heard");
    }

    @Test
    void withoutOneEachRequestGetsItsOwn() throws IOException {
        String first = mirror.client().get("/v2/").header("X-Request-Id").orElseThrow();
        String second = mirror.client().get("/v2/").header("X-Request-Id").orElseThrow();
        assertThat(first).matches("[0-9a-f]{16}").isNotEqualTo(second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-x", "a b", "a\"b", "a;b", "a,b", "<script>", "\u001b[31m", "ü"})
    void whatCouldBeTakenForSomethingElseIsReplaced(String said) throws IOException {
        assertThat(get(NOWHERE, said).header("X-Request-Id").orElseThrow()).matches("[0-9a-f]{16}");
        assertThat(logged)
                .extracting(event -> event.getMDCPropertyMap().get("request"))
                .allSatisfy(id -> assertThat(id).matches("[0-9a-f]{16}"));
    }

    @Test
    void anEndlessOneIsReplaced() throws IOException {
        assertThat(get("/v2/", "x".repeat(64)).header("X-Request-Id")).contains("x".repeat(64));
        assertThat(get("/v2/", "x".repeat(65)).header("X-Request-Id").orElseThrow())
                .matches("[0-9a-f]{16}");
    }

    @Test
    void aRequestThatNoHandlerSeesHasOneTooAndIsLogged() throws IOException {
        RawHttp.Answer answer =
                mirror.client().exchange("GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: a\r\n\r\n", false);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(linesOf(answer.header("X-Request-Id").orElseThrow()))
                .anyMatch(line -> line.startsWith("A request is refused with 400: "));
    }

    @Test
    void oneConnectionsRequestsAreToldApart() throws IOException {
        try (Socket socket = mirror.client().open()) {
            for (String id : List.of("first", "second")) {
                String request = "GET %s HTTP/1.1\r\nHost: x\r\nX-Request-Id: %s\r\n\r\n".formatted(NOWHERE, id);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                assertThat(RawHttp.read(socket, false).header("X-Request-Id")).contains(id);
            }
        }
        await().untilAsserted(() -> assertThat(linesOf("second")).hasSameSizeAs(linesOf("first")));
    }
}
