package dev.spegel.libp2p.host;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.yamux.GoAwayCode;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Host} on a {@link Transport}: keeps the connections, and joins the services that work on them. What is said here about
 * the order of things holds because everything happens on one event loop.
 */
final class NodeHost implements Host {
    /** go-libp2p keeps none of a longer list: p2p/host/peerstore/pstoremem/protobook.go. */
    static final int MAX_PROTOCOLS = 128;

    /** All of their names together: with addresses and record they fit into messages of 8192 bytes. */
    static final int MAX_PROTOCOL_BYTES = 4096;

    /** How often to look for connections to trim: go-libp2p's p2p/net/connmgr/connmgr.go, {@code silencePeriod}. */
    static final Duration TRIM_INTERVAL = Duration.ofSeconds(10);

    /** Sockets close at once unless an event loop is stuck. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(NodeHost.class);

    private final PeerId peerId;
    private final EventExecutor loop;
    private final HostSurroundings surroundings;
    private final OwnRecord own;
    private final Transport transport;
    private final ConnectionTable table;
    private final InboundGate gate;
    private final Dialler dialler;
    private final IdentifyService identify;
    private final PingService pings;
    private final ListeningSockets sockets;
    private final Map<String, Function<Stream, StreamHandler>> handlers = new TreeMap<>();
    private final List<HostListener> listeners = new ArrayList<>();
    private final Map<PeerId, ConnectedPeer> identified = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile State state = State.NEW;
    private @Nullable Future<?> trimTimer;

    private enum State {
        NEW,
        STARTED,
        CLOSED
    }

    NodeHost(
            KeyPair identity,
            HostConfig config,
            EventExecutor loop,
            Transport transport,
            HostSurroundings surroundings) {
        this.peerId = identity.peerId();
        this.loop = requireNonNull(loop, "loop");
        this.transport = requireNonNull(transport, "transport");
        this.surroundings = requireNonNull(surroundings, "surroundings");
        own = new OwnRecord(identity, surroundings.unixNanos());
        table = new ConnectionTable(config);
        gate = new InboundGate(config, table::size);
        sockets = new ListeningSockets(config, loop, surroundings);
        dialler = new Dialler(
                loop, surroundings.nanoClock(), transport, surroundings.names(), config, sockets::bound, this::admit);
        identify = new IdentifyService(
                identity,
                config,
                loop,
                surroundings.nanoClock(),
                surroundings.workers(),
                own,
                table::peer,
                this::isIdentified);
        pings = new PingService(loop, surroundings.nanoClock(), config.streamLimit());
        handlers.put(Identify.PROTOCOL, identify::answer);
        handlers.put(Identify.PUSH_PROTOCOL, identify::receivePush);
        handlers.put(PingService.PROTOCOL, pings::answer);
    }

    @Override
    public PeerId peerId() {
        return peerId;
    }

    @Override
    public ScheduledExecutorService executor() {
        return loop;
    }

    @Override
    public void handle(String protocol, Function<Stream, StreamHandler> handler) {
        requireNonNull(handler, "handler");
        synchronized (handlers) {
            requireNotStarted();
            if (handlers.containsKey(protocol)) {
                throw new IllegalStateException("there is a handler of %s already".formatted(protocol));
            }
            int bytes = utf8Length(protocol)
                    + handlers.keySet().stream().mapToInt(NodeHost::utf8Length).sum();
            if (handlers.size() >= MAX_PROTOCOLS || bytes > MAX_PROTOCOL_BYTES) {
                throw new IllegalStateException(
                        "a host has at most %d protocols with %d bytes in their names, so none for %s"
                                .formatted(MAX_PROTOCOLS, MAX_PROTOCOL_BYTES, protocol));
            }
            handlers.put(protocol, handler);
        }
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public void addListener(HostListener listener) {
        requireNonNull(listener, "listener");
        synchronized (handlers) {
            requireNotStarted();
            listeners.add(listener);
        }
    }

    private void requireNotStarted() {
        if (state != State.NEW) {
            throw new IllegalStateException("the host has been started or closed already");
        }
    }

    @Override
    public CompletableFuture<Void> start() {
        synchronized (handlers) {
            requireNotStarted();
            state = State.STARTED;
        }
        return onLoop(() -> {
            requireOpen();
            transport.serve(Map.copyOf(handlers));
            identify.setProtocols(List.copyOf(handlers.keySet()));
            return sockets.bind(transport, gate, this::accepted).thenRun(this::listens);
        });
    }

    private void listens() {
        gate.open();
        trimTimer = loop.scheduleWithFixedDelay(
                this::trim, TRIM_INTERVAL.toNanos(), TRIM_INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
        own.setAddresses(sockets.told());
        tell(listener -> listener.listening(sockets.told()));
        sockets.watch(this::addressesChanged);
    }

    private void addressesChanged() {
        log.debug("own addresses have changed to {}", sockets.told());
        own.setAddresses(sockets.told());
        identify.push(table.peers());
        tell(listener -> listener.listening(sockets.told()));
    }

    @Override
    public List<Multiaddr> addresses() {
        return sockets.told();
    }

    @Override
    public List<ConnectedPeer> peers() {
        return List.copyOf(identified.values());
    }

    @Override
    public CompletableFuture<ConnectedPeer> connect(PeerId peer, List<Multiaddr> addresses) {
        List<Multiaddr> known = List.copyOf(addresses);
        return onLoop(() -> connection(peer, known, Dialler.Patience.NONE).thenCompose(open -> introduced(peer)));
    }

    @Override
    public CompletableFuture<ConnectedPeer> connect(Multiaddr address) {
        Optional<PeerId> named = address.peer().map(PeerId::new);
        if (named.isPresent()) {
            return connect(named.get(), List.of(address));
        }
        return onLoop(() -> {
            requireOpen();
            Optional<Connection> dialled = table.dialledTo(address);
            return dialled.map(CompletableFuture::completedFuture)
                    .orElseGet(() -> dialler.toAddress(address))
                    .thenCompose(open -> introduced(open.peer()));
        });
    }

    @Override
    public CompletableFuture<Stream> openStream(
            PeerId peer, List<Multiaddr> addresses, String protocol, StreamHandler handler) {
        List<Multiaddr> known = List.copyOf(addresses);
        return onLoop(() -> connection(peer, known, Dialler.Patience.BACK_OFF)
                .thenCompose(open -> open.openStream(
                        protocol,
                        table.peer(peer).map(its -> its.speaks(protocol)).orElse(false),
                        handler)));
    }

    @Override
    public long strangers() {
        return transport.strangers().count();
    }

    @Override
    public CompletableFuture<Duration> ping(PeerId peer) {
        return onLoop(() -> {
            requireOpen();
            Connection connection = table.peer(peer)
                    .flatMap(KnownPeer::best)
                    .orElseThrow(() -> new IOException("can't ping %s: there's no connection".formatted(peer)));
            return pings.ping(connection);
        });
    }

    @Override
    public void protect(List<PeerId> peers) {
        List<PeerId> wanted = List.copyOf(peers);
        execute(() -> table.guard(wanted));
    }

    private CompletableFuture<Connection> connection(PeerId peer, List<Multiaddr> addresses, Dialler.Patience patience)
            throws IOException {
        requireOpen();
        if (peer.equals(peerId)) {
            throw new DialledSelfException("can't connect to %s: it's this node itself".formatted(peer));
        }
        Optional<Connection> open = table.peer(peer).flatMap(KnownPeer::best);
        return open.map(CompletableFuture::completedFuture).orElseGet(() -> dialler.toPeer(peer, addresses, patience));
    }

    private CompletableFuture<ConnectedPeer> introduced(PeerId peer) {
        Optional<KnownPeer> known = table.peer(peer);
        return known.isPresent()
                ? known.get().introduced().thenApply(done -> known.get().described())
                : CompletableFuture.failedFuture(
                        new IOException("the connection with %s has ended at once".formatted(peer)));
    }

    private void accepted(Connection connection) {
        InetAddress remote = connection.remote().tcpSocket().orElseThrow().getAddress();
        gate.secured(remote);
        Outcomes.afterwards(connection.closed(), () -> gate.ended(remote));
        try {
            admit(connection);
        } catch (IOException e) {
            log.debug("refused a connection from {}: {}", connection.remote(), e.getMessage());
        }
    }

    /** Takes a connection in, or closes it. */
    private void admit(Connection connection) throws IOException {
        KnownPeer peer;
        try {
            requireOpen();
            if (connection.peer().equals(peerId)) {
                throw new DialledSelfException("%s is this node itself".formatted(connection.remote()));
            }
            if (connection.isDialled() && table.isFull()) {
                table.idlest(nowNanos()).ifPresent(idle -> trim(idle));
            }
            peer = table.add(connection, nowNanos());
        } catch (IOException e) {
            connection.close(GoAwayCode.RESOURCE_LIMIT_EXCEEDED);
            throw e;
        }
        identify.ask(peer, connection);
        Outcomes.follow(
                connection.closed(),
                reason -> ended(connection, reason),
                failure -> ended(connection, Outcomes.reasonOf(failure)));
        dialler.connected(peer.id(), connection);
    }

