package dev.spegel.libp2p.host;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.Optional;

/** The one class that knows Netty's epoll transport, which may be absent: then loading this class fails. */
final class EpollSockets {
    private EpollSockets() {}

    /** Empty if the platform has no epoll, or Netty's native library for it isn't there. */
    static Optional<Sockets> ifAvailable() {
        return Epoll.isAvailable()
                ? Optional.of(new Sockets(
                        "epoll", EpollIoHandler.newFactory(), EpollServerSocketChannel::new, EpollSocketChannel::new))
                : Optional.empty();
    }
}
