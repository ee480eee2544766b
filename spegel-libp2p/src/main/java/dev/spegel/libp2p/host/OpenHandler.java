package dev.spegel.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** On a connection of an open network: sees whether the peer may be in a private one, then leaves the pipeline. */
final class OpenHandler extends ChannelInboundHandlerAdapter {
    private final FirstWords words = new FirstWords();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (!words.fit(bytes)) {
            bytes.release();
            context.fireExceptionCaught(new StrangerException(
                    "it has a pre-shared key, and this node has none, or it isn't a libp2p node"));
            return;
        }
        if (words.complete()) {
            context.pipeline().remove(this);
        }
        context.fireChannelRead(bytes);
    }
}
