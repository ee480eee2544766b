package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multistream.Negotiation;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a {@link YamuxConnection} of a socket: agrees on a way to secure it, secures it, agrees on yamux unless that has
 * happened on the way.
 *
 * <p>This is the last handler of the pipeline, and its place is in the end the connection's. Before it come, one after the
 * other: what a private network encrypts with, which stays, or what an open one looks with, which leaves; multistream-select, which
 * leaves when it's done; Noise or TLS, which stays; multistream-select again, if need be. Each hands what it has read too much to the
 * next, which is there by then, so that no byte is lost.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whatever fails to be sent or closed ends the channel, which tells so
final class Upgrade extends ChannelInboundHandlerAdapter {
    /** What the connection is called in the pipeline: what secures it is put before that. */
    private static final String NAME = "connection";

    private static final Logger log = LoggerFactory.getLogger(Upgrade.class);

    private final TcpTransport transport;
    private final Channel channel;
    private final InetSocketAddress remote;
    private final boolean dialled;
    private final Optional<PeerId> expected;
    private final HandshakeSteps steps;
    private final CompletableFuture<Connection> result = new CompletableFuture<>();
    private final ScheduledFuture<?> timer;

    private Upgrade(
            TcpTransport transport,
            Channel channel,
            InetSocketAddress remote,
            boolean dialled,
            Optional<PeerId> expected,
            Duration limit) {
        this.transport = transport;
        this.channel = channel;
        this.remote = remote;
        this.dialled = dialled;
        this.expected = expected;
        steps = new HandshakeSteps(channel, transport.workers());
        timer = transport
                .eventLoop()
                .schedule(
                        () -> fail(new IOException("no secured connection within " + limit)),
                        limit.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** Prepares to upgrade a channel that is yet to be connected. */
    static Upgrade dialled(
            TcpTransport transport,
            Channel channel,
            InetSocketAddress remote,
            Optional<PeerId> expected,
            Duration limit) {
        return new Upgrade(transport, channel, remote, true, expected, limit).prepare();
    }

    /** Prepares to upgrade a channel that has come in and isn't active yet. */
    static Upgrade accepted(TcpTransport transport, Channel channel, InetSocketAddress remote, Duration limit) {
        return new Upgrade(transport, channel, remote, false, Optional.empty(), limit).prepare();
    }

    private Upgrade prepare() {
        transport.watch(channel);
        channel.pipeline().addLast(steps);
        channel.pipeline().addLast(transport.privacy());
        channel.pipeline().addLast(NAME, this);
        var unused = result.whenComplete((connection, failure) -> settled(failure));
        return this;
    }

    private void settled(@Nullable Throwable failure) {
        timer.cancel(false);
        if (failure != null) {
            channel.close();
        }
    }

    /** The connection, before it has carried a byte. Failing or cancelling this closes the channel. */
    CompletableFuture<Connection> result() {
        return result;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!result.isDone()) {
            List<String> ways = transport.securityProtocols();
            context.pipeline().addBefore(NAME, null, new NegotiationHandler(negotiation(ways), this::secure));
        }
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        // What came before has failed, and the channel is about to be closed.
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(new IOException("the peer closed the connection"));
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable reason = reasonOf(cause);
        if (isOwnFault(reason) && !result.isDone()) {
            log.error("a fault of this side ends a connection in the making with {}", Multiaddr.ofTcp(remote), reason);
        }
        fail(reason);
    }

    private static Throwable reasonOf(Throwable cause) {
        @Nullable Throwable reason = cause;
        while (reason instanceof DecoderException && reason.getCause() != null) {
            reason = reason.getCause();
        }
        return reason == null ? cause : reason;
    }

    /** What a peer does wrong is an {@link IOException} or can't be parsed; and as many as want to may ask for handshakes. */
    private static boolean isOwnFault(Throwable reason) {
        return !(reason instanceof IOException
                || reason instanceof MalformedException
                || reason instanceof RejectedExecutionException);
    }

    private Negotiation negotiation(List<String> protocols) {
        return dialled ? Negotiation.propose(protocols) : Negotiation.answer(protocols);
    }

    private void secure(String protocol) {
        if (!result.isDone()) {
            transport.secure(protocol, dialled, expected, channel.pipeline(), NAME, steps, this::secured);
        }
    }

    private void secured(PeerId peer, Optional<String> muxer) {
        if (result.isDone()) {
            return;
        }
        if (muxer.isPresent()) {
            finish(peer);
            return;
        }
        channel.pipeline()
                .addBefore(
                        NAME,
                        null,
                        new NegotiationHandler(negotiation(List.of(TcpTransport.MUXER)), agreed -> finish(peer)));
    }

    private void finish(PeerId peer) {
        if (result.isDone()) {
            return;
        }
        YamuxConnection connection = new YamuxConnection(transport, channel, peer, Multiaddr.ofTcp(remote), dialled);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.replace(this, NAME, connection);
        pipeline.remove(steps);
        result.complete(connection);
    }

    void fail(Throwable reason) {
        if (reason instanceof PeerIdMismatchException) {
            result.completeExceptionally(reason);
            return;
        }
        boolean news = result.completeExceptionally(new IOException(
                "%s %s: %s".formatted(dialled ? "dial" : "accept", Multiaddr.ofTcp(remote), describe(reason)), reason));
        if (news && reason instanceof StrangerException stranger) {
            transport.strangers().met(remote, stranger);
        }
    }

    private static String describe(Throwable reason) {
        String message = reason.getMessage();
        return message == null ? reason.getClass().getSimpleName() : message;
    }
}
