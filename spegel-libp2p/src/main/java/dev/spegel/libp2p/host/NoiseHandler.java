package dev.spegel.libp2p.host;

import dev.spegel.libp2p.noise.NoiseChannel;
import dev.spegel.libp2p.noise.NoiseException;
import dev.spegel.libp2p.noise.NoiseHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Secures a connection with Noise: first the handshake, step by step on worker threads, then every byte both ways.
 *
 * <p>Holds at most one frame that isn't whole, 65,537 bytes, and what has been read at once; nothing while the peer is silent
 * between frames.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whatever fails to be sent or closed ends the channel, which tells so
final class NoiseHandler extends ChannelDuplexHandler {
    /** The length before each frame: noise/README.md#wire-format. */
    private static final int LENGTH_BYTES = 2;

    private final Supplier<NoiseHandshake> maker;
    private final HandshakeSteps steps;
    private final ByteBuffer frame;
    private final Secured secured;
    private @Nullable NoiseHandshake handshake;
    private @Nullable NoiseChannel channel;
    private @Nullable ByteBuf held;
    private boolean computing;
    private boolean failed;

    /**
     * @param maker makes the handshake, on a worker
     * @param frame room for a whole frame, to be used by one handler at a time
     */
    NoiseHandler(Supplier<NoiseHandshake> maker, HandshakeSteps steps, ByteBuffer frame, Secured secured) {
        this.maker = maker;
        this.steps = steps;
        this.frame = frame;
        this.secured = secured;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        compute(context, () -> {
            NoiseHandshake made = maker.get();
            return new Outcome(made, ByteBuffer.wrap(made.start()));
        });
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        release();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (failed || context.isRemoved()) {
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf bytes = (ByteBuf) message;
        held = held == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), held, bytes);
        progress(context);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws NoiseException {
        NoiseChannel secure = channel;
        if (secure == null) {
            ReferenceCountUtil.release(message);
            throw new IllegalStateException("nothing is sent before the handshake's end");
        }
        ByteBuf text = (ByteBuf) message;
        ByteBuf sealed = context.alloc().heapBuffer(NoiseChannel.sealedBytes(text.readableBytes()));
        try {
            ByteBuffer room = sealed.nioBuffer(0, sealed.capacity());
            secure.seal(text.nioBuffer(), room);
            sealed.writerIndex(room.position());
        } catch (NoiseException e) {
            sealed.release();
            throw e;
        } finally {
            text.release();
        }
        context.write(sealed, promise);
    }

    private void progress(ChannelHandlerContext context) {
        try {
            if (channel != null) {
                openFrames(context, channel);
            } else if (handshake != null && !computing) {
                advance(context, handshake);
            }
        } catch (NoiseException e) {
            fail(context, e);
        }
    }

    private void advance(ChannelHandlerContext context, NoiseHandshake current) {
        if (takeFrame()) {
            ByteBuffer message =
                    ByteBuffer.allocate(frame.remaining()).put(frame).flip();
            compute(context, () -> new Outcome(current, ByteBuffer.wrap(current.advance(message))));
        }
    }

    private void openFrames(ChannelHandlerContext context, NoiseChannel secure) throws NoiseException {
        while (takeFrame()) {
            int length = NoiseChannel.plaintextBytes(frame);
            ByteBuf text = context.alloc().heapBuffer(length);
            try {
                secure.open(frame, text.nioBuffer(0, length));
            } catch (NoiseException e) {
                text.release();
                throw e;
            }
            context.fireChannelRead(text.writerIndex(length));
        }
    }

    /** Moves the next frame from what is held to {@link #frame}, if it's there whole. */
    private boolean takeFrame() {
        ByteBuf bytes = held;
        if (bytes == null) {
            return false;
        }
        int length = bytes.readableBytes() < LENGTH_BYTES
                ? LENGTH_BYTES
                : LENGTH_BYTES + bytes.getUnsignedShort(bytes.readerIndex());
        if (bytes.readableBytes() < Math.max(length, LENGTH_BYTES)) {
            bytes.discardSomeReadBytes();
            return false;
        }
        bytes.readBytes(frame.clear().limit(length));
        frame.flip();
        if (!bytes.isReadable()) {
            release();
        }
        return true;
    }

    private void compute(ChannelHandlerContext context, Step step) {
        computing = true;
        try {
            steps.execute(() -> {
                try {
                    Outcome outcome = step.compute();
                    steps.backOnLoop(() -> computed(context, outcome));
                } catch (IOException | RuntimeException e) {
                    steps.backOnLoop(() -> fail(context, e));
                }
            });
        } catch (RejectedExecutionException e) {
            fail(context, new IOException("too many handshakes wait already", e));
        }
    }

    private void computed(ChannelHandlerContext context, Outcome outcome) {
        computing = false;
        if (context.isRemoved() || failed) {
            return;
        }
        handshake = outcome.handshake();
        if (outcome.answer().hasRemaining()) {
            context.writeAndFlush(Unpooled.wrappedBuffer(outcome.answer()));
        }
        handshake.channel().ifPresent(secure -> {
            channel = secure;
            secured.secured(secure.remotePeer(), secure.muxer());
        });
        progress(context);
        context.fireChannelReadComplete();
    }

    private void fail(ChannelHandlerContext context, Exception cause) {
        failed = true;
        release();
        context.fireExceptionCaught(cause);
    }

    private void release() {
        ByteBuf bytes = held;
        held = null;
        if (bytes != null) {
            bytes.release();
        }
    }

    /** A part of the handshake, for a worker. */
    private interface Step {
        Outcome compute() throws IOException;
    }

    /** Whoever gets it on the event loop is the only one to use the handshake from there on. */
    private record Outcome(NoiseHandshake handshake, ByteBuffer answer) {}
}
