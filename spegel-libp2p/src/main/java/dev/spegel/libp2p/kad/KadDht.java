package dev.spegel.libp2p.kad;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.spegel.libp2p.host.ConnectedPeer;
import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.HostListener;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The DHT on a {@link Host}: a {@link KadNode} with a network.
 *
 * <p>Everything happens on the host's event loop. All methods may be called from any thread and return at once.
 *
 * <p>Outline: what happens is handed to the node, and then a step carries out what it wants: {@link Asks} and
 * {@link Announcements} talk to others, {@link Serving} lets others ask. The next step comes with the next event, or when the node
 * wants to wake up.
 */
public final class KadDht implements AutoCloseable {
    /** How long the node sleeps at most, since the clock may leap: that of a machine that was suspended, or of a test. */
    static final Duration MAX_SLEEP = Duration.ofSeconds(1);

    /** Connections with members this far away are kept: there are few of them, and all else is reached by them. As Go does. */
    private static final int MAX_BITS_OF_PROTECTED = 1;

    private static final Logger log = LoggerFactory.getLogger(KadDht.class);

    private final Host host;
    private final String protocol;
    private final LongSupplier nanoClock;
    private final ScheduledExecutorService executor;
    private final KadNode node;
    private final Asks asks;
    private final Announcements announcements;
    private final Serving serving;
    private final PendingProvides provides = new PendingProvides();
    private final Searches searches;
    private final Traffic traffic = new Traffic();
    private List<Multiaddr> ownAddresses = List.of();
    private long peersVersion;
    private long addressesVersion;
    private boolean stepping;
    private boolean stepComing;
    private @Nullable Future<?> wake;
    private volatile Map<PeerId, List<Multiaddr>> peers = Map.of();
    private volatile int records;
    private volatile int provided;
    private volatile boolean closed;

    private KadDht(Host host, KadDhtConfig config, LongSupplier nanoClock, StreamLimits limits, Random random) {
        this.host = host;
        this.nanoClock = nanoClock;
        protocol = config.protocol();
        executor = host.executor();
        node = new KadNode(host.peerId(), config.kad(), random, nanoClock.getAsLong());
        searches = new Searches(node, nanoClock, this::submit);
        Ends ends = new Ends();
        StreamOpener streams = new StreamOpener(host, protocol);
        asks = new Asks(streams, limits, traffic, ends);
        announcements = new Announcements(streams, limits, traffic, ends);
        serving = new Serving(executor, limits, traffic, new Answers());
        peersVersion = node.peersVersion();
        addressesVersion = node.addressesVersion();
    }

    /**
     * Makes the host a node of a DHT.
     *
     * @param host one that isn't started yet: peers must learn of the protocol when they first meet this node. Stays the caller's
     *     to close, after this
     * @param nanoClock the time for whatever has a validity or a period; {@link System#nanoTime} outside tests. If it leaps, the
     *     node notices within a second
     */
    public static KadDht on(Host host, KadDhtConfig config, LongSupplier nanoClock) {
        return on(host, config, nanoClock, StreamLimits.DEFAULTS, new Random());
    }

    static KadDht on(Host host, KadDhtConfig config, LongSupplier nanoClock, StreamLimits limits, Random random) {
        KadDht dht = new KadDht(host, config, nanoClock, limits, random);
        host.addListener(dht.new Arrivals());
        if (config.server()) {
            host.handle(dht.protocol, dht.serving::accept);
        }
        return dht;
    }

    /** What is spoken: prefix and {@code /kad/1.0.0}. */
    public String protocol() {
        return protocol;
    }

    /**
     * Searches for peers other than this one that have announced {@code key}. Records that this node keeps itself come first, at
     * once.
     *
     * @param count after how many to stop; 0 for all that turn up
     * @throws IllegalArgumentException if {@code count} is negative, or the key can't have providers
     */
    public Search findProviders(KadKey key, int count, SearchListener listener) {
        if (count < 0) {
            throw new IllegalArgumentException("count isn't negative, got " + count);
        }
        KadMessage.requireProviderKey(key);
        requireNonNull(listener, "listener");
        return searches.begin(listener, false, () -> node.findProviders(key, count, nanoClock.getAsLong()));
    }

