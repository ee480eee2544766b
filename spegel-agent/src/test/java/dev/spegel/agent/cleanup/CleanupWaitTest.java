package dev.spegel.agent.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class CleanupWaitTest {
    private static final Duration PERIOD = Duration.ofMillis(1);

    private final InetAddress up = address(1);

    /** On loopback too, and nothing listens there. */
    private final InetAddress down = address(2);

    private CleanupEndpoint node;

    @BeforeEach
    void aNode() throws IOException {
        node = CleanupEndpoint.bind(new InetSocketAddress(up, 0));
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
    }

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives one list a round; an empty one means that the name isn't known. Fails after the last. */
    private static CleanupWait.Lookup lookup(Deque<List<InetAddress>> rounds) {
        return host -> {
            assertThat(rounds).as("rounds left").isNotEmpty();
            List<InetAddress> addresses = rounds.remove();
            if (addresses.isEmpty()) {
                throw new UnknownHostException(host);
            }
            return addresses;
        };
    }

    private void await(int threshold, Deque<List<InetAddress>> rounds) throws InterruptedException {
        new CleanupWait("nodes.example", node.address().getPort(), threshold, PERIOD, lookup(rounds)).await();
    }

    @Test
    void endsWhenAllHaveAnsweredSeveralTimes() throws Exception {
        node.start();
        Deque<List<InetAddress>> rounds =
                new ArrayDeque<>(List.of(List.of(up), List.of(up, up), List.of(up), List.of(up)));
        await(3, rounds);
        assertThat(rounds).as("one more than needed").hasSize(1);
    }

    @Test
    void beginsAnewAfterOneThatDidNotAnswer() throws Exception {
        node.start();
        Deque<List<InetAddress>> rounds = new ArrayDeque<>(
                List.of(List.of(), List.of(up), List.of(up, down), List.of(up), List.of(), List.of(up), List.of(up)));
        await(2, rounds);
        assertThat(rounds).isEmpty();
    }

    @Test
    void aNodeThatIsNotDoneYetDoesNotCount() throws Exception {
        Deque<List<InetAddress>> rounds = new ArrayDeque<>(List.of(List.of(up), List.of(up)));
        CleanupWait.Lookup lookup = lookup(rounds);
        // The port is taken, but nothing answers there before the second round.
        new CleanupWait("nodes.example", node.address().getPort(), 1, PERIOD, host -> {
                    if (rounds.size() == 1) {
                        start(node);
                    }
                    return lookup.addresses(host);
                })
                .await();
        assertThat(rounds).isEmpty();
    }

    private static void start(CleanupEndpoint node) {
        try {
            node.start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void canBeInterrupted() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> await(1, new ArrayDeque<>(List.of(List.of(down)))));
    }

    @Test
    void needsPositiveNumbers() {
        assertThatIllegalArgumentException().isThrownBy(() -> new CleanupWait("h", 0, 1, PERIOD));
        assertThatIllegalArgumentException().isThrownBy(() -> new CleanupWait("h", 1, 0, PERIOD));
        assertThatIllegalArgumentException().isThrownBy(() -> new CleanupWait("h", 1, 1, Duration.ZERO));
    }

    @ParameterizedTest
    @CsvSource({"GET, /readyz, 200", "HEAD, /readyz, 200", "POST, /readyz, 405", "GET, /, 404"})
    void theEndpointKnowsOnePath(String method, String path, int status) throws Exception {
        node.start();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + node.address().getPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(status);
    }

    @Test
    void anAddressThatIsTakenIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, up)) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> CleanupEndpoint.bind(new InetSocketAddress(up, taken.getLocalPort())))
                    .withMessageContaining("can't listen on ")
                    .withMessageContaining(":" + taken.getLocalPort());
        }
    }
}
