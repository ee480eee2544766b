package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.containerd.ContainerdConfig;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.routing.PeerAddress;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120) // a transfer that hangs must fail the test, not the build
class AgentTest {
    private static final Reference IMAGE = Reference.parse("registry.example/samples/app:1.0");
    private static final SampleImage SAMPLE = SampleImages.severalLayers();
    private static final String MANIFEST = "/v2/samples/app/manifests/1.0?ns=registry.example";
    private static final Duration GRACE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Agent holder;
    private Agent other;

    /** Two agents that know each other; the first has an image. */
    @BeforeEach
    void startTwo() throws Exception {
        Listeners first = TestAgents.listen();
        Listeners second = TestAgents.listen();
        PeerAddress[] peers = {TestAgents.addressOf(first), TestAgents.addressOf(second)};
        holder = TestAgents.start(TestAgents.layoutWith(directory.resolve("a"), SAMPLE, IMAGE), first, GRACE, peers);
        other = TestAgents.start(TestAgents.emptyLayout(directory.resolve("b")), second, GRACE, peers);
    }

    @AfterEach
    void close() {
        holder.close();
        other.close();
    }

    @Test
    void twoInOneProcessServeEachOthersContent() throws Exception {
        HttpResponse<String> local = TestAgents.get(holder.registryAddress(), MANIFEST);
        HttpResponse<String> mirrored = TestAgents.get(other.registryAddress(), MANIFEST);
        assertThat(local.headers().firstValue("Spegel-Served-By")).contains("local");
        assertThat(mirrored.statusCode()).isEqualTo(200);
        assertThat(mirrored.body()).isEqualTo(local.body());
        assertThat(mirrored.headers().firstValue("Spegel-Served-By"))
                .contains("127.0.0.1:" + holder.registryAddress().getPort());
    }

    @Test
    void getsReadyOnceAnotherNodeAnswers() {
        await().untilAsserted(() -> assertThat(
                        TestAgents.get(other.registryAddress(), "/readyz").statusCode())
                .isEqualTo(200));
    }

