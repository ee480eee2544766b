package dev.spegel.agent;

import dev.spegel.libp2p.host.HostConfig;
import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.routing.bootstrap.Bootstrapper;
import dev.spegel.routing.dht.DhtRouter;
import dev.spegel.routing.dht.DhtRouterConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A node of the DHT, with the threads that it runs on. Safe for use by many threads. */
public final class DhtNode implements AutoCloseable {
    /** Handshakes: a millisecond or two of arithmetic each, of which a node that starts sees some dozens. */
    private static final int HANDSHAKE_THREADS = 2;

    /** A name look-up or a fetch runs at a time, and a fetch is several short tasks; one thread may hang in a look-up. */
    private static final int BOOTSTRAP_THREADS = 2;

    private static final int BOOTSTRAP_QUEUE = 64;

    /** The port of registries that don't tell theirs, those of the Go implementation: its default. */
    private static final int DEFAULT_REGISTRY_PORT = 5000;

    private final Parts parts;
    private final DhtRouter router;
    private final Bootstrapper bootstrapper;

    private DhtNode(String name, BootstrapConfig bootstrap, KeyPair key, DhtRouterConfig config, Parts parts)
            throws IOException, InterruptedException {
        this.parts = parts;
        Workers workers = parts.add(
                "bootstrap's threads", Workers.forShortTasks(name + "-bootstrap", BOOTSTRAP_THREADS, BOOTSTRAP_QUEUE));
        bootstrapper = bootstrap.open(workers.executor());
        HostThreads threads = parts.add("DHT's threads", HostThreads.create(name, 1, HANDSHAKE_THREADS));
        router = parts.add("DHT router", DhtRouter.start(key, config, bootstrapper, threads, System::nanoTime));
    }

    /**
     * Starts a node that others can find, and returns as soon as it listens.
     *
     * @param registryPort where this node's registry listens, which others are told
     * @throws IOException if it can't listen, or its key can't be read or written
     */
    static DhtNode start(RouterConfig.Dht config, int registryPort) throws IOException, InterruptedException {
        Optional<Path> directory = config.dataDirectory();
        KeyPair key = directory.isPresent() ? DhtRouter.keyIn(directory.get()) : KeyPair.generate();
        DhtRouterConfig settings = DhtRouterConfig.builder(registryPort)
                .listen(config.address())
                .host(host -> setUp(host, config.preSharedKey()))
                .build();
        return start("dht", config.bootstrap(), key, settings);
    }

    /**
     * Starts a node that only asks, under a name of its own, and returns at once.
     *
     * @param peerPort the DHT's port of nodes of which only the address is known
     * @param preSharedKey of a private network
     */
    public static DhtNode join(BootstrapConfig bootstrap, int peerPort, Optional<PreSharedKey> preSharedKey)
            throws IOException, InterruptedException {
        DhtRouterConfig settings = DhtRouterConfig.builder(DEFAULT_REGISTRY_PORT)
                .peerPort(peerPort)
                .client()
                .host(host -> setUp(host, preSharedKey))
                .build();
        return start("dht", bootstrap, KeyPair.generate(), settings);
    }

    private static DhtNode start(String name, BootstrapConfig bootstrap, KeyPair key, DhtRouterConfig config)
            throws IOException, InterruptedException {
        Parts parts = new Parts();
        try {
            return new DhtNode(name, bootstrap, key, config, parts);
        } catch (IOException | InterruptedException | RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    private static void setUp(HostConfig.Builder host, Optional<PreSharedKey> preSharedKey) {
        host.agentVersion(agentVersion());
        preSharedKey.ifPresent(host::preSharedKey);
    }

    /** The Go implementation says {@code github.com/spegel-org/spegel} and its version. */
    private static String agentVersion() {
        return "spegel-jvm/" + BuildInfo.load().version();
    }

    public DhtRouter router() {
        return router;
    }

    /** Where it looks for the first nodes, for a sentence. */
    public String bootstrapSource() {
        return bootstrapper.toString();
    }

    /** Leaves the DHT. Closing twice is harmless. */
    @Override
    public void close() {
        parts.close();
    }
}
