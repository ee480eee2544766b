package dev.spegel.libp2p.host;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.tls.TlsEngine;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A transport with an event loop of its own, to be driven from the thread of a test. */
final class TransportNode implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(10);

    final KeyPair keys = KeyPair.generate();
    final HostThreads threads;
    final EventLoop loop;
    final TcpTransport transport;
    final Map<String, Function<Stream, StreamHandler>> handlers = new HashMap<>();
    final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
    final AtomicInteger tickets = new AtomicInteger();
    private final Queue<Connection> dialled = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Transport.Listening> listening = new CompletableFuture<>();

    TransportNode(HostConfig config) {
        this(config, List.of(TcpTransport.MUXER), Duration.ofSeconds(15), Sockets.nio(), TlsEngine.JDK);
    }

    TransportNode(
            HostConfig config, List<String> earlyMuxers, Duration acceptLimit, Sockets sockets, TlsEngine tlsEngine) {
        threads = HostThreads.create("test", 1, 2, sockets);
        loop = threads.eventLoops().next();
        transport = new TcpTransport(keys, config, threads, loop, earlyMuxers, acceptLimit, tlsEngine);
    }

    TransportNode serve(String protocol, Function<Stream, StreamHandler> handler) {
        handlers.put(protocol, handler);
        return this;
    }

    TransportNode listen() throws Exception {
        return listen(remote -> {
            tickets.incrementAndGet();
            return Optional.of(tickets::decrementAndGet);
        });
    }

    TransportNode listen(Transport.Gate gate) throws Exception {
        transport.serve(handlers);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        listening.complete(get(call(() -> transport.listen(anyPort, gate, accepted::add))));
        return this;
    }

    PeerId peerId() {
        return keys.peerId();
    }

    InetSocketAddress address() {
        return listening().address();
    }

    Transport.Listening listening() {
        return listening.join();
    }

    Connection dial(TransportNode other) throws Exception {
        return get(dialling(other.address(), Optional.of(other.peerId())));
    }

    CompletableFuture<Connection> dialling(InetSocketAddress address, Optional<PeerId> expected) throws Exception {
        CompletableFuture<Connection> dialling = call(() -> transport.dial(address, expected, LIMIT));
        var unused = dialling.whenComplete((connection, failure) -> {
            if (connection != null) {
                dialled.add(connection);
            }
        });
        return dialling; // not what follows from it: tests cancel it
    }

    Connection accepted() throws InterruptedException {
        Connection connection = accepted.poll(LIMIT.toSeconds(), SECONDS);
        if (connection == null) {
            throw new AssertionError("nobody has connected");
        }
        return connection;
    }

    Stream open(Connection connection, String protocol, boolean known, StreamHandler handler) throws Exception {
        return get(call(() -> connection.openStream(protocol, known, handler)));
    }

    /** Runs on the event loop. */
    <T> T call(Callable<T> callable) throws Exception {
        return loop.submit(callable).get(LIMIT.toSeconds(), SECONDS);
    }

    void run(Runnable runnable) throws Exception {
        loop.submit(runnable).get(LIMIT.toSeconds(), SECONDS);
    }

    static <T> T get(CompletableFuture<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(LIMIT.toSeconds(), SECONDS);
    }

    /** Closes what was dialled from here, as a host does before its threads end: else a loop may end with channels open. */
    void closeDialled() throws Exception {
        for (Connection connection : dialled) {
            run(() -> connection.close(0));
            get(connection.closed());
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
