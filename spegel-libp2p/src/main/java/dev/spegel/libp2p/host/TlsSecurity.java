package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerIdMismatchException;
import dev.spegel.libp2p.tls.TlsHandshake;
import dev.spegel.libp2p.tls.TlsPeer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.jspecify.annotations.Nullable;

/** Secures a connection with TLS: Netty's handler does the work, and this one behind it learns the outcome. */
final class TlsSecurity extends ChannelInboundHandlerAdapter {
    /** How long the socket is kept to send what was written and the end of TLS, once the connection is to be closed. */
    private static final int CLOSE_NOTIFY_MILLIS = 1000;

    private final TlsHandshake handshake;
    private final Secured secured;

    private TlsSecurity(TlsHandshake handshake, Secured secured) {
        this.handshake = handshake;
        this.secured = secured;
    }

    /**
     * Puts TLS into the pipeline before the handler of that name. The handshake's steps run on workers. Takes the handshake over:
     * it is closed with the channel, or here if there is no place for it.
     */
    static void addTo(
            ChannelPipeline pipeline, String before, TlsHandshake handshake, HandshakeSteps steps, Secured secured) {
        SslHandler tls = new SslHandler(handshake.engine(), false, steps);
        tls.setHandshakeTimeoutMillis(0); // the whole upgrade has a limit
        tls.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_MILLIS);
        try {
            pipeline.addBefore(before, null, tls);
        } catch (RuntimeException e) {
            handshake.close();
            throw e;
        }
        pipeline.addBefore(before, null, new TlsSecurity(handshake, secured));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent completion)) {
            context.fireUserEventTriggered(event);
        } else if (completion.isSuccess()) {
            TlsPeer peer = handshake.peer();
            secured.secured(peer.id(), peer.muxer());
            context.pipeline().remove(this);
        } else {
            context.fireExceptionCaught(reason(completion.cause()));
        }
    }

    /** What the trust manager said, if it's that. */
    private static Throwable reason(Throwable cause) {
        for (@Nullable Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof PeerIdMismatchException) {
                return each;
            }
        }
        return cause;
    }
}