    /** Searches for the peers nearest to {@code key}, which are told all at the end, nearest first. */
    public Search findClosest(KadKey key, SearchListener listener) {
        requireNonNull(key, "key");
        requireNonNull(listener, "listener");
        return searches.begin(listener, true, () -> node.findClosest(key, nanoClock.getAsLong()));
    }

    /**
     * Announces that this node has what the keys name, and keeps that announced until {@link #withdraw}.
     *
     * @return done once each key that wasn't announced yet has been, with the peers nearest to it, or was withdrawn. Fails with an
     *     {@link IOException} if nobody is known, this node has no address to announce, or a key didn't reach a fifth of those
     *     peers; the keys are kept all the same, and announced as soon as that's possible. Completes on the event loop
     * @throws IllegalArgumentException if a key can't have providers
     */
    public CompletableFuture<Void> provide(Collection<KadKey> keys) {
        Set<KadKey> distinct = Set.copyOf(keys);
        distinct.forEach(KadMessage::requireProviderKey);
        if (distinct.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> future = new CompletableFuture<>();
        submit(
                () -> {
                    provides.add(distinct, future);
                    node.provide(distinct, nanoClock.getAsLong());
                },
                () -> future.completeExceptionally(new IOException("the DHT is closed")));
        return future;
    }

    /** Announces these keys no more. The protocol can't take back what others keep: that expires. */
    public void withdraw(Collection<KadKey> keys) {
        Set<KadKey> distinct = Set.copyOf(keys);
        submit(
                () -> {
                    node.withdraw(distinct);
                    provides.settled(distinct);
                },
                () -> {});
    }

    /** Fills up the routing table as soon as possible, for instance after a bootstrap. */
    public void refresh() {
        submit(node::refresh, () -> {});
    }

    /** The routing table, as it was a moment ago. */
    public Set<PeerId> peers() {
        return peers.keySet();
    }

    /** The same with the addresses at which each is known to listen, as it says itself or, failing that, others do. */
    public Map<PeerId, List<Multiaddr>> peerAddresses() {
        return peers;
    }

    /** How many peers the routing table holds. */
    public int size() {
        return peers.size();
    }

    /** Numbers for metrics. Cheap. */
    public KadStats stats() {
        return traffic.snapshot(peers.size(), records, provided);
    }

    /**
     * Leaves the DHT: streams are reset, searches end, futures fail, all that soon after the return. Doesn't close the host. Closing
     * twice is harmless.
     */
    @Override
    public void close() {
        submit(this::shutDown, () -> {});
    }

    private void shutDown() {
        closed = true;
        peers = Map.of();
        if (wake != null) {
            wake.cancel(false);
        }
        asks.close();
        announcements.close();
        serving.close();
        provides.failAll("the DHT is closed");
        searches.close();
    }

    /** Does something on the event loop, and a step after it; or the other if the DHT is closed. */
    private void submit(Runnable action, Runnable ifClosed) {
        try {
            executor.execute(() -> {
                if (closed) {
                    ifClosed.run();
                } else {
                    action.run();
                    step();
                }
            });
        } catch (RejectedExecutionException e) {
            ifClosed.run(); // The host's threads have ended, and the host with them.
        }
    }

    /** Carries out what the node wants. What it wants in consequence comes in a later turn, so that others get theirs. */
    private void step() {
        if (stepping) {
            stepLater();
            return;
        }
        if (closed) {
            return;
        }
        stepping = true;
        try {
            node.next(nanoClock.getAsLong()).forEach(this::carryOut);
            publish();
        } catch (RuntimeException e) {
            log.error("a step of {} failed", protocol, e); // The next is on its way all the same.
        } finally {
            stepping = false;
        }
        sleep();
    }

    private void stepLater() {
        if (!stepComing) {
            stepComing = true;
            // Not by execute: Netty's loop takes all of its tasks, those included that come meanwhile, before it reads
            // on.
            var unused = executor.schedule(
                    () -> {
                        stepComing = false;
                        step();
                    },
                    0,
                    TimeUnit.NANOSECONDS);
        }
    }

    private void sleep() {
        if (wake != null) {
            wake.cancel(false);
            wake = null;
        }
        long nowNanos = nanoClock.getAsLong();
        long nanos = Math.min(node.wakeNanos(nowNanos) - nowNanos, MAX_SLEEP.toNanos());
        if (nanos <= 0) {
            stepLater();
        } else if (!closed) {
            wake = executor.schedule(this::step, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void publish() {
        records = node.records();
        provided = node.provided();
        boolean changed = peersVersion != node.peersVersion();
        if (changed || addressesVersion != node.addressesVersion()) {
            peersVersion = node.peersVersion();
            addressesVersion = node.addressesVersion();
            long nowNanos = nanoClock.getAsLong();
            peers = node.peers().stream()
                    .collect(toUnmodifiableMap(Function.identity(), peer -> node.addresses(peer, nowNanos)));
        }
        if (changed) {
            host.protect(node.peersSharingAtMost(MAX_BITS_OF_PROTECTED));
        }
    }

    private void carryOut(KadAction action) {
        if (action instanceof KadAction.Ask ask) {
            asks.ask(ask);
        } else if (action instanceof KadAction.Announce announce) {
            announcements.announce(announce, ownAddresses);
        } else if (action instanceof KadAction.Provided done) {
            if (done.sent()) {
                provides.settled(done.keys());
            } else {
                provides.failed(done.keys(), whyNotAnnounced());
            }
        } else if (action instanceof KadAction.Found found) {
            searches.found(found);
        } else if (action instanceof KadAction.Finished finished) {
            searches.finished(finished);
        }
    }

    private String whyNotAnnounced() {
        if (ownAddresses.isEmpty()) {
            return "this node has no address at which it could be reached";
        }
        return node.peers().isEmpty()
                ? "no peer of the DHT is known"
                : "too few of the peers nearest to them took them";
    }

    /** Learns from the host who comes and goes. */
    private final class Arrivals implements HostListener {
        @Override
        public void listening(List<Multiaddr> addresses) {
            if (!closed) {
                ownAddresses = List.copyOf(addresses);
                node.listensOn(ownAddresses, nanoClock.getAsLong());
                step();
            }
        }

        @Override
        public void identified(ConnectedPeer peer) {
            if (!closed) {
                node.identified(peer.id(), peer.addresses(), peer.speaks(protocol), nanoClock.getAsLong());
                step();
            }
        }

        @Override
        public void disconnected(PeerId peer) {
            if (!closed) {
                node.disconnected(peer, nanoClock.getAsLong());
                step();
            }
        }
    }

    /** Tells the node what became of what it wanted. */
    private final class Ends implements Asks.Listener, Announcements.Listener {
        @Override
        public boolean isWanted(long requestId) {
            return node.isWanted(requestId);
        }

        @Override
        public void answered(long requestId, KadMessage answer) {
            node.answered(requestId, answer, nanoClock.getAsLong());
            step();
        }

        @Override
        public void announced(long requestId) {
            node.announced(requestId, nanoClock.getAsLong());
            step();
        }

        @Override
        public void failed(List<Long> requestIds) {
            requestIds.forEach(id -> node.failed(id, nanoClock.getAsLong()));
            step();
        }
    }

    private final class Answers implements Serving.Responder {
        @Override
        public KadAnswer answer(PeerId from, KadMessage request) {
            return node.request(from, request, nanoClock.getAsLong());
        }

        @Override
        public void turnEnded() {
            step();
        }
    }
}
