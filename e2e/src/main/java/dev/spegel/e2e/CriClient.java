package dev.spegel.e2e;

import dev.spegel.e2e.internal.ImageServiceGrpc;
import dev.spegel.e2e.internal.ImageSpec;
import dev.spegel.e2e.internal.PullImageRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Asks containerd for images as kubelet does. */
final class CriClient implements AutoCloseable {
    private static final long PULL_LIMIT_SECONDS = 120;

    private final MultiThreadIoEventLoopGroup eventLoop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("cri", true), NioIoHandler.newFactory());
    private final ManagedChannel channel;

    CriClient(Path socket) {
        channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
                .withOption(ChannelOption.SO_KEEPALIVE, null) // this kind of socket has none, and warns
                .eventLoopGroup(eventLoop)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
    }

    /** Pulls an image, and returns the digest of its config. */
    String pull(String image) throws IOException {
        try {
            return ImageServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PULL_LIMIT_SECONDS, TimeUnit.SECONDS)
                    .pullImage(PullImageRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(image))
                            .build())
                    .getImageRef();
        } catch (StatusRuntimeException e) {
            throw new IOException("PullImage " + image + ": " + e.getStatus(), e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        Future<?> unused = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
