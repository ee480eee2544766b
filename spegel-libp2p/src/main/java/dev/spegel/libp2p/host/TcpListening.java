package dev.spegel.libp2p.host;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bound socket, and the connections that have come in there and aren't secured yet. */
@SuppressWarnings("FutureReturnValueIgnored") // whatever fails to be sent or closed ends the channel, which tells so
@Sharable
final class TcpListening extends ChannelInitializer<Channel> implements Transport.Listening {
    private static final Logger log = LoggerFactory.getLogger(TcpListening.class);

    private final TcpTransport transport;
    private final Transport.Gate gate;
    private final Consumer<Connection> accepted;
    private final Set<Upgrade> pending = new HashSet<>();
    private @Nullable Channel socket;
    private boolean closing;

    TcpListening(TcpTransport transport, Transport.Gate gate, Consumer<Connection> accepted) {
        this.transport = transport;
        this.gate = gate;
        this.accepted = accepted;
    }

    /** This, once the socket is bound. */
    CompletableFuture<Transport.Listening> bound(ChannelFuture binding, InetSocketAddress address) {
        CompletableFuture<Transport.Listening> result = new CompletableFuture<>();
        binding.addListener(outcome -> {
            if (outcome.isSuccess()) {
                socket = binding.channel();
                result.complete(this);
            } else {
                Throwable cause = outcome.cause();
                result.completeExceptionally(new IOException(
                        "listen on %s: %s".formatted(TcpTransport.text(address), cause.getMessage()), cause));
            }
        });
        return result;
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) bound().localAddress();
    }

    /** Closes the connections that aren't secured yet, too. */
    @Override
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        bound().close().addListener(outcome -> {
            closing = true;
            for (Upgrade upgrade : List.copyOf(pending)) {
                upgrade.fail(new IOException("this side no longer listens"));
            }
            closed.complete(null);
        });
        return closed;
    }

    @Override
    protected void initChannel(Channel channel) {
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        if (remote == null || closing) {
            channel.close(); // it's gone already, or we are
            return;
        }
        Optional<Runnable> ticket = gate.admit(remote);
        if (ticket.isEmpty()) {
            log.debug("refused a connection from {}", remote);
            channel.close();
            return;
        }
        channel.closeFuture().addListener(outcome -> ticket.get().run());
        Upgrade upgrade = Upgrade.accepted(transport, channel, remote, transport.acceptLimit());
        pending.add(upgrade);
        var unused = upgrade.result().whenComplete((connection, failure) -> {
            pending.remove(upgrade);
            if (connection != null) {
                accepted.accept(connection);
            } else {
                // Whoever only wants to know our peer ID leaves in the middle of it, and strangers send anything.
                log.debug("{}", failure.getMessage());
            }
        });
    }

    private Channel bound() {
        if (socket == null) {
            throw new IllegalStateException("the socket isn't bound");
        }
        return socket;
    }
}
