package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.routing.Peer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("FutureReturnValueIgnored") // what the peer got matters to one test only
class HttpPeerClientTest {
    private static final PeerClient.Question QUESTION =
            new PeerClient.Question(false, "/v2/a/manifests/1?ns=x.io", Optional.empty(), "id");
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final HttpPeerClient client = new HttpPeerClient(MirrorConfig.DEFAULTS, Optional.empty(), Optional.empty());
    private ServerSocket listener;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        listener.close();
    }

    private Peer peer() {
        return new Peer("peer", List.of(InetAddress.getLoopbackAddress()), listener.getLocalPort(), Optional.empty());
    }

    /** Answers the next connection with these bytes, and keeps it open until the client closes it. */
    private CompletableFuture<String> answer(String bytes) {
        return CompletableFuture.supplyAsync(() -> {
            try (Socket socket = listener.accept()) {
                StringBuilder request = new StringBuilder();
                while (request.indexOf("\r\n\r\n") < 0) {
                    request.append((char) socket.getInputStream().read());
                }
                socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
                while (socket.getInputStream().read() >= 0) {
                    // until the client closes
                }
                return request.toString();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static String body(PeerClient.Answer answer) throws IOException {
        ByteBuffer body = ByteBuffer.allocate(100);
        while (body.position() < answer.contentLength()) {
            answer.read(new ByteBuffer[] {body}, LIMIT);
        }
        return StandardCharsets.US_ASCII.decode(body.flip()).toString();
    }

    @Test
    void requestIsWhatContainerdWouldSendAndSaysThatItIsMirrored() throws Exception {
        CompletableFuture<String> request = answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        try (PeerClient.Answer answer =
                client.send(peer(), new PeerClient.Question(false, "/v2/", Optional.of("bytes=1-"), "7f3a"), LIMIT)) {
            assertThat(answer.status()).isEqualTo(200);
            assertThat(body(answer)).isEqualTo("hi");
            assertThatThrownBy(() -> answer.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, LIMIT))
                    .isInstanceOf(EOFException.class);
        }
        client.close();
        assertThat(request.get(20, TimeUnit.SECONDS))
                .startsWith("GET /v2/ HTTP/1.1\r\nHost: 127.0.0.1:" + listener.getLocalPort() + "\r\n")
                .contains("\r\nX-Spegel-Mirrored: true\r\n", "\r\nX-Request-Id: 7f3a\r\n", "\r\nRange: bytes=1-\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n"
            })
    void answerThatIsNotProperHttpIsRefused(String bytes) {
        answer(bytes);
        assertThatThrownBy(() -> client.send(peer(), QUESTION, LIMIT)).isInstanceOf(IOException.class);
    }

    @Test
    void endlessHeadersAreRefused() {
        answer("HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(40_000));
        assertThatThrownBy(() -> client.send(peer(), QUESTION, LIMIT)).isInstanceOf(IOException.class);
    }

    @Test
    void answerWithoutLengthHasNone() throws IOException {
        answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
        try (PeerClient.Answer answer = client.send(peer(), QUESTION, LIMIT)) {
            assertThat(answer.contentLength()).isEqualTo(-1);
        }
    }

    @Test
    void silenceEndsWithTheLimit() {
        answer("HTTP/1.1 200 OK\r\n");
        assertThatThrownBy(() -> client.send(peer(), QUESTION, Duration.ofMillis(200)))
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void stalledBodyEndsWithTheStallLimit() throws IOException {
        answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi");
        try (PeerClient.Answer answer = client.send(peer(), QUESTION, LIMIT)) {
            assertThatThrownBy(() -> body(answer)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void shortLimitHoldsAfterALongOne() throws IOException {
        // The timer of the first call is far away still when the second begins.
        answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        try (PeerClient.Answer answer = client.send(peer(), QUESTION, Duration.ofHours(1))) {
            assertThat(body(answer)).isEqualTo("hi");
        }
        assertThatThrownBy(() -> client.send(peer(), QUESTION, Duration.ofMillis(200)))
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void interruptEndsAWait() throws InterruptedException {
        answer("");
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread asking = new Thread(() -> {
            try {
                client.send(peer(), QUESTION, LIMIT).close();
                outcome.complete(new AssertionError("an answer"));
            } catch (IOException e) {
                outcome.complete(e);
            }
        });
        asking.start();
        asking.interrupt();
        asking.join(20_000);
        assertThat(outcome).isCompletedWithValueMatching(failure -> failure instanceof IOException);
    }

    @Test
    void secondAddressIsTriedWhenTheFirstRefuses() throws IOException {
        answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        InetAddress nobody = InetAddress.getByAddress(new byte[] {127, 99, 99, 99});
        Peer twoAddresses = new Peer(
                "peer", List.of(nobody, InetAddress.getLoopbackAddress()), listener.getLocalPort(), Optional.empty());
        try (PeerClient.Answer answer = client.send(twoAddresses, QUESTION, LIMIT)) {
            assertThat(body(answer)).isEqualTo("hi");
        }
    }
}
