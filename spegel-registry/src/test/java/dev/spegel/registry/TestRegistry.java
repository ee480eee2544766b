package dev.spegel.registry;

import dev.spegel.oci.store.ContentStore;
import dev.spegel.routing.Router;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A registry on a free port of loopback, with a client for it. */
final class TestRegistry implements AutoCloseable {
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    /** What the handler has told of, in the order in which it ended. */
    final List<AnsweredRequest> answered = new CopyOnWriteArrayList<>();
    /** Knows who took a buffer and didn't give it back. */
    final ArrayByteBufferPool.Tracking pool = new ArrayByteBufferPool.Tracking();

    private final Server server = new Server(threads(), null, pool);
    private final ServerConnector connector = new ServerConnector(server);

    TestRegistry(RegistryConfig config, ContentStore store, Router router) throws Exception {
        this(store, router, config, handler -> handler);
    }

    TestRegistry(ContentStore store, Router router, RegistryConfig config, UnaryOperator<Handler> around)
            throws Exception {
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setErrorHandler(new OciErrorHandler());
        server.setHandler(around.apply(new RegistryHandler(config, store, router, meters, answered::add)));
        server.start();
    }

    private static QueuedThreadPool threads() {
        QueuedThreadPool threads = new QueuedThreadPool(64);
        threads.setName("test-registry");
        return threads;
    }

    /** What a counter has counted; the tags are names and values by turns. */
    double count(String counter, String... tags) {
        return meters.get(counter).tags(tags).counter().count();
    }

    /** How many clients are connected. */
    int connections() {
        return connector.getConnectedEndPoints().size();
    }

    int port() {
        return connector.getLocalPort();
    }

    RawHttp client() {
        return new RawHttp(port());
    }

    /** The port changes. */
    void restart() {
        LifeCycle.stop(server);
        LifeCycle.start(server);
    }

    @Override
    public void close() {
        LifeCycle.stop(server);
    }
}
