package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multistream.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Agrees on a protocol for all that follows on a connection, then leaves the pipeline. What the peer has sent behind its last
 * word goes to the next handler, which {@code agreed} must have put in place.
 *
 * <p>Holds no more than has been read at once: {@link Negotiation} takes it all, and keeps at most one token.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whatever fails to be sent or closed ends the channel, which tells so
final class NegotiationHandler extends ByteToMessageDecoder {
    private final Negotiation negotiation;
    private final Consumer<String> agreed;

    NegotiationHandler(Negotiation negotiation, Consumer<String> agreed) {
        this.negotiation = negotiation;
        this.agreed = agreed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.writeAndFlush(Unpooled.wrappedBuffer(negotiation.opening()));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws IOException {
        ByteBuffer bytes = in.nioBuffer();
        Negotiation.Step step = negotiation.receive(bytes);
        in.skipBytes(bytes.position());
        if (step.toSend().hasRemaining()) {
            context.writeAndFlush(Unpooled.wrappedBuffer(step.toSend()));
        }
        if (step instanceof Negotiation.Refused) {
            throw new IOException("the peer speaks nothing that was proposed");
        }
        if (step instanceof Negotiation.Agreed agreement) {
            agreed.accept(agreement.protocol());
            context.pipeline().remove(this);
        }
    }
}
