package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.tls.ReloadedTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FaultyPeerTest {
    private static final int SIZE = 300_000;

    private final byte[] blob = new byte[SIZE];
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private FaultyPeer peer;
    private Digest digest;

    @BeforeEach
    void start() throws IOException {
        new Random(7).nextBytes(blob);
        peer = FaultyPeer.start();
        digest = peer.addBlob(blob);
    }

    @AfterEach
    void close() {
        peer.close();
    }

    private HttpResponse<byte[]> send(String method, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + peer.hostAndPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> getBlob(String... headers) throws IOException, InterruptedException {
        return send("GET", "/v2/app/blobs/" + digest, headers);
    }

    /** What a plain socket sees, up to the end of the stream. */
    private byte[] rawBody() throws IOException {
        try (Socket socket =
                new Socket(peer.peer().addresses().get(0), peer.peer().registryPort())) {
            socket.setSoTimeout(500);
            socket.getOutputStream()
                    .write(("GET /v2/app/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return readBody(socket.getInputStream());
        }
    }

    private static byte[] readBody(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            all.write(buffer, 0, n);
        }
        String text = all.toString(StandardCharsets.ISO_8859_1);
        return Arrays.copyOfRange(all.toByteArray(), text.indexOf("\r\n\r\n") + 4, all.size());
    }

    @Test
    void servesABlobWithTheRightHeaders() throws Exception {
        HttpResponse<byte[]> response = getBlob();
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(blob);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/octet-stream");
        assertThat(response.headers().firstValue("Docker-Content-Digest")).contains(digest.toString());
        assertThat(response.headers().firstValue("Accept-Ranges")).contains("bytes");
        HttpResponse<byte[]> head = send("HEAD", "/v2/app/blobs/" + digest);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void servesRanges() throws Exception {
        HttpResponse<byte[]> middle = getBlob("Range", "bytes=10-19");
        assertThat(middle.statusCode()).isEqualTo(206);
        assertThat(middle.body()).isEqualTo(Arrays.copyOfRange(blob, 10, 20));
        assertThat(middle.headers().firstValue("Content-Range")).contains("bytes 10-19/" + SIZE);
        assertThat(getBlob("Range", "bytes=299990-").body()).isEqualTo(Arrays.copyOfRange(blob, 299_990, SIZE));
        assertThat(getBlob("Range", "bytes=-5").body()).isEqualTo(Arrays.copyOfRange(blob, SIZE - 5, SIZE));
        assertThat(getBlob("Range", "bytes=300000-").statusCode()).isEqualTo(416);
    }

    @Test
    void servesAManifestByDigestAndTagButNotAsBlob() throws Exception {
        Digest manifest = peer.add(MediaType.OCI_MANIFEST, "{}".getBytes(StandardCharsets.UTF_8));
        peer.tag(new TagReference("example.com:5000", "app", "1"), manifest);
        HttpResponse<byte[]> byTag = send("GET", "/v2/app/manifests/1?ns=example.com%3A5000");
        assertThat(byTag.statusCode()).isEqualTo(200);
        assertThat(byTag.headers().firstValue("Content-Type")).contains(MediaType.OCI_MANIFEST.value());
        assertThat(send("HEAD", "/v2/app/manifests/" + manifest).statusCode()).isEqualTo(200);
        assertThat(send("GET", "/v2/example.com:5000/app/manifests/1").statusCode())
                .isEqualTo(200);
        assertThat(send("GET", "/v2/app/manifests/1?ns=example.org").statusCode())
                .isEqualTo(404);
        assertThat(send("GET", "/v2/app/blobs/" + manifest).statusCode()).isEqualTo(404);
        assertThat(send("GET", "/v2/app/manifests/" + digest).statusCode()).isEqualTo(404);
    }

    @Test
    void whatIsRemovedIsNotFound() throws Exception {
        peer.remove(digest);
        assertThat(getBlob().statusCode()).isEqualTo(404);
    }

    @Test
    void recordsRequests() throws Exception {
        getBlob("X-Spegel-Mirrored", "true");
        peer.awaitRequests(1, Duration.ofSeconds(5));
        SeenRequest seen = peer.requests().get(0);
        assertThat(seen.method()).isEqualTo("GET");
        assertThat(seen.target()).isEqualTo("/v2/app/blobs/" + digest);
        assertThat(seen.header("x-spegel-MIRRORED")).contains("true");
        assertThatThrownBy(() -> peer.awaitRequests(2, Duration.ZERO)).isInstanceOf(AssertionError.class);
    }

    @Test
    void queuedFaultsComeBeforeTheUsualOne() throws Exception {
        peer.behave(new Fault.Answer(500));
        peer.enqueue(new Fault.None(), new Fault.Answer(429), Fault.Answer.redirectTo("/elsewhere"));
        assertThat(getBlob().statusCode()).isEqualTo(200);
        assertThat(getBlob().statusCode()).isEqualTo(429);
        HttpResponse<byte[]> redirect = getBlob();
        assertThat(redirect.statusCode()).isEqualTo(307);
        assertThat(redirect.headers().firstValue("Location")).contains("/elsewhere");
        assertThat(getBlob().statusCode()).isEqualTo(500);
    }

    @Test
    void refusesConnectionsUntilItListensAgain() throws Exception {
        getBlob();
        peer.refuse();
        assertThatThrownBy(() ->
                        new Socket(peer.peer().addresses().get(0), peer.peer().registryPort()).close())
                .isInstanceOf(ConnectException.class);
        peer.listen();
        assertThat(getBlob().statusCode()).isEqualTo(200);
    }

    @Test
    void closesWhatItHasAccepted() throws Exception {
        peer.behave(new Fault.CloseAfterAccept());
        try (Socket socket =
                new Socket(peer.peer().addresses().get(0), peer.peer().registryPort())) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        peer.behave(new Fault.None());
        assertThat(getBlob().statusCode()).isEqualTo(200);
    }

    @Test
    void stallsBeforeHeadersUntilTheClientHangsUp() throws Exception {
        peer.behave(new Fault.StallBeforeHeaders());
        assertThatThrownBy(this::rawBody).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void stallsInTheBody() throws Exception {
        peer.behave(new Fault.StallAt(1000));
        try (Socket socket =
                new Socket(peer.peer().addresses().get(0), peer.peer().registryPort())) {
            socket.setSoTimeout(500);
            socket.getOutputStream()
                    .write(("GET /v2/app/blobs/" + digest + " HTTP/1.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String head = "";
            while (!head.endsWith("\r\n\r\n")) {
                head += (char) in.read();
            }
            assertThat(head).contains("Content-Length: " + SIZE);
            assertThat(in.readNBytes(1000)).isEqualTo(Arrays.copyOf(blob, 1000));
            assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void cutsInOrder() throws Exception {
        peer.behave(new Fault.CutAt(1000));
        assertThat(rawBody()).isEqualTo(Arrays.copyOf(blob, 1000));
    }

    @Test
    void resets() {
        peer.behave(new Fault.ResetAt(1000));
        assertThatThrownBy(this::rawBody).isInstanceOf(SocketException.class).hasMessageContaining("reset");
    }

    @Test
    void corruptsOneByte() throws Exception {
        peer.behave(new Fault.CorruptAt(1000));
        byte[] expected = blob.clone();
        expected[1000] = (byte) ~blob[1000];
        assertThat(getBlob().body()).isEqualTo(expected);
        assertThat(getBlob("Range", "bytes=500-").body()[1000]).isEqualTo((byte) ~blob[1500]);
    }

    @Test
    void liesAboutItsLength() throws Exception {
        peer.behave(new Fault.WrongLength(-10));
        assertThat(getBlob().body()).isEqualTo(Arrays.copyOf(blob, SIZE - 10));
        assertThat(rawBody()).isEqualTo(blob);
        peer.behave(new Fault.WrongLength(10));
        assertThatThrownBy(this::getBlob).isInstanceOf(IOException.class);
        assertThat(rawBody()).isEqualTo(blob);
    }

    @Test
    void liesAboutItsRange() throws Exception {
        peer.enqueue(new Fault.WrongContentRange(), new Fault.IgnoreRange());
        HttpResponse<byte[]> shifted = getBlob("Range", "bytes=10-19");
        assertThat(shifted.headers().firstValue("Content-Range")).contains("bytes 11-19/" + SIZE);
        assertThat(shifted.body()).isEqualTo(Arrays.copyOfRange(blob, 10, 20));
        HttpResponse<byte[]> whole = getBlob("Range", "bytes=10-19");
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(blob);
    }

    @Test
    void trickles() throws Exception {
        peer.behave(new Fault.Trickle(100_000, Duration.ofMillis(20)));
        long start = System.nanoTime();
        assertThat(getBlob().body()).isEqualTo(blob);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(40));
    }

    @Test
    void answersLateAndThenAsItShould() throws Exception {
        peer.behave(new Fault.LateHeaders(Duration.ofMillis(40)));
        long start = System.nanoTime();
        assertThat(getBlob().body()).isEqualTo(blob);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(40));
    }

    @Test
    void closingEndsStalledConnections() throws Exception {
        peer.behave(new Fault.StallBeforeHeaders());
        try (Socket socket =
                new Socket(peer.peer().addresses().get(0), peer.peer().registryPort())) {
            socket.getOutputStream().write("GET /v2/ HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            peer.awaitRequests(1, Duration.ofSeconds(5));
            peer.close();
            assertThatThrownBy(() -> {
                        if (socket.getInputStream().read() < 0) {
                            throw new SocketException("closed in order");
                        }
                    })
                    .isInstanceOf(SocketException.class);
        }
        assertThat(peer.openConnections()).isZero();
        peer.close();
    }

    @Test
    void withTlsItSaysNoFarewellWhenItCutsABody(@TempDir Path directory) throws Exception {
        SSLContext tls =
                ReloadedTls.of(new TestAuthority("tests").issue(directory)).get();
        try (FaultyPeer secured = FaultyPeer.start(tls)) {
            secured.addBlob(blob);
            secured.enqueue(new Fault.None(), new Fault.CutAt(100_000));
            HttpClient trusting = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .sslContext(tls)
                    .build();
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://" + secured.hostAndPort() + "/v2/a/blobs/" + digest + "?ns=x.io"))
                    .build();
            assertThat(trusting.send(request, HttpResponse.BodyHandlers.ofByteArray())
                            .body())
                    .isEqualTo(blob);
            assertThatThrownBy(() -> trusting.send(request, HttpResponse.BodyHandlers.ofByteArray()))
                    .isInstanceOf(IOException.class);
            assertThat(secured.requests()).hasSize(2);
        }
    }

    @Test
    void withTlsItDoesNotTalkToWhoDoesNotBelieveIt(@TempDir Path directory) throws Exception {
        SSLContext tls =
                ReloadedTls.of(new TestAuthority("tests").issue(directory)).get();
        try (FaultyPeer secured = FaultyPeer.start(tls)) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + secured.hostAndPort() + "/v2/"))
                    .build();
            assertThatThrownBy(() -> client.send(request, HttpResponse.BodyHandlers.ofByteArray()))
                    .isInstanceOf(SSLHandshakeException.class);
            assertThat(secured.requests()).isEmpty();
        }
    }
}
