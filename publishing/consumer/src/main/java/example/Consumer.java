package example;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.registry.RegistryHandler;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.StaticRouter;
import dev.spegel.routing.StaticRouterConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.server.Server;

/** Serves a blob as a registry, asks for it, and prints it. */
final class Consumer {
    private Consumer() {}

    public static void main(String[] arguments) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        StaticRouterConfig peers = StaticRouterConfig.of(List.of(PeerAddress.parse("127.0.0.1:1")));
        try (MemoryStore store = new MemoryStore();
                StaticRouter router = new StaticRouter(peers, threads, System::nanoTime)) {
            Digest digest = store.put("a layer".getBytes(UTF_8));
            Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.setHandler(new RegistryHandler(RegistryConfig.DEFAULTS, store, router, new SimpleMeterRegistry()));
            server.start();
            try {
                URI blob = server.getURI().resolve("/v2/demo/app/blobs/" + digest + "?ns=registry.example");
                HttpResponse<String> answer = HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(blob).build(), HttpResponse.BodyHandlers.ofString());
                System.out.printf("%d %s, by %s%n", answer.statusCode(), answer.body(), RegistryHandler.class.getModule());
            } finally {
                server.stop();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
