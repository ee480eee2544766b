package dev.spegel.agent.cleanup;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Answers {@code GET /readyz} with 200 once this node is cleaned up. Until then whoever connects waits, and gives up: the address is taken
 * first, so that one that can't be had is known before anything is changed.
 */
public final class CleanupEndpoint implements AutoCloseable {
    static final String PATH = "/readyz";

    /** A kubelet and one waiting process ask, every few seconds: an acceptor, a selector, and threads for two requests. */
    private static final int THREADS = 4;

    private final ServerSocketChannel listener;
    private final Server server;

    private CleanupEndpoint(ServerSocketChannel listener, Server server) {
        this.listener = listener;
        this.server = server;
    }

    /** @throws IOException if the address is taken, or isn't this machine's */
    public static CleanupEndpoint bind(InetSocketAddress address) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(requireNonNull(address, "address"));
        } catch (IOException e) {
            listener.close();
            throw new IOException(
                    "can't listen on %s:%d: %s; --addr sets another address"
                            .formatted(address.getHostString(), address.getPort(), e.getMessage()),
                    e);
        }
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, THREADS);
        threads.setName("cleanup");
        Server server = new Server(threads);
        server.setHandler(new Ready());
        return new CleanupEndpoint(listener, server);
    }

    /** Begins to answer. */
    public void start() throws IOException {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.open(listener);
        server.addConnector(connector);
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("start to answer", e);
        }
    }

    /** With the port that the system chose, where it did. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.socket().getLocalSocketAddress();
    }

    /** Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        try (listener) {
            server.stop();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("stop to answer", e);
        }
    }

    private static final class Ready extends Handler.Abstract.NonBlocking {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            boolean known = Request.getPathInContext(request).equals(PATH);
            boolean read = HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
            if (known && !read) {
                response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            }
            response.setStatus(
                    !known ? HttpStatus.NOT_FOUND_404 : read ? HttpStatus.OK_200 : HttpStatus.METHOD_NOT_ALLOWED_405);
            callback.succeeded();
            return true;
        }
    }
}