    private void ended(Connection connection, String reason) {
        Optional<KnownPeer> gone = table.remove(connection);
        PeerId id = connection.peer();
        gone.ifPresent(
                peer -> peer.gone(new IOException("the connection with %s has ended: %s".formatted(id, reason))));
        if (gone.isPresent() && identified.remove(id) != null) {
            tell(listener -> listener.disconnected(id));
        }
        table.peer(id).filter(KnownPeer::isIdentified).ifPresent(peer -> identified.put(id, peer.described()));
    }

    private void isIdentified(KnownPeer peer) {
        ConnectedPeer described = peer.described();
        identified.put(peer.id(), described);
        tell(listener -> listener.identified(described));
    }

    private void trim() {
        table.surplus(nowNanos()).forEach(this::trim);
    }

    private void trim(Connection connection) {
        log.debug("closes the connection with {}, as there are too many", connection.peer());
        connection.close(GoAwayCode.GARBAGE_COLLECTED);
        ended(connection, "there were too many");
    }

    private void tell(Consumer<HostListener> event) {
        for (HostListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                log.error("a listener of the host has failed", e);
            }
        }
    }

    @Override
    public void close() {
        execute(this::closeNow);
        if (loop.inEventLoop()) {
            return;
        }
        try {
            closed.get(CLOSE_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            throw new IllegalStateException("the host isn't closed after %d s".formatted(CLOSE_LIMIT.toSeconds()), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the host hasn't closed in order", e.getCause());
        }
    }

    private void closeNow() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        gate.close();
        if (trimTimer != null) {
            trimTimer.cancel(false);
        }
        List<CompletableFuture<?>> ends = new ArrayList<>();
        ends.add(sockets.close());
        dialler.close(closedAlready());
        for (KnownPeer peer : table.peers()) {
            for (KnownPeer.Held held : List.copyOf(peer.connections())) {
                ends.add(held.connection().closed());
                held.connection().close(GoAwayCode.SHUTDOWN);
            }
        }
        Outcomes.follow(
                CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)),
                done -> closed.complete(null),
                closed::completeExceptionally);
    }

    private void requireOpen() throws IOException {
        if (state == State.CLOSED) {
            throw closedAlready();
        }
        if (state == State.NEW) {
            throw new IOException("the host isn't started");
        }
    }

    private static IOException closedAlready() {
        return new IOException("the host is closed");
    }

    private long nowNanos() {
        return surroundings.nanoClock().getAsLong();
    }

    /** A step on the event loop that ends in a future. */
    private interface Step<T> {
        CompletableFuture<T> take() throws IOException;
    }

    /** Returns a future of the caller's own: it may complete or cancel it as it likes. */
    private <T> CompletableFuture<T> onLoop(Step<T> step) {
        CompletableFuture<T> result = new CompletableFuture<>();
        boolean runs = execute(() -> {
            try {
                Outcomes.follow(step.take(), result::complete, result::completeExceptionally);
            } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        if (!runs) {
            result.completeExceptionally(closedAlready());
        }
        return result;
    }

    /** Returns false if the event loop has ended, which ends a host too. */
    private boolean execute(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return true;
        }
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            closed.complete(null);
            return false;
        }
    }
}
