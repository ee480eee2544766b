package dev.spegel.libp2p.host;

import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/**
 * The kind of sockets that a platform offers.
 *
 * @param name for logs
 * @param ioHandlers what event loops need to drive them
 * @param listening makes sockets that listen
 * @param connecting makes sockets that dial
 */
record Sockets(
        String name,
        IoHandlerFactory ioHandlers,
        ChannelFactory<? extends ServerChannel> listening,
        ChannelFactory<? extends SocketChannel> connecting) {
    /** The JDK's. */
    static Sockets nio() {
        return new Sockets("nio", NioIoHandler.newFactory(), NioServerSocketChannel::new, NioSocketChannel::new);
    }

    /** Linux's own if Netty's classes and library for that are there, otherwise the JDK's. */
    static Sockets best() {
        try {
            return EpollSockets.ifAvailable().orElseGet(Sockets::nio);
        } catch (NoClassDefFoundError e) {
            return nio(); // the dependency is optional
        }
    }
}
