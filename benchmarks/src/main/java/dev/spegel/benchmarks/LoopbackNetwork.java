package dev.spegel.benchmarks;

import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.KadMessage;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.RoutingException;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import dev.spegel.routing.dht.DhtRouter;
import dev.spegel.routing.dht.DhtRouterConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Our routers in this process, over real sockets on loopback, as many threads as there are cores. */
final class LoopbackNetwork implements MeasuredNodes, AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    /** Far above what a look-up is to take: one that takes longer has failed. */
    private static final Duration LOOKUP_LIMIT = Duration.ofSeconds(10);

    /** With fewer peers in somebody's routing table the network isn't whole yet: a bucket has 20, and a key as many holders. */
    private static final int MIN_PEERS = 20;

    /** Nobody listens there, but each node on one address announces a port of its own. */
    private static final int FIRST_REGISTRY_PORT = 20_000;

    private final HostThreads threads;
    private final List<DhtRouter> routers = new ArrayList<>();
    private final List<List<String>> keys = new ArrayList<>();
    private final AtomicLong leapNanos = new AtomicLong();

    private LoopbackNetwork() {
        int cores = Runtime.getRuntime().availableProcessors();
        threads = HostThreads.create("bench", cores, cores);
    }

    /** Starts nodes that each know the first when they start, waits until they know each other, and has each announce its keys. */
    static LoopbackNetwork start(int nodes, int keysEach) throws RoutingException, InterruptedException, IOException {
        LoopbackNetwork network = new LoopbackNetwork();
        boolean started = false;
        try {
            for (int node = 0; node < nodes; node++) {
                network.add(node);
            }
            network.awaitAcquainted();
            for (int node = 0; node < nodes; node++) {
                network.keys.add(names(node, keysEach));
                network.routers
                        .get(node)
                        .advertise(network.keys.get(node).stream().map(Key::new).toList());
            }
            started = true;
            return network;
        } finally {
            if (!started) {
                network.close();
            }
        }
    }

    /** How many peers each of so many nodes must know before anything is measured. */
    static int enoughPeers(int nodes) {
        return Math.min(MIN_PEERS, nodes - 1);
    }

    static List<String> names(int node, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "key %d of node %d".formatted(i, node))
                .toList();
    }

    private void add(int node) throws RoutingException, InterruptedException {
        KeyPair identity = KeyPair.generate();
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        List<BootstrapPeer> first =
                node == 0 ? List.of() : List.of(routers.get(0).asBootstrapPeer().orElseThrow());
        DhtRouterConfig config = DhtRouterConfig.builder(FIRST_REGISTRY_PORT + node)
                .listen(loopback)
                .build();
        routers.add(
                DhtRouter.start(identity, config, limit -> first, threads, () -> System.nanoTime() + leapNanos.get()));
    }

    private void awaitAcquainted() throws IOException, InterruptedException {
        int enough = enoughPeers(routers.size());
        long endNanos = System.nanoTime() + START_LIMIT.toNanos();
        while (routers.stream().anyMatch(router -> router.stats().peers() < enough)) {
            if (System.nanoTime() - endNanos > 0) {
                throw new IOException("within %s not each of %d nodes got to know %d others: %s"
                        .formatted(
                                START_LIMIT,
                                routers.size(),
                                enough,
                                routers.stream()
                                        .map(router -> router.stats().peers())
                                        .toList()));
            }
            Thread.sleep(100);
        }
    }

    DhtRouter router(int node) {
        return routers.get(node);
    }

    /** Lets the nodes' clocks leap. They notice within a second. */
    void leap(Duration time) {
        leapNanos.addAndGet(time.toNanos());
    }

    /** All messages that the nodes have sent so far, by type. */
    Map<KadMessage.Type, Long> sent() {
        Map<KadMessage.Type, Long> sent = new EnumMap<>(KadMessage.Type.class);
        routers.forEach(router -> router.stats().sent().forEach((type, count) -> sent.merge(type, count, Long::sum)));
        return sent;
    }

    @Override
    public List<PeerId> ids() {
        return routers.stream().map(DhtRouter::peerId).toList();
    }

    @Override
    public List<String> keys(int node) {
        return keys.get(node);
    }

    @Override
    public long ping(int node) throws RoutingException, InterruptedException {
        return routers.get(node).ping(routers.get(0).peerId(), LOOKUP_LIMIT).toNanos();
    }

    @Override
    public OptionalLong hit(int node, String key) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (Lookup lookup = routers.get(node).lookup(new Key(key), 1)) {
            Lookup.Next next = lookup.next(LOOKUP_LIMIT);
            long nanos = System.nanoTime() - start;
            return next instanceof Lookup.Found ? OptionalLong.of(nanos) : OptionalLong.empty();
        }
    }

    @Override
    public long miss(int node, String key) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (Lookup lookup = routers.get(node).lookup(new Key(key), 1)) {
            Lookup.Next next = lookup.next(LOOKUP_LIMIT);
            long nanos = System.nanoTime() - start;
            if (!(next instanceof Lookup.Ended)) {
                throw new IOException("node %d was to find nobody with %s: %s".formatted(node, key, next));
            }
            return nanos;
        }
    }

    @Override
    public void close() {
        routers.forEach(DhtRouter::close);
        threads.close();
    }
}
