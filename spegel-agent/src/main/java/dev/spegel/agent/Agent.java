package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.Activity;
import dev.spegel.agent.inspect.DebugApiHandler;
import dev.spegel.agent.inspect.DhtView;
import dev.spegel.agent.inspect.MirrorView;
import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.agent.inspect.RouterView;
import dev.spegel.agent.support.SupportHandler;
import dev.spegel.containerd.ContainerdConfig;
import dev.spegel.containerd.ContainerdMeters;
import dev.spegel.containerd.ContainerdStore;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.OciLayoutStore;
import dev.spegel.oci.store.StoreException;
import dev.spegel.registry.Health;
import dev.spegel.registry.HealthHandler;
import dev.spegel.registry.OciErrorHandler;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.registry.RegistryHandler;
import dev.spegel.registry.SecureRequests;
import dev.spegel.routing.AdvertisedMeters;
import dev.spegel.routing.Advertiser;
import dev.spegel.routing.AdvertiserConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.Router;
import dev.spegel.routing.StaticRouter;
import dev.spegel.routing.StaticRouterConfig;
import dev.spegel.routing.dht.DhtMeters;
import dev.spegel.routing.dht.DhtRouter;
import dev.spegel.routing.tls.ReloadedTls;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running agent. Several can run in one process: they share nothing. Safe for use by many threads. */
public final class Agent implements AutoCloseable, Health {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    /** More than {@link dev.spegel.registry.TransferConfig} lets send at a time, so that health checks and misses get through. */
    private static final int MAX_REGISTRY_REQUESTS = 128;

    /** Clients keep a few idle connections each: Go's two a host, our agents some; there may be hundreds of neighbours. */
    private static final int MAX_REGISTRY_CONNECTIONS = 2048;

    /** A scraper or two, and somebody who looks; of {@code /id}, a few nodes that start. */
    private static final int MAX_METRICS_REQUESTS = 4;

    private static final int MAX_METRICS_CONNECTIONS = 32;

    /** A scrape takes milliseconds. */
    private static final Duration METRICS_GRACE = Duration.ofSeconds(1);

    /** They resolve names, which may block, and handle answers, which doesn't. */
    private static final int ROUTER_THREADS = 4;

    /** {@link StaticRouterConfig} allows 64 searches at 64 peers each. */
    private static final int ROUTER_QUEUE = 64 * StaticRouterConfig.MAX_PEERS;

    private final AgentConfig config;
    private final Parts parts;
    private final Health health;
    private final Optional<ReloadedTls> tls;
    private final Network network;
    private final NetworkView view;
    private final OwnView own;
    private final InetSocketAddress registryAddress;
    private final InetSocketAddress metricsAddress;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /** Starts an agent on the addresses of its configuration. */
    public static Agent start(AgentConfig config) throws IOException, InterruptedException {
        return start(config, Listeners.bind(config.registryAddress(), config.metricsAddress()));
    }

