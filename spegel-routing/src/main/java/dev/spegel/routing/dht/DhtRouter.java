package dev.spegel.routing.dht;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.host.ConnectedPeer;
import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.HostConfig;
import dev.spegel.libp2p.host.HostListener;
import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.identity.KeyFile;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.KadDht;
import dev.spegel.libp2p.kad.KadKey;
import dev.spegel.libp2p.kad.KadStats;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.Router;
import dev.spegel.routing.RoutingException;
import dev.spegel.routing.SharedSearches;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import dev.spegel.routing.bootstrap.Bootstrapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds content in a Kademlia DHT, and is a node of it: nodes of the Go implementation and of this one form one network.
 *
 * <p>A key of content becomes the key in the DHT by {@link KadKey#ofText}. Who has it is kept by the nodes nearest to that, for
 * {@link DhtRouterConfig#PROVIDERS 19 minutes} unless it's renewed, which this router does by itself. What is withdrawn is no
 * longer renewed; the protocol has no way to take it back.
 *
 * <p>Lookups of one key share one query and, for some seconds, its results, see {@link SharedSearches}. A query goes on until
 * somebody has as many peers as the lookup wants that wants most, or all are asked who would know; a lookup that is closed, or
 * whose reader is interrupted, doesn't end it for the others. Waiting happens in callers' threads only.
 *
 * <p>Peers are looked for at the start, when all are lost, and every half hour, in a thread of its own; see
 * {@link BootstrapTimes}. So it doesn't matter in which order nodes start, and a node whose peers have all been replaced comes
 * back by itself.
 */
public final class DhtRouter implements Router {
    private static final Logger log = LoggerFactory.getLogger(DhtRouter.class);

    /** Where the Go implementation keeps its key within {@code --data-dir}. */
    private static final String KEY_FILE = "private.key";

    /** Binding a socket takes no time; this is for a machine that's busy. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final DhtRouterConfig config;
    private final Host host;
    private final KadDht dht;
    private final RegistryAddresses registries;
    private final SharedSearches searches;
    private final BootstrapLoop bootstrap;
    /** Since when there is a connection, in nanoseconds. */
    private final Map<PeerId, Long> connectedSince = new ConcurrentHashMap<>();
    /** Never completes normally; ends the waiting of other calls. */
    private final CompletableFuture<Void> closing = new CompletableFuture<>();

    private volatile boolean closed;

    private DhtRouter(
            DhtRouterConfig config,
            Host host,
            RegistryAddresses registries,
            Bootstrapper bootstrapper,
            LongSupplier nanoClock) {
        this.config = config;
        this.host = host;
        this.registries = registries;
        this.dht = KadDht.on(host, config.dht(), nanoClock);
        this.searches = new SharedSearches(config.searches(), nanoClock);
        this.bootstrap = new BootstrapLoop(
                host, dht, bootstrapper, config, new Random(), "dht-bootstrap-" + shortForm(host.peerId()));
        host.addListener(new Connections());
        host.addListener(bootstrap);
    }

    /**
     * Starts a node: when this returns it listens, and looks for peers in the background.
     *
     * @param key who this node is, see {@link #keyIn}
     * @param bootstrapper where to find the first peers; not closed by this router
     * @param threads where all of it runs but for the search for peers; the caller closes them, after this router
     * @param nanoClock tells how old records and results are; {@link System#nanoTime} but for tests
     * @throws RoutingException if it can't listen
     */
    public static DhtRouter start(
            KeyPair key, DhtRouterConfig config, Bootstrapper bootstrapper, HostThreads threads, LongSupplier nanoClock)
            throws RoutingException, InterruptedException {
        requireNonNull(bootstrapper, "bootstrapper");
        requireNonNull(nanoClock, "nanoClock");
        RegistryAddresses registries = new RegistryAddresses(key.peerId(), config.registryPort(), config.registryTls());
        Host host = Host.create(key, withRegistry(config.host(), registries), threads);
        boolean started = false;
        try {
            DhtRouter router = new DhtRouter(config, host, registries, bootstrapper, nanoClock);
            router.await(host.start(), START_LIMIT, "listen on " + config.host().listen());
            router.bootstrap.start();
            log.info("DHT node {} listens on {}", host.peerId(), host.addresses());
            started = true;
            return router;
        } finally {
            if (!started) {
                host.close();
            }
        }
    }

    private static HostConfig withRegistry(HostConfig host, RegistryAddresses registries) {
        return new HostConfig(
                host.listen(),
                listening -> registries.withRegistry(host.announced().apply(listening)),
                host.agentVersion(),
                host.security(),
                host.preSharedKey(),
                host.maxConnections(),
                host.keptConnections(),
                host.maxConnectionsPerPeer(),
                host.maxPendingConnections(),
                host.dialLimit(),
                host.remoteDialLimit(),
                host.streamLimit(),
                host.yamux());
    }

    /**
     * The identity that is kept in a directory, as {@code private.key}; made if there is none yet, and the directory too. The same
     * file serves the Go implementation.
     *
     * @throws RoutingException if it can't be read or written, or is something else
     */
    public static KeyPair keyIn(Path dataDirectory) throws RoutingException {
        Path file = dataDirectory.resolve(KEY_FILE);
        try {
            Files.createDirectories(dataDirectory);
            return KeyFile.loadOrCreate(file);
        } catch (IOException | MalformedException e) {
            throw new RoutingException("the node's key in %s can't be used: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static String shortForm(PeerId id) {
        String text = id.toString();
        return text.substring(text.length() - 6);
    }

    /** Whether somebody is in the routing table: a peer that serves the DHT, and has answered. */
    @Override
    public boolean ready() {
        return !closed && dht.size() > 0;
    }

    @Override
    public Lookup lookup(Key key, int maxPeers) {
        return searches.lookup(key, maxPeers, search -> {
            RunningQuery query = new RunningQuery(search, registries);
            // Without a count: peers count only if they can be used, and wishes may grow.
            query.runs(dht.findProviders(KadKey.ofText(key.text()), 0, query));
        });
    }

    /**
     * Returns when each key has been sent once to the peers nearest to it; those sent before are renewed when it is time, and not
     * now. If it fails the keys are kept all the same, and sent when that's possible, unless they are withdrawn.
     */
    @Override
    public void advertise(Collection<Key> keys) throws RoutingException, InterruptedException {
        requireOpen();
        if (!keys.isEmpty()) {
            await(dht.provide(kadKeys(keys)), "advertise %d keys".formatted(keys.size()));
        }
    }

    @Override
    public void withdraw(Collection<Key> keys) throws RoutingException {
        requireOpen();
        dht.withdraw(kadKeys(keys));
    }

    private static List<KadKey> kadKeys(Collection<Key> keys) {
        return keys.stream().map(key -> KadKey.ofText(key.text())).toList();
    }

    @Override
    public Duration advertisementInterval() {
        return config.dht().kad().providers().interval();
    }

    /** The Go implementation's word for it, so that dashboards keep working. */
    @Override
    public String kind() {
        return "libp2p";
    }

    /** The servers of the DHT with a connection or in the routing table, as far as their registries can be reached. */
    @Override
    public List<Peer> peers() {
        if (closed) {
            return List.of();
        }
        Map<PeerId, List<Multiaddr>> servers = new HashMap<>(dht.peerAddresses());
        for (ConnectedPeer peer : host.peers()) {
            if (peer.speaks(dht.protocol())) {
                servers.put(peer.id(), peer.addresses());
            }
        }
        return servers.entrySet().stream()
                .flatMap(server -> registries.peer(server.getKey(), server.getValue()).stream())
                .toList();
    }

    /** All peers with a connection or in the routing table, in no order. Doesn't block. */
    public List<DhtPeer> dhtPeers() {
        if (closed) {
            return List.of();
        }
        Map<PeerId, List<Multiaddr>> table = new HashMap<>(dht.peerAddresses());
        List<DhtPeer> all = new ArrayList<>();
        for (ConnectedPeer peer : host.peers()) {
            Optional<Duration> connectedFor = Optional.ofNullable(connectedSince.get(peer.id()))
                    .map(since -> Duration.ofNanos(System.nanoTime() - since));
            all.add(new DhtPeer(
                    peer.id(),
                    peer.addresses(),
                    peer.agentVersion(),
                    connectedFor,
                    table.remove(peer.id()) != null,
                    registries.peer(peer.id(), peer.addresses())));
        }
        table.forEach((id, addresses) ->
                all.add(new DhtPeer(id, addresses, "", Optional.empty(), true, registries.peer(id, addresses))));
        return all;
    }

    /**
     * Measures a round trip to a peer with a connection.
     *
     * @throws RoutingException if there is none, or no answer within the limit
     */
    public Duration ping(PeerId peer, Duration limit) throws RoutingException, InterruptedException {
        requireOpen();
        return await(host.ping(peer), limit, "ping " + peer);
    }

    /** Who this node is. */
    public PeerId peerId() {
        return host.peerId();
    }

    /** Where this node and its registry can be reached, as others are told. May change. */
    public List<Multiaddr> addresses() {
        return host.addresses();
    }

    /** This node as one that others can begin with: what it serves at {@code /id}. Empty if it can't be reached. */
    public Optional<BootstrapPeer> asBootstrapPeer() {
        List<Multiaddr> reachable = host.addresses().stream()
                .filter(address -> address.tcpSocket().isPresent())
                .toList();
        return reachable.isEmpty()
                ? Optional.empty()
                : Optional.of(new BootstrapPeer(Optional.of(host.peerId()), reachable));
    }

    /** Numbers of the DHT, for metrics. Cheap. */
    public KadStats stats() {
        return dht.stats();
    }

    /** How many connections have failed since the other side isn't in the same private network, see {@link Host#strangers}. */
    public long strangers() {
        return host.strangers();
    }

    /** Leaves the network. What this node has advertised expires with the others. */
    @Override
    public void close() {
        closed = true;
        closing.completeExceptionally(new IOException("this router is closed"));
        searches.close();
        bootstrap.close();
        dht.close();
        host.close();
    }

    private void requireOpen() throws RoutingException {
        if (closed) {
            throw new RoutingException("this router is closed");
        }
    }

    private <T> T await(CompletableFuture<T> result, Duration limit, String attempted)
            throws RoutingException, InterruptedException {
        return await(result.copy().orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS), attempted);
    }

    /** Waits for the result, or until this router is closed. */
    private <T> T await(CompletableFuture<T> result, String attempted) throws RoutingException, InterruptedException {
        try {
            CompletableFuture.anyOf(result, closing).get();
            return result.get();
        } catch (ExecutionException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new RoutingException(
                    "can't %s: %s"
                            .formatted(
                                    attempted,
                                    reason instanceof TimeoutException ? "not done in time" : reason.getMessage()),
                    reason);
        }
    }

    /** Keeps an account of own addresses and connections. */
    private final class Connections implements HostListener {
        @Override
        public void listening(List<Multiaddr> addresses) {
            registries.listensOn(addresses);
        }

        @Override
        public void identified(ConnectedPeer peer) {
            connectedSince.putIfAbsent(peer.id(), System.nanoTime());
        }

        @Override
        public void disconnected(PeerId peer) {
            connectedSince.remove(peer);
        }
    }
}
