package dev.spegel.agent;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Keeps room for clients that come: where more connections are open than may be, the one that has been without a request for longest is
 * closed, and so is one whose request is never finished. Otherwise a few thousand connections that nobody uses, or whose requests come
 * byte by byte, would keep everyone else waiting to be accepted. HTTP clients are ready for it: RFC 9112, section 9.5.
 *
 * <p>A handler, to see requests, and a bean of the connector, to see connections. Safe for use by many threads.
 */
final class ConnectionRoom extends Handler.Wrapper implements Connection.Listener {
    private final int maxConnections;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Connection> open = new HashSet<>();
    /** Those of which no request is being answered, in the order in which the last one ended. */
    private final Set<Connection> idle = new LinkedHashSet<>();

    ConnectionRoom(int maxConnections, Handler handler) {
        super(handler);
        this.maxConnections = maxConnections;
    }

    @Override
    public void onOpened(Connection connection) {
        Connection surplus = null;
        lock.lock();
        try {
            if (open.size() >= maxConnections && !idle.isEmpty()) {
                surplus = idle.iterator().next();
                idle.remove(surplus);
                open.remove(surplus);
            }
            open.add(connection);
            idle.add(connection);
        } finally {
            lock.unlock();
        }
        if (surplus != null) {
            surplus.getEndPoint().close();
        }
    }

    @Override
    public void onClosed(Connection connection) {
        lock.lock();
        try {
            open.remove(connection);
            idle.remove(connection);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Connection connection = request.getConnectionMetaData().getConnection();
        lock.lock();
        try {
            idle.remove(connection);
        } finally {
            lock.unlock();
        }
        Request.addCompletionListener(request, failure -> ended(connection));
        return super.handle(request, response, callback);
    }

    private void ended(Connection connection) {
        lock.lock();
        try {
            if (open.contains(connection)) {
                idle.add(connection);
            }
        } finally {
            lock.unlock();
        }
    }
}
