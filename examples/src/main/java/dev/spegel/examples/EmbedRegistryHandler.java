package dev.spegel.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutStore;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.registry.RegistryHandler;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.StaticRouter;
import dev.spegel.routing.StaticRouterConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;

/**
 * A registry inside one's own Jetty: images from an OCI layout below {@code /v2/}, and beside it whatever the program serves anyway.
 * What the layout lacks would come from the peers of the router.
 */
public final class EmbedRegistryHandler {
    private static final Reference IMAGE = Reference.parse("registry.example/demo/app:1.0");

    private EmbedRegistryHandler() {}

    /** Serves the layout directory that is the first argument, or a new one; asks for an image itself, and ends. */
    public static void main(String[] arguments) throws Exception {
        Path layout = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("layout-");
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            writer.name(IMAGE, GeneratedImage.of(1, 2, 1_000_000).writeTo(writer));
            writer.commit();
        }

        ExecutorService threads = Executors.newCachedThreadPool();
        StaticRouterConfig peers = StaticRouterConfig.of(List.of(PeerAddress.parse("localhost:5000")));
        try (OciLayoutStore store = OciLayoutStore.open(layout, threads);
                StaticRouter router = new StaticRouter(peers, threads, System::nanoTime)) {
            Handler registry = new RegistryHandler(RegistryConfig.DEFAULTS, store, router, new SimpleMeterRegistry());
            Server server = new Server(new InetSocketAddress("localhost", 0));
            server.setHandler(new Handler.Sequence(registry, new Greeting()));
            server.start();
            try {
                print(server.getURI().resolve("/v2/demo/app/manifests/1.0?ns=registry.example"));
                print(server.getURI().resolve("/hello"));
            } finally {
                server.stop();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void print(URI uri) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        System.out.printf("GET %s: %d%n%s%n", uri.getPath(), answer.statusCode(), answer.body());
    }

    /** The rest of the program. */
    private static final class Greeting extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            response.write(true, UTF_8.encode("Hello!"), callback);
            return true;
        }
    }
}
