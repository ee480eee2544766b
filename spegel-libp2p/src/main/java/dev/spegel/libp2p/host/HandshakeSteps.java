package dev.spegel.libp2p.host;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs the arithmetic of one connection's handshake on worker threads. As long as a step runs nothing is read, so that a peer
 * can't pile up bytes here that nobody takes: a worker may be busy with others. It isn't the pressure that go-yamux takes
 * amiss, as a step that took near the 10 s of that would miss the limit of the handshake too.
 *
 * <p>Sits next to the socket, since {@code SslHandler} asks for bytes by itself during a handshake.
 */
final class HandshakeSteps extends ChannelOutboundHandlerAdapter implements Executor {
    private final Channel channel;
    private final Executor workers;
    private int running;

    HandshakeSteps(Channel channel, Executor workers) {
        this.channel = channel;
        this.workers = workers;
    }

    /**
     * Runs a step. To be called on the event loop.
     *
     * @throws RejectedExecutionException if too many steps of all connections wait
     */
    @Override
    public void execute(Runnable step) {
        workers.execute(() -> {
            try {
                step.run();
            } finally {
                backOnLoop(this::ended);
            }
        });
        running++;
        channel.config().setAutoRead(false);
    }

    /** Hands the result of a step over to the connection. To be called in a step. */
    void backOnLoop(Runnable then) {
        try {
            channel.eventLoop().execute(then);
        } catch (RejectedExecutionException e) {
            // The loop has ended, and all its connections have.
            return;
        }
    }

    @Override
    public void read(ChannelHandlerContext context) {
        if (running == 0) {
            context.read();
        }
    }

    /** The handshake is over: whatever runs still has no say any more. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        resume();
    }

    private void ended() {
        if (running > 0 && --running == 0) {
            resume();
        }
    }

    private void resume() {
        running = 0;
        channel.config().setAutoRead(true);
    }
}
