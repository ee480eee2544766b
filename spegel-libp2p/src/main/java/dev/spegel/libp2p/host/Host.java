package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/**
 * A libp2p node: it has an identity, listens, dials, and carries streams of protocols. It speaks identify, identify-push and ping
 * by itself.
 *
 * <p>First add protocols and listeners, then {@link #start}: peers take what a node tells them first for good, so a protocol that
 * comes later may never be used.
 *
 * <p>Everything that a host calls back runs on its one event loop, {@link #executor}, which must never block. Its own methods
 * may be called from any thread and return at once; their futures complete on the event loop. They fail with an
 * {@link IOException} that says what was attempted.
 */
public interface Host extends AutoCloseable {
    /**
     * Makes a host over TCP that isn't started yet.
     *
     * @param threads may serve several hosts, and outlive this one
     */
    static Host create(KeyPair identity, HostConfig config, HostThreads threads) {
        EventLoop loop = threads.eventLoops().next();
        Transport transport = new TcpTransport(identity, config, threads, loop);
        return new NodeHost(identity, config, loop, transport, HostSurroundings.of(threads));
    }

    /** Who this node is. */
    PeerId peerId();

    /** The event loop that this host lives on. */
    ScheduledExecutorService executor();

    /**
     * Accepts streams of a protocol. For each the function is asked for what reads it.
     *
     * @throws IllegalStateException after {@link #start}, for a second handler of the protocol, and past 128 protocols, as
     *     go-libp2p keeps none of a longer list
     */
    void handle(String protocol, Function<Stream, StreamHandler> handler);

    /**
     * Says who comes and goes.
     *
     * @throws IllegalStateException after {@link #start}
     */
    void addListener(HostListener listener);

    /** Binds the listening sockets. Fails if one can't be bound, and then none is. */
    CompletableFuture<Void> start();

    /** Where this node can be reached, without its peer ID; what peers are told. Empty before {@link #start}. */
    List<Multiaddr> addresses();

    /** The peers with a connection that have identified themselves, in no order. */
    List<ConnectedPeer> peers();

    /**
     * Makes sure that there is a connection with a peer, which has identified itself or failed to. Addresses that have failed
     * lately are tried all the same, which {@link #openStream} doesn't: it's for the caller to wait between attempts.
     *
     * @param addresses where to dial it if there is none, with or without its ID; may be empty
     */
    CompletableFuture<ConnectedPeer> connect(PeerId peer, List<Multiaddr> addresses);

    /**
     * Dials an address of which it isn't known who is there, and accepts whoever proves an identity. An address that names a peer
     * is dialled as by {@link #connect(PeerId, List)}. Reaching oneself fails with a {@link DialledSelfException}.
     */
    CompletableFuture<ConnectedPeer> connect(Multiaddr address);

    /**
     * Opens a stream, over an open connection if there is one; otherwise it dials, but addresses that have failed lately are left
     * alone for a while, 5 s the first time. If the peer is known to speak the protocol the future completes
     * without waiting for its word; if it doesn't after all, the stream ends.
     *
     * @param addresses as in {@link #connect(PeerId, List)}
     * @param handler reads it; called only once the future has completed normally
     */
    CompletableFuture<Stream> openStream(
            PeerId peer, List<Multiaddr> addresses, String protocol, StreamHandler handler);

    /**
     * How many connections have failed so far, dialled and accepted, since the other side has no {@link HostConfig#preSharedKey} or
     * another one, or has one and this host hasn't. The log names them, each address once in ten minutes. Cheap.
     */
    long strangers();

    /** Measures a round trip to a connected peer by the ping protocol. */
    CompletableFuture<Duration> ping(PeerId peer);

    /**
     * Keeps connections with these peers, and no longer with those named before, when there are too many. Of the others the
     * least used are closed first.
     */
    void protect(List<PeerId> peers);

    /** Closes all connections and sockets; open streams end. Returns when that's done, if not called on the event loop. */
    @Override
    void close();
}
