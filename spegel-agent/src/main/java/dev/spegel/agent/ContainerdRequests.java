package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.agent.inspect.StatusReport.LastRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Counts what containerd asks, on the way to the registry, and has {@code /v2/} say in {@value #INSTANCE} which process answers: by
 * that one finds out whether an address leads to this agent. An address may lead to several nodes in turn.
 */
final class ContainerdRequests extends Handler.Wrapper {
    static final String INSTANCE = "Spegel-Instance";

    /** Strangers can write what they like; containerd writes 30 characters. */
    private static final int MAX_CLIENT_LENGTH = 64;

    private final String instance;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private Seen seen = new Seen(0, 0, "");

    /** @param nanoClock like {@link System#nanoTime} */
    ContainerdRequests(Handler registry, String instance, LongSupplier nanoClock) {
        super(registry);
        this.instance = requireNonNull(instance, "instance");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        if (path.equals("/v2/")) {
            response.getHeaders().put(INSTANCE, instance);
        } else if (path.startsWith("/v2/") && (path.contains("/manifests/") || path.contains("/blobs/"))) {
            String client = request.getHeaders().get(HttpHeader.USER_AGENT);
            if (client != null && client.startsWith("containerd/") && !isOfAnotherNode(request)) {
                count(client.substring(0, Math.min(client.length(), MAX_CLIENT_LENGTH)));
            }
        }
        return super.handle(request, response, callback);
    }

    /** Whether another node asks, or its containerd, which that node has sent here. */
    private static boolean isOfAnotherNode(Request request) {
        String query = request.getHttpURI().getQuery();
        return request.getHeaders().contains("X-Spegel-Mirrored")
                || (query != null && query.contains("spegel-redirected="));
    }

    private void count(String client) {
        lock.lock();
        try {
            seen = new Seen(seen.count + 1, nanoClock.getAsLong(), client);
        } finally {
            lock.unlock();
        }
    }

    StatusReport.ContainerdRequests report() {
        Seen now;
        lock.lock();
        try {
            now = seen;
        } finally {
            lock.unlock();
        }
        return new StatusReport.ContainerdRequests(
                now.count,
                now.count == 0
                        ? Optional.empty()
                        : Optional.of(new LastRequest(
                                Duration.ofNanos(Math.max(0, nanoClock.getAsLong() - now.lastNanos)), now.lastClient)));
    }

    private record Seen(long count, long lastNanos, String lastClient) {}
}
