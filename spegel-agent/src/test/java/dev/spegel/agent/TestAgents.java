package dev.spegel.agent;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.registry.MirrorConfig;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.testkit.SampleImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Agents on loopback, for tests. */
public final class TestAgents {
    private TestAgents() {}

    static Listeners listen() throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return Listeners.bind(anyPort, anyPort);
    }

    static PeerAddress addressOf(Listeners listeners) {
        return new PeerAddress("127.0.0.1", listeners.registryAddress().getPort());
    }

    /** One with this layout and these peers; the lookup limit is one that a busy machine keeps. */
    static Agent start(Path layout, Listeners listeners, Duration grace, PeerAddress... peers)
            throws IOException, InterruptedException {
        return start(new StoreConfig.OciLayout(layout), listeners, grace, peers);
    }

    static Agent start(StoreConfig store, Listeners listeners, Duration grace, PeerAddress... peers)
            throws IOException, InterruptedException {
        AgentConfig config = new AgentConfig(
                listeners.registryAddress(),
                listeners.metricsAddress(),
                store,
                new RouterConfig.StaticPeers(List.of(peers)),
                RegistryConfig.DEFAULTS.withMirror(MirrorConfig.DEFAULTS.withLookupLimit(Duration.ofSeconds(10))),
                grace);
        return Agent.start(config, listeners);
    }

    /** A node of the DHT on loopback; the lookup limit is one that a busy machine keeps. */
    static AgentConfig dht(Path layout, Optional<Path> dataDirectory, BootstrapConfig bootstrap) {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new AgentConfig(
                anyPort,
                anyPort,
                new StoreConfig.OciLayout(layout),
                new RouterConfig.Dht(anyPort, dataDirectory, Optional.empty(), bootstrap),
                RegistryConfig.DEFAULTS.withMirror(MirrorConfig.DEFAULTS.withLookupLimit(Duration.ofSeconds(10))),
                Duration.ofSeconds(5));
    }

    /** A layout with the image under this name. */
    public static Path layoutWith(Path directory, SampleImage image, Reference name) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(directory)) {
            for (Descriptor content : image.content()) {
                writer.add(content, new ByteArrayInputStream(image.bytes(content.digest())));
            }
            writer.name(name, image.target());
            writer.commit();
        }
        return directory;
    }

    public static Path emptyLayout(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (OciLayoutWriter writer = OciLayoutWriter.open(directory)) {
            writer.commit();
        }
        return directory;
    }

    static HttpResponse<String> get(InetSocketAddress server, String target) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.getPort() + target);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
