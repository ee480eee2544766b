package dev.spegel.libp2p.host;

import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.libp2p.pnet.PrivateStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * On a connection of a private network: encrypts all of it, each direction behind a nonce, and sees whether the peer has the
 * key.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whatever fails to be sent or closed ends the channel, which tells so
final class PrivateHandler extends ChannelDuplexHandler {
    private final PreSharedKey key;
    private final SecureRandom random;
    private final FirstWords words = new FirstWords();
    private final byte[] peerNonce = new byte[PrivateStream.NONCE_BYTES];
    private int peerNonceRead;
    private @Nullable PrivateStream in;
    private @Nullable PrivateStream out;
    private boolean failed;

    PrivateHandler(PreSharedKey key, SecureRandom random) {
        this.key = key;
        this.random = random;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        PrivateStream stream = failed ? null : decryption(context, bytes);
        if (stream == null || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        ByteBuf text = context.alloc().heapBuffer(bytes.readableBytes()).writeBytes(bytes);
        bytes.release();
        stream.apply(text.array(), text.arrayOffset(), text.readableBytes());
        if (words.fit(text)) {
            context.fireChannelRead(text);
        } else {
            text.release();
            fail(context, "it has another pre-shared key than this node, or isn't a libp2p node");
        }
    }

    /** Null as long as the peer's nonce isn't whole, or if it isn't one. */
    private @Nullable PrivateStream decryption(ChannelHandlerContext context, ByteBuf bytes) {
        if (in == null) {
            int count = Math.min(peerNonce.length - peerNonceRead, bytes.readableBytes());
            bytes.readBytes(peerNonce, peerNonceRead, count);
            peerNonceRead += count;
            if (FirstWords.begin(peerNonce, peerNonceRead)) {
                fail(context, "it has no pre-shared key, and this node has one");
            } else if (peerNonceRead == peerNonce.length) {
                in = key.stream(peerNonce);
            }
        }
        return in;
    }

    /** js-libp2p says nothing to a peer whose words it doesn't understand. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (in != null && !words.complete() && !failed) {
            fail(context, "it went away at this node's first words, so it may have another pre-shared key");
        }
        context.fireChannelInactive();
    }

    private void fail(ChannelHandlerContext context, String reason) {
        failed = true;
        context.fireExceptionCaught(new StrangerException(reason));
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf text = (ByteBuf) message;
        PrivateStream stream = out;
        ByteBuf sealed = context.alloc().heapBuffer(PrivateStream.NONCE_BYTES + text.readableBytes());
        if (stream == null) {
            byte[] nonce = new byte[PrivateStream.NONCE_BYTES];
            random.nextBytes(nonce);
            sealed.writeBytes(nonce);
            stream = key.stream(nonce);
            out = stream;
        }
        int from = sealed.writerIndex();
        sealed.writeBytes(text);
        text.release();
        stream.apply(sealed.array(), sealed.arrayOffset() + from, sealed.writerIndex() - from);
        context.write(sealed, promise);
    }
}
