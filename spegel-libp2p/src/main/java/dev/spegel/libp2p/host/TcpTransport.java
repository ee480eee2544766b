package dev.spegel.libp2p.host;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.noise.NoiseChannel;
import dev.spegel.libp2p.noise.NoiseIdentity;
import dev.spegel.libp2p.tls.TlsEngine;
import dev.spegel.libp2p.tls.TlsIdentity;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * TCP on Netty, secured by Noise or TLS, with yamux in it.
 *
 * <p>A connection at rest holds no buffers: there is one of each kind for all connections of the event loop, used for the length
 * of a call.
 */
final class TcpTransport implements Transport {
    static final String MUXER = "/yamux/1.0.0";

    /** For securing an accepted connection and agreeing on a muxer: go-libp2p, p2p/net/upgrader/upgrader.go. */
    private static final Duration ACCEPT_LIMIT = Duration.ofSeconds(15);

    /** A thousand nodes may come at once when one restarts. The system may allow less: net.core.somaxconn, 4096 on Linux. */
    private static final int ACCEPT_BACKLOG = 1024;

    /** One frame of bulk as we cut it. With Netty's 64 KiB a read would hold more than most connections ever have to say. */
    private static final int MAX_READ_BYTES = 16_384;

    /** The size that {@link dev.spegel.libp2p.yamux.YamuxSession#writeTo} advises. */
    private static final int OUTPUT_BYTES = 65_536;

    /** The longest frame of Noise: noise/README.md#wire-format. */
    private static final int NOISE_FRAME_BYTES = NoiseChannel.sealedBytes(NoiseChannel.MAX_PLAINTEXT_BYTES);

    private final HostConfig config;
    private final HostThreads threads;
    private final EventLoop eventLoop;
    private final Duration acceptLimit;
    private final @Nullable NoiseIdentity noise;
    private final @Nullable TlsIdentity tls;
    private final ByteBuffer output = ByteBuffer.allocate(OUTPUT_BYTES);
    private final ByteBuffer noiseFrame = ByteBuffer.allocate(NOISE_FRAME_BYTES);
    private final SecureRandom random = new SecureRandom();
    private final Strangers strangers = new Strangers(System::nanoTime);
    private Map<String, Function<Stream, StreamHandler>> handlers = Map.of();

    /** @param eventLoop one of {@code threads}; all of this transport happens there */
    TcpTransport(KeyPair identity, HostConfig config, HostThreads threads, EventLoop eventLoop) {
        this(identity, config, threads, eventLoop, List.of(MUXER), ACCEPT_LIMIT, TlsEngine.best());
    }

    /** @param earlyMuxers what is proposed while securing a connection */
    TcpTransport(
            KeyPair identity,
            HostConfig config,
            HostThreads threads,
            EventLoop eventLoop,
            List<String> earlyMuxers,
            Duration acceptLimit,
            TlsEngine tlsEngine) {
        this.config = requireNonNull(config, "config");
        this.threads = requireNonNull(threads, "threads");
        this.eventLoop = requireNonNull(eventLoop, "eventLoop");
        this.acceptLimit = acceptLimit;
        noise = config.security().contains(HostConfig.Security.NOISE)
                ? NoiseIdentity.create(identity, earlyMuxers)
                : null;
        tls = config.security().contains(HostConfig.Security.TLS)
                ? TlsIdentity.create(identity, earlyMuxers, InstantSource.system(), tlsEngine)
                : null;
    }

    @Override
    public void serve(Map<String, Function<Stream, StreamHandler>> served) {
        handlers = Map.copyOf(served);
    }

    @Override
    public CompletableFuture<Listening> listen(InetSocketAddress address, Gate gate, Consumer<Connection> accepted) {
        TcpListening listening = new TcpListening(this, gate, accepted);
        ChannelFuture binding = new ServerBootstrap()
                .group(eventLoop)
                .channelFactory(threads.sockets().listening())
                .option(ChannelOption.SO_BACKLOG, ACCEPT_BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, readSizes())
                .childHandler(listening)
                .bind(address);
        return listening.bound(binding, address);
    }

    @Override
    public CompletableFuture<Connection> dial(InetSocketAddress address, Optional<PeerId> expected, Duration limit) {
        if (address.isUnresolved()) {
            return CompletableFuture.failedFuture(new IOException("dial " + address + ": the name isn't resolved"));
        }
        Dial dial = new Dial(this, address, expected, limit);
        ChannelFuture connecting = new Bootstrap()
                .group(eventLoop)
                .channelFactory(threads.sockets().connecting())
                .disableResolver()
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the limit holds for all of it
                .option(ChannelOption.RECVBUF_ALLOCATOR, readSizes())
                .handler(dial)
                .connect(address);
        return dial.connecting(connecting);
    }

    private static AdaptiveRecvByteBufAllocator readSizes() {
        return new AdaptiveRecvByteBufAllocator(512, 2048, MAX_READ_BYTES);
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    HostConfig config() {
        return config;
    }

    Executor workers() {
        return threads.workers();
    }

    Duration acceptLimit() {
        return acceptLimit;
    }

    Map<String, Function<Stream, StreamHandler>> handlers() {
        return handlers;
    }

    /** What stands nearest to the socket, so that no byte goes past it. */
    ChannelHandler privacy() {
        return config.preSharedKey()
                .<ChannelHandler>map(key -> new PrivateHandler(key, random))
                .orElseGet(OpenHandler::new);
    }

    /** A channel in the making. */
    void watch(Channel channel) {
        threads.watch(channel);
    }

    @Override
    public Strangers strangers() {
        return strangers;
    }

    /** An empty buffer for what is to be sent, free again when the call that uses it returns. */
    ByteBuffer output() {
        return output.clear();
    }

    /** The ways to secure a connection, most wanted first, as multistream-select calls them. */
    List<String> securityProtocols() {
        return config.security().stream()
                .map(way -> switch (way) {
                    case NOISE -> NoiseIdentity.PROTOCOL;
                    case TLS -> TlsIdentity.PROTOCOL;
                })
                .toList();
    }

    /** Puts the handlers that secure a connection into its pipeline, before the one of that name. */
    void secure(
            String protocol,
            boolean dialled,
            Optional<PeerId> expected,
            ChannelPipeline pipeline,
            String before,
            HandshakeSteps steps,
            Secured secured) {
        NoiseIdentity byNoise = noise;
        TlsIdentity byTls = tls;
        if (byNoise != null && protocol.equals(NoiseIdentity.PROTOCOL)) {
            pipeline.addBefore(
                    before,
                    null,
                    new NoiseHandler(
                            () -> dialled
                                    ? expected.map(byNoise::dial).orElseGet(byNoise::dialAnyone)
                                    : byNoise.accept(),
                            steps,
                            noiseFrame,
                            secured));
        } else if (byTls != null && protocol.equals(TlsIdentity.PROTOCOL)) {
            TlsSecurity.addTo(
                    pipeline,
                    before,
                    dialled ? expected.map(byTls::dial).orElseGet(byTls::dialAnyone) : byTls.accept(),
                    steps,
                    secured);
        } else {
            throw new IllegalStateException("nobody proposed to secure a connection by " + protocol);
        }
    }

    /** Text for a message. */
    static String text(InetSocketAddress address) {
        return address.isUnresolved()
                ? address.toString()
                : Multiaddr.ofTcp(address).toString();
    }
}
