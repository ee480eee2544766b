package dev.spegel.benchmarks;

import dev.spegel.routing.Key;
import dev.spegel.routing.RoutingException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** One node advertises many keys at once, while all look things up. */
final class BulkPart {
    private static final String PART = "bulk";

    private BulkPart() {}

    static List<Figure> measure(LoopbackNetwork network, int keys) throws IOException, InterruptedException {
        List<Key> many = LoopbackNetwork.names(-1, keys).stream().map(Key::new).toList();
        LookupTimes meanwhile = new LookupTimes(network, 3);
        FutureTask<Long> advertising = new FutureTask<>(() -> {
            long start = System.nanoTime();
            network.router(0).advertise(many);
            return System.nanoTime() - start;
        });
        Thread advertiser = new Thread(advertising, "bulk-advertiser");
        advertiser.start();
        int number = 0;
        while (!advertising.isDone()) {
            meanwhile.hitOrMiss(number++);
        }
        long tookNanos;
        try {
            tookNanos = advertising.get();
        } catch (ExecutionException e) {
            throw new RoutingException("advertising %d keys failed".formatted(keys), e);
        }
        return List.of(
                Figure.of(PART, "%d keys advertised in".formatted(keys), tookNanos / 1e9, "s"),
                Figure.of(PART, "look-ups meanwhile", meanwhile.hits.count() + meanwhile.misses.count(), ""),
                Figure.of(PART, "hit p50 meanwhile", meanwhile.hits.millisAt(0.5), "ms"),
                Figure.of(PART, "hit p99 meanwhile", meanwhile.hits.millisAt(0.99), "ms")
                        .atMost(20),
                Figure.of(PART, "hits that found nobody", meanwhile.notFound(), "")
                        .atMost(0),
                Figure.of(PART, "miss p50 meanwhile", meanwhile.misses.millisAt(0.5), "ms"),
                Figure.of(PART, "miss p99 meanwhile", meanwhile.misses.millisAt(0.99), "ms")
                        .atMost(20));
    }
}
