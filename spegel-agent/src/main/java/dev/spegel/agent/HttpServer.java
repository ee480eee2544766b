package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Jetty server on a socket that is bound already: HTTP/1.1, everything bounded. */
final class HttpServer implements AutoCloseable {
    /** Longer than the 90 s for which Go's clients keep an idle connection, so that it is they who close it, not we meanwhile. */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(2);

    /** containerd's requests have below 2 KiB, the path of 255 characters and a digest included. */
    private static final int MAX_REQUEST_HEADER_BYTES = 8 * 1024;

    /** Acceptor, selectors and the lease of one thread that must stay free for them. */
    private static final int OWN_THREADS = 4;

    /** They are closed by the thread that opens another one, so there are hardly ever two. */
    private static final int CLOSING_CONNECTIONS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

    private final String name;
    private final Server server;
    private final ServerConnector connector;
    private final GracefulHandler requests;
    private final Duration grace;

    private HttpServer(
            String name, Server server, ServerConnector connector, GracefulHandler requests, Duration grace) {
        this.name = name;
        this.server = server;
        this.connector = connector;
        this.requests = requests;
        this.grace = grace;
    }

    /**
     * Starts to accept connections.
     *
     * @param name names the threads
     * @param tls for connections over TLS; empty if there are none
     * @param listener is closed with the server
     * @param maxRequests how many requests run at a time; more wait
     * @param maxConnections how many connections are open at a time; for more, those that nobody uses are closed
     * @param errors writes the answers to requests that reach no handler
     * @param grace how long requests may go on after {@link #close()}
     */
    static HttpServer start(
            String name,
            Optional<TlsServer> tls,
            ServerSocketChannel listener,
            int maxRequests,
            int maxConnections,
            Handler handler,
            Request.Handler errors,
            Duration grace)
            throws IOException {
        Server server = new Server(threads(name, maxRequests));
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_REQUEST_HEADER_BYTES);
        http.setUriCompliance(UriCompliance.DEFAULT);
        // A mirror at http://fd00::1:30020, the only form of an IPv6 address that containerd 1.6 takes, is asked with
        // that as its Host.
        // Nothing here depends on the header.
        http.setHttpCompliance(HttpCompliance.RFC9110.with("any host", HttpCompliance.Violation.UNSAFE_HOST_HEADER));
        ServerConnector connector = new ServerConnector(
                server, 1, 1, tls.map(encrypted -> encrypted.factories(http)).orElseGet(() ->
                        new ConnectionFactory[] {new HttpConnectionFactory(http)}));
        tls.ifPresent(encrypted -> encrypted.listen(connector));
        connector.setName(name);
        connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        // While the server stops, connections get this idle timeout instead: a transfer whose client pauses isn't cut
        // for it.
        connector.setShutdownIdleTimeout(grace.toMillis());
        connector.open(requireNonNull(listener, "listener"));
        server.addConnector(connector);
        ConnectionRoom room = new ConnectionRoom(maxConnections, handler);
        connector.addBean(room, false); // the server starts it
        // For the moment that a surplus connection takes to close, and where all of them are in use.
        server.addBean(new NetworkConnectionLimit(maxConnections + CLOSING_CONNECTIONS, connector));
        GracefulHandler requests = new GracefulHandler(room);
        server.setHandler(requests);
        server.setErrorHandler(tls.isPresent() ? errors : new TlsStranger(errors));
        HttpServer started = new HttpServer(name, server, connector, requests, grace);
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            started.close();
            throw e;
        } catch (Exception e) {
            started.close();
            throw new IOException("start the " + name + " server", e);
        }
        return started;
    }

    /**
     * Platform threads on any Java: a relay whose peer and client are quick hardly ever blocks, and virtual threads aren't preempted, so a
     * few such bodies would keep all others from running until these are taken for stalled (docs/benchmarks.md).
     */
    private static QueuedThreadPool threads(String name, int maxRequests) {
        QueuedThreadPool threads = new QueuedThreadPool(OWN_THREADS + maxRequests, OWN_THREADS);
        threads.setName(name);
        return threads;
    }

    /**
     * Takes no new connections, waits for the requests that run, for the grace at most, and stops. New requests on old connections
     * are answered 503 meanwhile. Closing twice is harmless.
     */
    @Override
    public void close() throws IOException {
        try {
            if (server.isStarted()) {
                drain();
            }
            server.stop();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("stop the " + name + " server", e);
        }
    }

    /** Jetty's own graceful stop waits for idle connections too, which clients keep for minutes. */
    private void drain() throws ExecutionException {
        CompletableFuture<Void> connectionsEnded = connector.shutdown();
        try {
            requests.shutdown().get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("Cutting {} requests of the {} server that still run", requests.getCurrentRequestCount(), name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connectionsEnded.cancel(false);
        }
    }
}
