package dev.spegel.containerd;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes connections to containerd's socket. All share one thread, which ends when this and the last of them are closed, so that
 * content which is being read can be read to its end. No keep-alive: containerd takes its pings for an attack and hangs up
 * (enhance your calm), and a Unix socket needs none.
 */
final class SocketConnections implements AutoCloseable {
    /** containerd's own limit for a message, in either direction: defaults.DefaultMaxRecvMsgSize. */
    private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private static final Metadata.Key<String> NAMESPACE =
            Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);

    private final Path socket;
    private final Metadata headers = new Metadata();
    private final MultiThreadIoEventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("containerd-io", true), NioIoHandler.newFactory());
    private final ReentrantLock lock = new ReentrantLock();
    private int open;
    private boolean closed;

    SocketConnections(Path socket, String namespace) {
        this.socket = socket;
        headers.put(NAMESPACE, namespace);
    }

    /** A connection that is made on its first call, and again after it broke. To be {@linkplain #release released} by the caller. */
    ManagedChannel acquire() {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the connections are closed");
            }
            open++;
        } finally {
            lock.unlock();
        }
        return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
                .withOption(
                        ChannelOption.SO_KEEPALIVE, null) // grpc-java sets it; this kind of socket has none, and warns
                .eventLoopGroup(eventLoop)
                .directExecutor() // what is called back here only passes things on
                .overrideAuthority("localhost")
                .usePlaintext()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
    }

    void release(ManagedChannel connection) {
        connection.shutdownNow();
        lock.lock();
        try {
            open--;
            endIfUnused();
        } finally {
            lock.unlock();
        }
    }

    /** Runs short tasks on the thread of the connections, until the last of them is released. */
    ScheduledExecutorService timer() {
        return eventLoop;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            endIfUnused();
        } finally {
            lock.unlock();
        }
    }

    private void endIfUnused() {
        if (closed && open == 0) {
            // The quiet period lets connections that are being shut down finish that.
            Future<?> unused = eventLoop.shutdownGracefully(100, 5_000, TimeUnit.MILLISECONDS);
        }
    }
}