    @Test
    void isNotReadyByItself() throws Exception {
        Listeners alone = TestAgents.listen();
        try (Agent agent = TestAgents.start(
                TestAgents.emptyLayout(directory.resolve("c")), alone, GRACE, TestAgents.addressOf(alone))) {
            HttpResponse<String> answer = TestAgents.get(agent.registryAddress(), "/readyz");
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).isEqualTo("no other node has answered yet\n");
            assertThat(TestAgents.get(agent.registryAddress(), "/livez").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void mirrorsThoughThereIsNoContainerd() throws Exception {
        Listeners listeners = TestAgents.listen();
        StoreConfig none = new StoreConfig.Containerd(ContainerdConfig.DEFAULTS.withSocket(
                directory.resolve("none.sock").toAbsolutePath()));
        try (Agent agent = TestAgents.start(
                none,
                listeners,
                GRACE,
                new PeerAddress("127.0.0.1", holder.registryAddress().getPort()))) {
            await().untilAsserted(() -> assertThat(
                            TestAgents.get(agent.registryAddress(), MANIFEST).statusCode())
                    .isEqualTo(200));
            HttpResponse<String> readiness = TestAgents.get(agent.registryAddress(), "/readyz");
            assertThat(readiness.statusCode()).isEqualTo(500);
            assertThat(readiness.body().lines())
                    .startsWith("containerd hasn't answered yet at "
                            + directory.resolve("none.sock").toAbsolutePath() + "; trying again until it does")
                    .contains("containerd: version unknown, not connected");
            assertThat(scrape(agent))
                    .contains(
                            "spegel_containerd_connected 0.0",
                            "spegel_containerd_connections_total 0.0",
                            "spegel_containerd_images 0.0");
        }
    }

    @Test
    void metricsHaveTheGoImplementationsNames() throws Exception {
        TestAgents.get(other.registryAddress(), MANIFEST);
        TestAgents.get(other.registryAddress(), "/v2/no/such/manifests/1?ns=registry.example");
        await().untilAsserted(() ->
                assertThat(scrape(holder)).contains("spegel_advertised_image_tags{registry=\"registry.example\"} 1.0"));
        assertThat(scrape(holder))
                .contains(
                        "spegel_advertised_image_digests{registry=\"registry.example\"}",
                        "spegel_advertised_content_digests{registry=\"registry.example\"}");
        assertThat(scrape(other))
                .containsPattern("spegel_mirror_requests_total\\{cache=\"hit\",registry=\"other\"} 1.0")
                .containsPattern("spegel_mirror_requests_total\\{cache=\"miss\",registry=\"other\"} 1.0")
                .contains("spegel_mirror_last_success_timestamp_seconds ")
                .contains("spegel_resolve_duration_seconds_bucket{router=\"static\"")
                .containsPattern("http_request_duration_seconds_bucket\\{.*handler=\"/v2/")
                .containsPattern("http_response_size_bytes_bucket\\{.*handler=\"/v2/")
                .containsPattern("http_requests_inflight\\{.*handler=\"/v2/")
                .contains(
                        "jvm_memory_used_bytes",
                        "process_cpu_seconds_total",
                        "process_resident_memory_bytes",
                        "process_files_open_files");
        assertThat(scrape(other)).as("nothing is shared").doesNotContain("spegel_advertised_image_tags{");
    }

    @Test
    void tellsWhatItsMirrorDid() throws Exception {
        TestAgents.get(other.registryAddress(), MANIFEST);
        TestAgents.get(other.registryAddress(), "/v2/no/such/manifests/1?ns=registry.example");
        ObjectMapper json = new ObjectMapper();
        await().untilAsserted(() -> {
            JsonNode requests = json.readTree(TestAgents.get(other.metricsAddress(), "/debug/api/requests")
                            .body())
                    .path("requests");
            assertThat(requests).hasSize(2);
            assertThat(requests.path(0).path("hit").asBoolean()).isFalse();
            assertThat(requests.path(0).path("whyNot").asText()).isNotEmpty();
            assertThat(requests.path(1).path("hit").asBoolean()).isTrue();
            assertThat(requests.path(1).path("servedBy").asText())
                    .isEqualTo("127.0.0.1:" + holder.registryAddress().getPort());
        });
        JsonNode minutes = json.readTree(TestAgents.get(other.metricsAddress(), "/debug/api/history")
                        .body())
                .path("minutes");
        assertThat(minutes).isNotEmpty();
        JsonNode peers = json.readTree(TestAgents.get(other.metricsAddress(), "/debug/api/peers?measure=false")
                        .body())
                .path("peers");
        assertThat(peers.findValuesAsText("inFlight")).as("one was asked").contains("0");
    }

    private static String scrape(Agent agent) throws IOException, InterruptedException {
        HttpResponse<String> answer = TestAgents.get(agent.metricsAddress(), "/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        return answer.body();
    }

    @Test
    void theMetricsServerServesNothingElse() throws Exception {
        assertThat(TestAgents.get(other.metricsAddress(), "/v2/").statusCode()).isEqualTo(404);
        assertThat(TestAgents.get(other.registryAddress(), "/metrics").statusCode())
                .isEqualTo(404);
    }

    @Test
    void anAddressThatIsTakenIsNamed() throws Exception {
        InetSocketAddress taken = holder.registryAddress();
        InetSocketAddress free = new InetSocketAddress(taken.getAddress(), 0);
        assertThatThrownBy(() -> Listeners.bind(taken, free))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can't listen on")
                .hasMessageContaining(":" + taken.getPort() + " for the registry")
                .hasMessageContaining("in use");
    }

    @Test
    void aFailedStartLeavesNothingListening() throws Exception {
        Listeners listeners = TestAgents.listen();
        assertThatThrownBy(() -> TestAgents.start(
                        directory.resolve("no-such-layout"), listeners, GRACE, TestAgents.addressOf(listeners)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no-such-layout");
        try (ServerSocket again = new ServerSocket()) {
            again.bind(listeners.registryAddress());
            assertThat(again.isBound()).isTrue();
        }
    }

    @Test
    void closingTwiceIsHarmless() {
        other.close();
        other.close();
        assertThat(other.notReadyBecause()).contains("this node is stopping");
    }

    /** More than the sockets on both sides and the server's buffers hold, so that the transfer can't end unread. */
    private static final long LARGE_BYTES = 64L << 20;

    @Test
    void aStopWaitsForARunningTransferAndTakesNoNewOne() throws Exception {
        Listeners listeners = TestAgents.listen();
        Path layout = directory.resolve("large");
        Descriptor layer = largeLayer(layout);
        Agent agent = TestAgents.start(layout, listeners, GRACE, TestAgents.addressOf(listeners));
        InetSocketAddress address = agent.registryAddress();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            InputStream body = request(client, layer);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(agent::close);
            await().untilAsserted(() ->
                    assertThatThrownBy(() -> TestAgents.get(address, "/livez")).isInstanceOf(IOException.class));
            assertThat(stopped).isNotDone();
            assertThat(layer.digest()).isEqualTo(digestOf(body, layer.sizeBytes()));
            stopped.get();
        } finally {
            agent.close();
        }
    }

    @Test
    void aStopCutsATransferThatOutlivesTheGrace() throws Exception {
        Listeners listeners = TestAgents.listen();
        Path layout = directory.resolve("large");
        Descriptor layer = largeLayer(layout);
        Agent agent = TestAgents.start(layout, listeners, Duration.ofMillis(100), TestAgents.addressOf(listeners));
        InetSocketAddress address = agent.registryAddress();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            InputStream body = request(client, layer);
            agent.close();
            assertThat(bytesUntilTheEnd(body)).isLessThan(layer.sizeBytes());
        }
    }

    private static Descriptor largeLayer(Path layout) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor manifest = GeneratedImage.of(1, 1, LARGE_BYTES).writeTo(writer);
            writer.name(IMAGE, manifest);
            writer.commit();
            byte[] json = writer.read(manifest.digest()).orElseThrow().readAllBytes();
            return ImageManifest.parse(json).layers().get(0);
        }
    }

    /** Asks for a blob and reads the headers only. */
    private static InputStream request(Socket client, Descriptor blob) throws IOException {
        client.setReceiveBufferSize(64 * 1024);
        String request =
                "GET /v2/samples/app/blobs/%s?ns=registry.example HTTP/1.1\r\nHost: x\r\n\r\n".formatted(blob.digest());
        client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        InputStream in = client.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("the headers end").isNotNegative();
            head.append((char) next);
        }
        assertThat(head).startsWith("HTTP/1.1 200 ");
        return in;
    }

    private static Digest digestOf(InputStream in, long sizeBytes) throws IOException {
        MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
        byte[] buffer = new byte[64 * 1024];
        for (long left = sizeBytes; left > 0; ) {
            int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            assertThat(count)
                    .as("bytes before the end, of " + left + " to come")
                    .isPositive();
            hash.update(buffer, 0, count);
            left -= count;
        }
        return Digest.of(Digest.Algorithm.SHA256, hash.digest());
    }

    private static long bytesUntilTheEnd(InputStream in) {
        long total = 0;
        byte[] buffer = new byte[64 * 1024];
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                total += count;
            }
        } catch (IOException e) {
            return total; // a reset is an end too
        }
        return total;
    }
}
