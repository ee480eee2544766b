package dev.spegel.agent.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.web.SampleViews;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the agent's own tests don't reach; {@code DebugPageTest} and {@code CommandsIT} have the rest. */
@Timeout(60)
class DebugApiHandlerTest {
    private final CountDownLatch asked = new CountDownLatch(2);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newHttpClient();
    private final Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

    @BeforeEach
    void start() throws Exception {
        SampleViews views = new SampleViews();
        server.setHandler(new DebugApiHandler(new SlowNetwork(views), views, views));
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        answer.countDown();
        server.stop();
    }

    private CompletableFuture<HttpResponse<String>> get(String what) {
        URI uri = server.getURI().resolve("/debug/api/" + what);
        return client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    @Test
    void moreThanTwoAtATimeAreRefused() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> first = List.of(get("peers"), get("peers"));
        asked.await();
        assertThat(get("peers").get().statusCode()).isEqualTo(503);
        assertThat(get("images").get().body()).contains("\"2 such requests run already\"");
        assertThat(get("status").get().statusCode()).as("what asks nobody").isEqualTo(200);
        answer.countDown();
        for (CompletableFuture<HttpResponse<String>> each : first) {
            assertThat(each.get().statusCode()).isEqualTo(200);
        }
        assertThat(get("peers").get().statusCode()).isEqualTo(200);
    }

    /** Answers when the test says so. */
    private final class SlowNetwork implements NetworkView {
        private final NetworkView network;

        SlowNetwork(NetworkView network) {
            this.network = network;
        }

        @Override
        public PeersReport peers() throws IOException, InterruptedException {
            asked.countDown();
            answer.await();
            return network.peers();
        }

        @Override
        public PeersReport known() throws IOException, InterruptedException {
            return network.known();
        }

        @Override
        public LookupReport lookup(LookupRequest request) throws IOException, InterruptedException {
            return network.lookup(request);
        }
    }
}
