package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One dial: prepares the channel, and learns whether it connects. */
final class Dial extends ChannelInitializer<Channel> {
    private final TcpTransport transport;
    private final InetSocketAddress address;
    private final Optional<PeerId> expected;
    private final Duration limit;
    private @Nullable Upgrade upgrade;

    Dial(TcpTransport transport, InetSocketAddress address, Optional<PeerId> expected, Duration limit) {
        this.transport = transport;
        this.address = address;
        this.expected = expected;
        this.limit = limit;
    }

    @Override
    protected void initChannel(Channel channel) {
        upgrade = Upgrade.dialled(transport, channel, address, expected, limit);
    }

    /** The outcome of the dial, when that of {@code connecting} leads to one. */
    CompletableFuture<Connection> connecting(ChannelFuture connecting) {
        Upgrade begun = upgrade;
        if (begun == null) {
            // No socket: out of file descriptors, say.
            return CompletableFuture.failedFuture(
                    new IOException("dial %s: no socket".formatted(TcpTransport.text(address)), connecting.cause()));
        }
        connecting.addListener(outcome -> {
            if (!outcome.isSuccess()) {
                begun.fail(outcome.cause());
            }
        });
        return begun.result();
    }
}
