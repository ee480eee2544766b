package dev.spegel.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the containerds of several nodes do when all pull the same image: each gets all blobs, in the same order, from its own agent.
 *
 * @param ports of the nodes' agents, on loopback
 * @param blobs their paths, each with its size in bytes
 * @param downloads how many a node gets at a time
 */
record HerdLoad(List<Integer> ports, Map<String, Long> blobs, int downloads) {
    /**
     * What came of it.
     *
     * @param bytesByServer by where the agents said that they have a blob from
     * @param failures what went wrong, a line each
     */
    record Result(double seconds, Map<String, Long> bytesByServer, List<String> failures) {}

    /** Runs the load of a file, and prints the result, both in JSON: for a network namespace of which a running JVM knows nothing. */
    public static void main(String[] args) throws Exception {
        ObjectMapper json = new ObjectMapper();
        HerdLoad load = json.readValue(Path.of(args[0]).toFile(), HerdLoad.class);
        System.out.println(json.writeValueAsString(load.run()));
    }

    Result run() throws ExecutionException, InterruptedException {
        Map<String, Long> bytesByServer = new TreeMap<>();
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        ExecutorService threads = Executors.newFixedThreadPool(ports.size() * downloads);
        try {
            List<Callable<Void>> all = new ArrayList<>();
            for (int port : ports) {
                Queue<Map.Entry<String, Long>> left = new ConcurrentLinkedQueue<>(blobs.entrySet());
                for (int i = 0; i < downloads; i++) {
                    all.add(() -> {
                        for (Map.Entry<String, Long> blob = left.poll(); blob != null; blob = left.poll()) {
                            Fetch fetch = Fetch.whole(blob.getKey(), blob.getValue());
                            get(port, fetch, bytesByServer, failures);
                        }
                        return null;
                    });
                }
            }
            long startNanos = System.nanoTime();
            List<Future<Void>> done = threads.invokeAll(all);
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            for (Future<Void> one : done) {
                one.get(); // what goes wrong with a blob isn't an exception
            }
            return new Result(seconds, bytesByServer, List.copyOf(failures));
        } finally {
            threads.shutdownNow();
        }
    }

    private static void get(int port, Fetch fetch, Map<String, Long> bytesByServer, Queue<String> failures) {
        InetSocketAddress node = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (HttpConnection connection = HttpConnection.open(node)) {
            String server = connection.get(fetch).servedBy().orElse("unknown");
            synchronized (bytesByServer) {
                bytesByServer.merge(server, fetch.bodyBytes(), Long::sum);
            }
        } catch (IOException e) {
            failures.add(fetch.path() + " from " + node + ": " + e.getMessage());
        }
    }
}
