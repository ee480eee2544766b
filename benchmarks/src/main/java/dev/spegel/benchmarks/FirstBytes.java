package dev.spegel.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Many clients that get a small body again and again, each on a connection of its own that it keeps.
 *
 * @param interval from one request of a client to its next; zero for at once when it has the answer
 */
record FirstBytes(int clients, int requestsEach, Duration interval) {
    /** How long each request took until the first byte of its answer. */
    List<Long> nanos(InetSocketAddress server, Fetch fetch) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            List<Callable<List<Long>>> all = new ArrayList<>();
            long startNanos = System.nanoTime();
            for (int client = 0; client < clients; client++) {
                // Spread over the interval, so that they don't march in step.
                long offsetNanos = interval.toNanos() * client / clients;
                all.add(() -> one(server, fetch, startNanos + offsetNanos));
            }
            List<Long> nanos = new ArrayList<>();
            for (Future<List<Long>> client : threads.invokeAll(all)) {
                nanos.addAll(client.get());
            }
            return nanos;
        } catch (ExecutionException e) {
            throw new IOException("get " + fetch.path() + " from " + server + ": " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Long> one(InetSocketAddress server, Fetch fetch, long startNanos) throws IOException {
        List<Long> nanos = new ArrayList<>();
        try (HttpConnection connection = HttpConnection.open(server)) {
            for (int i = 0; i < requestsEach; i++) {
                long dueNanos = startNanos + i * interval.toNanos();
                while (!interval.isZero() && dueNanos - System.nanoTime() > 0) {
                    LockSupport.parkNanos(dueNanos - System.nanoTime());
                }
                nanos.add(connection.get(fetch).firstByteNanos());
            }
        }
        return nanos;
    }
}
