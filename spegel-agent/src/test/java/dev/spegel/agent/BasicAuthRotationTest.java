package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.registry.MirrorConfig;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.RotatingCredentials;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Credentials are replaced under load, on one node before the other, and no request is refused for it. */
@Timeout(120)
class BasicAuthRotationTest {
    private static final Reference IMAGE = Reference.parse("registry.example/samples/app:1.0");
    private static final SampleImage SAMPLE = SampleImages.severalLayers();
    private static final int CLIENTS = 3;

    /** A while, for each state that the nodes can be in. */
    private static final int REQUESTS_A_PHASE = 40;

    private static final BasicCredentials FIRST = new BasicCredentials("node", "s3cret-one");
    private static final BasicCredentials SECOND = new BasicCredentials("node", "s3cret-two");
    private static final BasicCredentials THIRD = new BasicCredentials("mirror", "s3cret-three");

    @TempDir
    private Path directory;

    private final LogRecord log = new LogRecord();
    private volatile BasicCredentials clientShows = FIRST;
    private final AtomicInteger answered = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final List<Thread> clients = new ArrayList<>();
    private Node holder;
    private Node other;

    private record Node(Agent agent, MountedSecret secret, RotatingCredentials credentials) {
        static Node start(Path directory, Path layout, Listeners listeners, PeerAddress... peers) throws Exception {
            MountedSecret secret = new MountedSecret(directory, FIRST);
            RotatingCredentials credentials = new RotatingCredentials(FIRST, Upkeep.GRACE, System::nanoTime);
            AgentConfig config = new AgentConfig(
                    listeners.registryAddress(),
                    listeners.metricsAddress(),
                    new StoreConfig.OciLayout(layout),
                    new RouterConfig.StaticPeers(List.of(peers)),
                    RegistryConfig.DEFAULTS
                            .withMirror(MirrorConfig.DEFAULTS.withLookupLimit(Duration.ofSeconds(10)))
                            .withCredentials(credentials),
                    Optional.empty(),
                    Duration.ofSeconds(5),
                    true,
                    new Upkeep(
                            Optional.of(new Upkeep.BasicAuth(new BasicAuthFiles(secret.directory()), credentials)),
                            Optional.empty(),
                            Duration.ofMillis(10)));
            return new Node(Agent.start(config, listeners), secret, credentials);
        }

        void rotate(BasicCredentials pair) throws Exception {
            secret.replace(pair);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> credentials.current().equals(pair));
        }
    }

    @BeforeEach
    void startTwo() throws Exception {
        Listeners first = TestAgents.listen();
        Listeners second = TestAgents.listen();
        PeerAddress[] peers = {TestAgents.addressOf(first), TestAgents.addressOf(second)};
        Path layout = TestAgents.layoutWith(directory.resolve("a"), SAMPLE, IMAGE);
        holder = Node.start(directory.resolve("secret-a"), layout, first, peers);
        other = Node.start(
                directory.resolve("secret-b"), TestAgents.emptyLayout(directory.resolve("b")), second, peers);
    }

    @AfterEach
    void close() throws Exception {
        enough.set(true);
        for (Thread client : clients) {
            client.join();
        }
        holder.agent().close();
        other.agent().close();
        log.close();
        assertThat(log.lines()).isNotEmpty().allSatisfy(line -> {
            assertThat(line).doesNotContain("s3cret");
            for (BasicCredentials pair : List.of(FIRST, SECOND, THIRD)) {
                assertThat(line).doesNotContain(pair.headerValue().substring("Basic ".length()));
            }
        });
    }

    /** Asks the node that has nothing, which has to ask the other for each. */
    private void request(HttpClient http) {
        BasicCredentials shown = clientShows;
        for (Descriptor content : SAMPLE.content()) {
            String kind = content.mediaType().isManifest() ? "manifests" : "blobs";
            URI uri = URI.create("http://127.0.0.1:%d/v2/samples/app/%s/%s?ns=registry.example"
                    .formatted(other.agent().registryAddress().getPort(), kind, content.digest()));
            try {
                HttpResponse<byte[]> response = http.send(
                        HttpRequest.newBuilder(uri)
                                .header("Authorization", shown.headerValue())
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                if (response.statusCode() != 200 || response.body().length != content.sizeBytes()) {
                    failures.add(response.statusCode() + " with " + shown.user() + ": "
                            + new String(response.body(), StandardCharsets.UTF_8));
                }
            } catch (Exception e) {
                failures.add(e.toString());
            }
            answered.incrementAndGet();
        }
    }

    private void startClients() {
        HttpClient http = HttpClient.newHttpClient();
        for (int i = 0; i < CLIENTS; i++) {
            Thread client = new Thread(
                    () -> {
                        while (!enough.get()) {
                            request(http);
                        }
                    },
                    "client-" + i);
            clients.add(client);
            client.start();
        }
    }

    private void goOnForAWhile() {
        int target = answered.get() + REQUESTS_A_PHASE;
        await().atMost(Duration.ofSeconds(60)).until(() -> answered.get() >= target);
        assertThat(failures).isEmpty();
    }

    @Test
    void noRequestIsRefusedWhileNodesChangeOneAfterTheOther() throws Exception {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> other.agent().notReadyBecause().isEmpty());
        startClients();
        goOnForAWhile();
        other.rotate(SECOND); // shows the new pair to one who doesn't know it yet
        goOnForAWhile();
        holder.rotate(SECOND);
        goOnForAWhile();
        clientShows = SECOND;
        goOnForAWhile();
        holder.rotate(THIRD); // is shown the old pair by one who doesn't know the new one yet
        goOnForAWhile();
        other.rotate(THIRD);
        goOnForAWhile();
        clientShows = THIRD;
        goOnForAWhile();
    }

    @Test
    void whoShowsNothingOrSomethingElseIsRefusedThroughout() throws Exception {
        holder.rotate(SECOND);
        int port = holder.agent().registryAddress().getPort();
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/"));
        assertThat(http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(401);
        request.header("Authorization", THIRD.headerValue());
        assertThat(http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(401);
    }
}
