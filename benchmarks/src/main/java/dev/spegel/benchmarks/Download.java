package dev.spegel.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same body for several clients at the same time. */
final class Download {
    private Download() {}

    /**
     * Gets a body on each of so many connections at the same time.
     *
     * @return the seconds from the first byte sent to the last received
     */
    static double seconds(Side side, int streams) throws IOException, InterruptedException {
        InetSocketAddress server = side.server().address();
        Fetch fetch = side.fetch();
        ExecutorService threads = Executors.newFixedThreadPool(streams);
        try {
            List<Callable<Void>> bodies = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                bodies.add(() -> {
                    try (HttpConnection connection = HttpConnection.open(server, side.clientTls())) {
                        connection.get(fetch);
                    }
                    return null;
                });
            }
            long startNanos = System.nanoTime();
            for (Future<Void> body : threads.invokeAll(bodies)) {
                body.get();
            }
            return (System.nanoTime() - startNanos) / 1e9;
        } catch (ExecutionException e) {
            throw new IOException("get " + fetch.path() + " from " + server + ": " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }
}
