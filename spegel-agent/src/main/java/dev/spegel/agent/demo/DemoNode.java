package dev.spegel.agent.demo;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.Agent;
import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.BootstrapConfig;
import dev.spegel.agent.Listeners;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.agent.inspect.LookupRequest;
import dev.spegel.agent.pull.PullClient;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import dev.spegel.registry.MirrorConfig;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.Key;
import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** One of the demo's nodes: an agent on loopback with a layout of its own. */
final class DemoNode implements AutoCloseable {
    /** Nobody but the demo, which is over then, waits for transfers. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    /**
     * 20 ms, the default, is for agents that have warmed up, each on a machine of its own. Here three share one and load their
     * classes with the first request.
     */
    private static final Duration LOOKUP_LIMIT = Duration.ofSeconds(2);

    /** Ten times what a slow machine takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private final String name;
    private final Path layout;
    private final Listeners listeners;
    private final Agent agent;

    private DemoNode(String name, Path layout, Listeners listeners, Agent agent) {
        this.name = name;
        this.layout = layout;
        this.listeners = listeners;
        this.agent = agent;
    }

    /** Ports for one more node, on loopback. */
    static Listeners listen() throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        return Listeners.bind(anyPort, anyPort);
    }

    /** Starts an agent on these ports, which it closes at its end, for a layout that exists. */
    static DemoNode start(String name, Path layout, Listeners listeners, BootstrapConfig bootstrap)
            throws IOException, InterruptedException {
        InetSocketAddress dht =
                new InetSocketAddress(listeners.registryAddress().getAddress(), 0);
        AgentConfig config = new AgentConfig(
                listeners.registryAddress(),
                listeners.metricsAddress(),
                new StoreConfig.OciLayout(layout),
                new RouterConfig.Dht(dht, Optional.empty(), Optional.empty(), bootstrap),
                RegistryConfig.DEFAULTS.withMirror(MirrorConfig.DEFAULTS.withLookupLimit(LOOKUP_LIMIT)),
                GRACE);
        return new DemoNode(requireNonNull(name, "name"), layout, listeners, Agent.start(config, listeners));
    }

    String name() {
        return name;
    }

    Path layout() {
        return layout;
    }

    /** Host and port of its registry, as peers name it. */
    PeerAddress address() {
        InetSocketAddress registry = listeners.registryAddress();
        return new PeerAddress(registry.getAddress().getHostAddress(), registry.getPort());
    }

    URI registry() {
        return URI.create("http://" + address());
    }

    URI metrics() {
        InetSocketAddress metrics = listeners.metricsAddress();
        return URI.create("http://" + metrics.getAddress().getHostAddress() + ":" + metrics.getPort());
    }

    /** How others begin with it. */
    BootstrapConfig asBootstrap() {
        return new BootstrapConfig.StaticPeers(agent.dhtAddresses());
    }

    /** Whether its store holds this content. */
    boolean hasBlob(Descriptor content) {
        Digest digest = content.digest();
        return Files.exists(
                layout.resolve("blobs").resolve(digest.algorithm().toString()).resolve(digest.encoded()));
    }

    /** Waits until it has met another node. */
    void awaitReady() throws IOException, InterruptedException {
        await(() -> agent.notReadyBecause().map(reason -> name + " doesn't get ready: " + reason));
    }

    /** Waits until it serves an image that was just written into its store. */
    void awaitServing(Reference image, PullClient client) throws IOException, InterruptedException {
        await(() -> client.mirrorHolds(image)
                ? Optional.empty()
                : Optional.of(name + " doesn't find " + image + " in its store"));
    }

    /** Waits until it finds so many other nodes that say they have the image, all of it, since a name is told of last. */
    void awaitFinding(Reference image, int holders) throws IOException, InterruptedException {
        Key key =
                image.toTag().map(Key::of).or(() -> image.digest().map(Key::of)).orElseThrow();
        await(() -> agent.network()
                                .lookup(new LookupRequest(key, holders, PATIENCE))
                                .peers()
                                .size()
                        < holders
                ? Optional.of("%s doesn't find the %d nodes that have %s".formatted(name, holders, image))
                : Optional.empty());
    }

    private static void await(Obstacle obstacle) throws IOException, InterruptedException {
        long start = System.nanoTime();
        for (Optional<String> found = obstacle.find(); found.isPresent(); found = obstacle.find()) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IOException(found.get());
            }
            Thread.sleep(POLL_INTERVAL.toMillis());
        }
    }

    private interface Obstacle {
        Optional<String> find() throws IOException, InterruptedException;
    }

    @Override
    public void close() throws IOException {
        agent.close();
    }
}
