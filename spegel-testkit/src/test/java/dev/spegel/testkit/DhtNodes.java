package dev.spegel.testkit;

import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.kad.KadConfig;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.SearchLimits;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import dev.spegel.routing.bootstrap.Bootstrapper;
import dev.spegel.routing.dht.BootstrapTimes;
import dev.spegel.routing.dht.DhtRouter;
import dev.spegel.routing.dht.DhtRouterConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** DHT routers on loopback, which share their threads. */
final class DhtNodes implements AutoCloseable {
    /** For whatever should happen soon; far more than it takes on a machine that has nothing else to do. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    /** As the defaults, but never far between. */
    static final BootstrapTimes IMPATIENT = new BootstrapTimes(
            Duration.ofSeconds(5), Duration.ofMinutes(30), Duration.ofMillis(20), Duration.ofMillis(500));

    private final HostThreads threads = HostThreads.create("test", 2, 2);
    private final List<DhtRouter> all = new ArrayList<>();
    private final LongSupplier nanoClock;

    DhtNodes(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** On any port of {@code 127.0.0.1}. */
    static DhtRouterConfig.Builder config(int registryPort) {
        return DhtRouterConfig.builder(registryPort).listen(anyPort()).bootstrap(IMPATIENT);
    }

    /** One whose results are seen to be old at once, with records that live for seconds. */
    static DhtRouterConfig.Builder shortLived(int registryPort) {
        Duration moment = Duration.ofMillis(5);
        return config(registryPort)
                .searches(new SearchLimits(Duration.ofMillis(50), moment, moment, 100, 100))
                .kad(KadConfig.DEFAULTS.withProviders(DhtRouterConfig.PROVIDERS.withTimes(
                        Duration.ofSeconds(3), Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofMillis(500))));
    }

    DhtRouter start(DhtRouterConfig.Builder config, Bootstrapper bootstrapper) throws Exception {
        return start(KeyPair.generate(), config, bootstrapper);
    }

    DhtRouter start(KeyPair key, DhtRouterConfig.Builder config, Bootstrapper bootstrapper) throws Exception {
        DhtRouter router = DhtRouter.start(key, config.build(), bootstrapper, threads, nanoClock);
        all.add(router);
        return router;
    }

    /** Knows nobody. */
    static Bootstrapper nobody() {
        return naming("nobody", List.of());
    }

    private static Bootstrapper naming(String what, List<BootstrapPeer> peers) {
        return new Bootstrapper() {
            @Override
            public List<BootstrapPeer> find(Duration limit) {
                return peers;
            }

            @Override
            public String toString() {
                return what;
            }
        };
    }

    /** Names where nodes listen, but not who they are. */
    static Bootstrapper at(DhtRouter... nodes) {
        List<BootstrapPeer> peers = new ArrayList<>();
        for (DhtRouter node : nodes) {
            peers.add(new BootstrapPeer(
                    Optional.empty(), node.asBootstrapPeer().orElseThrow().addresses()));
        }
        return naming("nodes of the test", peers);
    }

    /** Names who a node is as well. */
    static Bootstrapper of(DhtRouter node) {
        return naming("a node of the test", List.of(node.asBootstrapPeer().orElseThrow()));
    }

    static int port(DhtRouter node) {
        return node.addresses().stream()
                .flatMap(address -> address.tcpSocket().stream())
                .findFirst()
                .orElseThrow()
                .getPort();
    }

    static List<String> texts(List<Multiaddr> addresses) {
        return addresses.stream().map(Multiaddr::toString).toList();
    }

    /** All that a lookup finds, by itself and to its end. */
    static List<Peer> find(DhtRouter router, Key key, int maxPeers) throws InterruptedException {
        List<Peer> found = new ArrayList<>();
        try (Lookup lookup = router.lookup(key, maxPeers)) {
            while (lookup.next(LIMIT) instanceof Lookup.Found next) {
                found.add(next.peer());
            }
        }
        return found;
    }

    static List<String> ids(List<Peer> peers) {
        return peers.stream().map(Peer::id).toList();
    }

    static void awaitSoon(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (end - System.nanoTime() < 0) {
                throw new AssertionError("%s wasn't so within %s".formatted(what, LIMIT));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    @Override
    public void close() {
        all.forEach(DhtRouter::close);
        threads.close();
    }
}
