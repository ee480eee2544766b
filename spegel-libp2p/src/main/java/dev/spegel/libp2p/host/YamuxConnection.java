package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.yamux.EndReason;
import dev.spegel.libp2p.yamux.ResetCode;
import dev.spegel.libp2p.yamux.YamuxEvent;
import dev.spegel.libp2p.yamux.YamuxSession;
import dev.spegel.libp2p.yamux.YamuxStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection: moves bytes between the secured channel and a {@link YamuxSession}, and what happens in the session to the
 * streams that it concerns.
 *
 * <p>What is written in one turn of the event loop leaves together: a write only asks for {@link #turn}, which comes when all has
 * been read, or as a task of its own. Bytes are taken from the session only while the channel is writable, so that what can't
 * be sent yet is held and bounded there, and its time limit for writing works.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whatever fails to be sent or closed ends the channel, which tells so
final class YamuxConnection extends ChannelInboundHandlerAdapter implements Connection {
    /** How long a peer may take to read the last that it is told. What isn't read then is lost. */
    private static final long GOODBYE_MILLIS = 1000;

    private static final Logger log = LoggerFactory.getLogger(YamuxConnection.class);

    private final TcpTransport transport;
    private final EventLoop eventLoop;
    private final Channel channel;
    private final PeerId peer;
    private final Multiaddr remote;
    private final boolean dialled;
    private final YamuxSession session;
    private final Map<YamuxStream, MuxedStream> streams = new HashMap<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private long lastUsedNanos;
    private @Nullable ScheduledFuture<?> timer;
    private long timerNanos;
    private boolean turnAsked;
    private boolean inTurn;
    private boolean leaving;

    /** To be put into the channel's pipeline, as the last handler, before anything arrives. */
    YamuxConnection(TcpTransport transport, Channel channel, PeerId peer, Multiaddr remote, boolean dialled) {
        this.transport = transport;
        this.eventLoop = transport.eventLoop();
        this.channel = channel;
        this.peer = peer;
        this.remote = remote;
        this.dialled = dialled;
        lastUsedNanos = nowNanos();
        session = dialled
                ? YamuxSession.dialer(transport.config().yamux(), lastUsedNanos)
                : YamuxSession.listener(transport.config().yamux(), lastUsedNanos);
    }

    @Override
    public PeerId peer() {
        return peer;
    }

    @Override
    public Multiaddr remote() {
        return remote;
    }

    @Override
    public boolean isDialled() {
        return dialled;
    }

    @Override
    public int openStreams() {
        return session.openStreams();
    }

    @Override
    public long lastUsedNanos() {
        return lastUsedNanos;
    }

    @Override
    public CompletableFuture<Stream> openStream(String protocol, boolean known, StreamHandler handler) {
        checkThread();
        Optional<YamuxStream> opened = session.openStream(nowNanos());
        if (opened.isEmpty()) {
            String why = session.endReason().isPresent() ? "the connection is closed" : "too many streams are open";
            return CompletableFuture.failedFuture(
                    new IOException("open a stream of %s with %s: %s".formatted(protocol, this, why)));
        }
        OutboundStream stream = new OutboundStream(this, opened.get(), protocol, handler);
        add(stream);
        return stream.open(known);
    }

    @Override
    public void close(long code) {
        checkThread();
        session.close(code);
        askForTurn();
    }

    @Override
    public CompletableFuture<String> closed() {
        return closed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        askForTurn(); // there is a ping to send
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            session.receive(bytes.nioBuffer(), nowNanos());
        } finally {
            bytes.release();
        }
        takeEvents();
        askForTurn();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        turn();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            turn();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.connectionLost("the peer closed the connection");
        turn();
        String reason = session.endReason().map(EndReason::detail).orElseThrow();
        log.debug("{} ended: {}", this, reason);
        closed.complete(reason);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable reason = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (!(reason instanceof IOException)) {
            log.error("a fault of this side ends {}", this, reason);
        }
        session.connectionLost(String.valueOf(reason.getMessage()));
        turn();
    }

    @Override
    public String toString() {
        return "connection with %s at %s".formatted(peer, remote);
    }

    TcpTransport transport() {
        return transport;
    }

    long nowNanos() {
        return System.nanoTime();
    }

    /** @throws IllegalStateException if this isn't the event loop */
    void checkThread() {
        if (!eventLoop.inEventLoop()) {
            throw new IllegalStateException("streams and connections are used on their event loop only");
        }
    }

    /** Says that there may be something to send or to tell. */
    void askForTurn() {
        if (!turnAsked && !inTurn) {
            turnAsked = true;
            eventLoop.execute(this::turn);
        }
    }

    /** A stream has come to its end, and nothing of it is to be told any more. */
    void forget(YamuxStream stream) {
        if (streams.remove(stream) != null) {
            lastUsedNanos = nowNanos();
        }
    }

    private void add(MuxedStream stream) {
        streams.put(stream.yamux(), stream);
        lastUsedNanos = nowNanos();
    }

    /** Tells what has happened, sends what there is to send, and ends if that's what has happened. */
    private void turn() {
        turnAsked = false;
        if (inTurn) {
            return; // sending has made the channel writable again, and the turn goes on by itself
        }
        inTurn = true;
        try {
            do {
                takeEvents();
                send();
            } while (takeEvents() || (session.hasOutput() && maySend()));
            if (session.endReason().isPresent() && !leaving) {
                leaving = true;
                leave();
            }
            setTimer();
        } finally {
            inTurn = false;
        }
    }

    /** The GoAway at the end is sent however much waits already: it is little, and it's the last. */
    private boolean maySend() {
        return channel.isActive()
                && (channel.isWritable() || session.endReason().isPresent());
    }

    private void send() {
        boolean written = false;
        while (session.hasOutput() && maySend()) {
            ByteBuffer output = transport.output();
            session.writeTo(output, nowNanos());
            output.flip();
            if (output.hasRemaining()) {
                channel.write(channel.alloc().heapBuffer(output.remaining()).writeBytes(output));
                written = true;
            }
        }
        if (written) {
            channel.flush();
        }
    }

    private void leave() {
        boolean goodbye = session.endReason().map(EndReason::tellsPeer).orElse(false);
        if (!goodbye) {
            channel.close();
            return;
        }
        ScheduledFuture<?> limit = eventLoop.schedule((Runnable) channel::close, GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(outcome -> limit.cancel(false));
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void setTimer() {
        OptionalLong deadline = session.nextDeadline();
        ScheduledFuture<?> set = timer;
        if (set != null && deadline.isPresent() && timerNanos - deadline.getAsLong() <= 0) {
            return; // it comes early, sees that nothing is due, and is set anew: cheaper than to move it at each turn
        }
        if (set != null) {
            set.cancel(false);
            timer = null;
        }
        if (deadline.isPresent()) {
            timerNanos = deadline.getAsLong();
            timer = eventLoop.schedule(this::onTimer, Math.max(0, timerNanos - nowNanos()), TimeUnit.NANOSECONDS);
        }
    }

    private void onTimer() {
        timer = null;
        session.tick(nowNanos());
        turn();
    }

    private boolean takeEvents() {
        boolean any = false;
        for (Optional<YamuxEvent> event = session.nextEvent(); event.isPresent(); event = session.nextEvent()) {
            handle(event.get());
            any = true;
        }
        return any;
    }

    private void handle(YamuxEvent event) {
        if (event instanceof YamuxEvent.Data data) {
            withStream(data.stream(), stream -> stream.received(data.bytes()));
        } else if (event instanceof YamuxEvent.StreamOpened opened) {
            accept(opened.stream());
        } else if (event instanceof YamuxEvent.HalfClosed halfClosed) {
            withStream(halfClosed.stream(), MuxedStream::halfClosed);
        } else if (event instanceof YamuxEvent.Writable writable) {
            withStream(writable.stream(), MuxedStream::writable);
        } else if (event instanceof YamuxEvent.StreamClosed ended) {
            withStream(ended.stream(), MuxedStream::ended);
        } else if (event instanceof YamuxEvent.StreamReset reset) {
            String who = reset.byPeer() ? "the peer" : "this side, as the peer broke a rule or limit,";
            withStream(
                    reset.stream(), stream -> stream.lost("%s reset it with code 0x%x".formatted(who, reset.code())));
        } else if (event instanceof YamuxEvent.SessionEnded end) {
            for (YamuxStream open : end.streams()) {
                withStream(open, stream -> stream.lost(end.reason().detail()));
            }
        }
    }

    private void accept(YamuxStream opened) {
        if (transport.handlers().isEmpty()) {
            opened.reset(ResetCode.NEGOTIATION_FAILED);
        } else if (opened.isOpen()) {
            InboundStream stream = new InboundStream(this, opened, transport.handlers());
            add(stream);
            stream.open();
        }
    }

    private void withStream(YamuxStream yamux, Consumer<MuxedStream> what) {
        MuxedStream stream = streams.get(yamux);
        if (stream != null) { // this side may have reset it
            what.accept(stream);
        }
    }
}