    /**
     * Starts an agent on sockets that are bound already, whatever addresses the configuration has. They are its own from now on, also
     * if this fails.
     *
     * @throws IOException if a part can't start; those that had started are closed then
     */
    public static Agent start(AgentConfig config, Listeners listeners) throws IOException, InterruptedException {
        Parts parts = new Parts();
        try {
            return new Agent(config, listeners, parts);
        } catch (IOException | InterruptedException | RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    /** The wiring: which parts there are, who knows whom, and, read backwards, in which order they end. */
    private Agent(AgentConfig config, Listeners listeners, Parts parts) throws IOException, InterruptedException {
        this.config = requireNonNull(config, "config");
        this.parts = parts;
        parts.add("listeners", listeners);
        registryAddress = listeners.registryAddress();
        metricsAddress = listeners.metricsAddress();

        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.add("meters", meters::close);
        parts.add("JVM meters", new JvmMeters(meters));

        tls = config.tls().isPresent() ? Optional.of(config.tls().get().load()) : Optional.empty();
        Images images = openStore(meters);
        health = images.health();
        ContentStore store = images.store();
        network = startNetwork(meters);
        Router router = network.router();

        Advertiser advertiser =
                new Advertiser(store, router, config.registry().filter(), AdvertiserConfig.DEFAULTS, System::nanoTime);

        AgentMeters.bind(meters, this, BuildInfo.load());
        Activity activity = new Activity(System::nanoTime);
        RegistryConfig registryConfig = config.registry();
        RegistryHandler registry = new RegistryHandler(
                tls.map(registryConfig::withTls).orElse(registryConfig), store, router, meters, activity);
        view = new MirrorView(network.view(), registry::peerLoads, registry::quarantine);
        own = new OwnView(this, text(registryAddress), tls.isPresent(), registry, store, advertiser, System::nanoTime);

        Handler metrics = metrics(meters, advertiser, images.beforeScrape());
        SupportHandler support = new SupportHandler();
        Handler.Sequence handlers = new Handler.Sequence(metrics, support);
        Optional<DebugPage> page = config.debugWeb()
                ? Optional.of(new DebugPage(config, tls, listeners, parts, view, own, activity))
                : Optional.empty();
        page.ifPresent(debugPage -> handlers.addHandler(debugPage.handler()));
        handlers.addHandler(new DebugApiHandler(view, own, activity));
        parts.add("metrics server", startMetricsServer(listeners, handlers));
        parts.add("support", support);
        Optional<TlsServer> encrypted =
                tls.map(loaded -> new TlsServer(loaded, config.tls().orElseThrow()));
        parts.add("registry server", startRegistryServer(listeners, encrypted));
        page.ifPresent(debugPage -> parts.add("debug page", debugPage));
        startUpkeep(encrypted, meters);
        startAdvertising(advertiser);
        LOG.info("Serving the registry on {}, metrics on {}", text(registryAddress), text(metricsAddress));
    }

    private static String text(InetSocketAddress address) {
        return new PeerAddress(address.getAddress().getHostAddress(), address.getPort()).toString();
    }

    private Images openStore(PrometheusMeterRegistry meters) throws StoreException {
        return config.store() instanceof StoreConfig.Containerd containerd
                ? openContainerd(containerd.config(), meters)
                : openLayout((StoreConfig.OciLayout) config.store());
    }

    private Images openContainerd(ContainerdConfig containerd, PrometheusMeterRegistry meters) {
        Workers tasks = parts.add("store's tasks", Workers.forLastingTasks("store", ContainerdStore.TASKS));
        ContainerdStore store = parts.add("store", ContainerdStore.open(containerd, tasks.executor()));
        ContainerdMeters numbers = new ContainerdMeters(store);
        numbers.bindTo(meters);
        return new Images(store, new ContainerdHealth(containerd.socket(), store::status), numbers::refresh);
    }

    private Images openLayout(StoreConfig.OciLayout layout) throws StoreException {
        Workers watcher = parts.add("store's watcher", Workers.forLastingTasks("store", 1));
        ContentStore store = parts.add("store", OciLayoutStore.open(layout.directory(), watcher.executor()));
        return new Images(store, Optional::empty, () -> {});
    }

    private Network startNetwork(PrometheusMeterRegistry meters) throws IOException, InterruptedException {
        return config.router() instanceof RouterConfig.Dht dht
                ? startDht(dht, meters)
                : startStaticRouter((RouterConfig.StaticPeers) config.router());
    }

    private Network startDht(RouterConfig.Dht dht, PrometheusMeterRegistry meters)
            throws IOException, InterruptedException {
        // Bound first: an address that is taken is found out before any peer hears of this node.
        Optional<ServerSocketChannel> identity = Optional.empty();
        if (dht.bootstrap().identityAddress().isPresent()) {
            identity = Optional.of(parts.add(
                    "identity's listener",
                    Listeners.bind(dht.bootstrap().identityAddress().get(), "identity", "--http-bootstrap-addr")));
        }
        DhtNode node = parts.add("DHT", DhtNode.start(dht, registryAddress.getPort()));
        DhtRouter router = node.router();
        new DhtMeters(router).bindTo(meters);
        Workers warmUp = parts.add("warm-up's thread", Workers.forLastingTasks("warm-up", 1));
        warmUp.executor().execute(new WarmUp(router));
        Optional<InetSocketAddress> identityAddress = Optional.empty();
        if (identity.isPresent()) {
            identityAddress = Optional.of((InetSocketAddress) identity.get().getLocalAddress());
            parts.add("identity server", startIdentityServer(identity.get(), router));
            LOG.info("Serving /id on {}", text(identityAddress.get()));
        }
        return new Network(
                router,
                new DhtView(router, System::nanoTime),
                identityAddress,
                "no other node is in the DHT's routing table yet; looking for the first ones through "
                        + node.bootstrapSource());
    }

    private Network startStaticRouter(RouterConfig.StaticPeers peers) {
        StaticRouterConfig.Builder settings = new StaticRouterConfig.Builder(peers.peers()).self(registryAddress);
        config.registry().credentials().ifPresent(settings::credentials);
        tls.ifPresent(settings::tls);
        Workers workers = parts.add("router's threads", Workers.forShortTasks("router", ROUTER_THREADS, ROUTER_QUEUE));
        Router router = parts.add("router", new StaticRouter(settings.build(), workers.executor(), System::nanoTime));
        return new Network(
                router, new RouterView(router, System::nanoTime), Optional.empty(), "no other node has answered yet");
    }

    private static HttpServer startIdentityServer(ServerSocketChannel listener, DhtRouter router) throws IOException {
        return HttpServer.start(
                "identity",
                Optional.empty(),
                listener,
                MAX_METRICS_REQUESTS,
                MAX_METRICS_CONNECTIONS,
                new IdentityHandler(router::asBootstrapPeer),
                new ErrorHandler(),
                METRICS_GRACE);
    }

    /** After all else, so that nobody is told of content that isn't served yet; and it withdraws before anything ends. */
    private void startAdvertising(Advertiser advertiser) {
        Workers thread = parts.add("advertiser's thread", Workers.forLastingTasks("advertiser", 1));
        parts.add("advertiser", advertiser);
        thread.executor().execute(advertiser);
    }

    private void startUpkeep(Optional<TlsServer> encrypted, PrometheusMeterRegistry meters) {
        UpkeepMeters counters = UpkeepMeters.register(meters);
        List<Runnable> tasks = new ArrayList<>();
        config.upkeep().basicAuth().ifPresent(basicAuth -> tasks.add(new BasicAuthWatch(basicAuth, counters)));
        config.upkeep()
                .mirrors()
                .ifPresent(mirrors -> tasks.add(new MirrorsInStep(
                        mirrors,
                        config.upkeep().basicAuth().map(Upkeep.BasicAuth::credentials),
                        counters,
                        System::nanoTime)));
        encrypted.ifPresent(server -> tasks.add(new TlsFilesWatch(tls.orElseThrow(), server::reload, meters)));
        if (!tasks.isEmpty()) {
            Workers thread = parts.add("upkeep's thread", Workers.forLastingTasks("upkeep", 1));
            Periodic upkeep = parts.add("upkeep", new Periodic(config.upkeep().interval(), tasks));
            thread.executor().execute(upkeep);
        }
    }

    private static Handler metrics(PrometheusMeterRegistry meters, Advertiser advertiser, Runnable beforeScrape) {
        AdvertisedMeters advertised = new AdvertisedMeters(advertiser);
        advertised.bindTo(meters);
        return new MetricsHandler(meters, () -> {
            advertised.refresh();
            beforeScrape.run();
        });
    }

    private static HttpServer startMetricsServer(Listeners listeners, Handler handlers) throws IOException {
        return HttpServer.start(
                "metrics",
                Optional.empty(),
                listeners.metrics(),
                MAX_METRICS_REQUESTS,
                MAX_METRICS_CONNECTIONS,
                handlers,
                new ErrorHandler(),
                METRICS_GRACE);
    }

    private HttpServer startRegistryServer(Listeners listeners, Optional<TlsServer> encrypted) throws IOException {
        Handler content = own.registry();
        Handler registry = encrypted.isPresent()
                ? new SecureRequests(content, config.tls().orElseThrow().clientCertificateRequired())
                : content;
        return HttpServer.start(
                "registry",
                encrypted,
                listeners.registry(),
                MAX_REGISTRY_REQUESTS,
                MAX_REGISTRY_CONNECTIONS,
                new Handler.Sequence(new HealthHandler(this), registry),
                new OciErrorHandler(),
                config.shutdownGrace());
    }

    /** Where the registry can be reached, with the port that the system chose. */
    public InetSocketAddress registryAddress() {
        return registryAddress;
    }

    /** Where the metrics can be reached, with the port that the system chose. */
    public InetSocketAddress metricsAddress() {
        return metricsAddress;
    }

    @Override
    public Optional<String> notReadyBecause() {
        if (stopping.get()) {
            return Optional.of("this node is stopping");
        }
        return health.notReadyBecause()
                .or(() -> network.router().ready() ? Optional.empty() : Optional.of(network.notReadyBecause()));
    }

    @Override
    public List<String> remarks() {
        return health.remarks();
    }

    /** Where {@code /id} can be reached, with the port that the system chose; empty if it isn't served. */
    public Optional<InetSocketAddress> identityAddress() {
        return network.identityAddress();
    }

    /** Where the DHT can be reached, each a multiaddr with this node's ID; empty if it isn't in a DHT. */
    public List<String> dhtAddresses() {
        return network.router() instanceof DhtRouter dht
                ? dht.asBootstrapPeer().stream()
                        .flatMap(self -> self.addresses().stream())
                        .map(address -> address + "/p2p/" + dht.peerId())
                        .toList()
                : List.of();
    }

    /** How this node sees the others. */
    public NetworkView network() {
        return view;
    }

    /**
     * Stops in order: tells the network that this node's content goes, takes no new connections, waits for running transfers, for
     * {@link AgentConfig#shutdownGrace()} at most, and closes the rest. Closing twice is harmless; the second call may return while
     * the first still waits.
     */
    @Override
    public void close() {
        if (stopping.getAndSet(true)) {
            return;
        }
        LOG.info("Stopping; running transfers have {} s", config.shutdownGrace().toSeconds());
        parts.close();
        LOG.info("Stopped");
    }

    /**
     * What this node has.
     *
     * @param health what the store has to say
     * @param beforeScrape brings the store's metrics up to date
     */
    private record Images(ContentStore store, Health health, Runnable beforeScrape) {}

    /**
     * How this node finds others.
     *
     * @param identityAddress where others can ask who this node is
     * @param notReadyBecause why, as long as the router isn't ready
     */
    private record Network(
            Router router, NetworkView view, Optional<InetSocketAddress> identityAddress, String notReadyBecause) {}
}
