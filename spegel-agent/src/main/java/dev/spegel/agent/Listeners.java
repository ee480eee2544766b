package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;

/**
 * The sockets that an agent listens on. They are bound before anything else exists: an address that is taken is found out while
 * there is nothing to undo, and a port that the system chose is known to those who configure other agents with it. Clients that
 * connect before the agent has started wait in the queue.
 */
public final class Listeners implements AutoCloseable {
    /** Linux cuts it to {@code net.core.somaxconn}, 4096 by default; a node's neighbours may all come at once. */
    private static final int BACKLOG = 1024;

    private final ServerSocketChannel registry;
    private final ServerSocketChannel metrics;

    private Listeners(ServerSocketChannel registry, ServerSocketChannel metrics) {
        this.registry = registry;
        this.metrics = metrics;
    }

    /** @throws IOException if an address is taken, or isn't this machine's; the message says which */
    public static Listeners bind(InetSocketAddress registryAddress, InetSocketAddress metricsAddress)
            throws IOException {
        ServerSocketChannel registry = bind(registryAddress, "registry", "--registry-addr");
        try {
            return new Listeners(registry, bind(metricsAddress, "metrics", "--metrics-addr"));
        } catch (IOException e) {
            registry.close();
            throw e;
        }
    }

    /**
     * One more, for what only some agents have.
     *
     * @param flag sets another address
     */
    static ServerSocketChannel bind(InetSocketAddress address, String what, String flag) throws IOException {
        requireNonNull(address, what);
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            // A restart mustn't wait for the old process's connections to leave TIME_WAIT.
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return channel.bind(address, BACKLOG);
        } catch (IOException e) {
            channel.close();
            throw new IOException(
                    "can't listen on %s:%d for the %s: %s; %s sets another address"
                            .formatted(address.getHostString(), address.getPort(), what, e.getMessage(), flag),
                    e);
        }
    }

    /** Where the registry can be reached, with the port that the system chose. */
    public InetSocketAddress registryAddress() {
        return localAddress(registry);
    }

    /** Where the metrics can be reached, with the port that the system chose. */
    public InetSocketAddress metricsAddress() {
        return localAddress(metrics);
    }

    private static InetSocketAddress localAddress(ServerSocketChannel channel) {
        return (InetSocketAddress) channel.socket().getLocalSocketAddress();
    }

    ServerSocketChannel registry() {
        return registry;
    }

    ServerSocketChannel metrics() {
        return metrics;
    }

    /** Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        try (registry) {
            metrics.close();
        }
    }
}
