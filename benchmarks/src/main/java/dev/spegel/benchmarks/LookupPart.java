package dev.spegel.benchmarks;

import dev.spegel.libp2p.kad.KadMessage;
import dev.spegel.routing.dht.DhtRouterConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Look-ups of a network at rest over real sockets, and what the nodes say to each other in one interval. */
final class LookupPart {
    private static final String PART = "lookups";
    private static final double MIB = 1024.0 * 1024;

    /** The clocks leap through an interval, by less than a request may take, lest one that is under way seem lost. */
    private static final Duration LEAP = Duration.ofSeconds(10);

    /** Nodes notice a leap within a second. */
    private static final Duration BETWEEN_LEAPS = Duration.ofMillis(1100);

    private LookupPart() {}

    /** @param reference the times of another implementation's network, taken in the same way */
    static List<Figure> times(LookupTimes ours, Optional<LookupTimes> reference) {
        return List.of(
                figure("ping p50", 0.5, ours.pings, reference.map(other -> other.pings)),
                figure("ping p99", 0.99, ours.pings, reference.map(other -> other.pings)),
                figure("hit p50", 0.5, ours.hits, reference.map(other -> other.hits))
                        .atMost(2),
                figure("hit p99", 0.99, ours.hits, reference.map(other -> other.hits))
                        .atMost(10),
                Figure.of(PART, "hits that found nobody", ours.notFound(), "")
                        .beside(reference.map(other -> (double) other.notFound()))
                        .atMost(0),
                figure("miss p50", 0.5, ours.misses, reference.map(other -> other.misses)),
                figure("miss p99", 0.99, ours.misses, reference.map(other -> other.misses))
                        .atMost(20));
    }

    private static Figure figure(String what, double share, Samples ours, Optional<Samples> reference) {
        return Figure.of(PART, what, ours.millisAt(share), "ms").beside(reference.map(other -> other.millisAt(share)));
    }

    static Figure heap(LoopbackNetwork network, long bytesBefore) {
        double bytes = Heap.usedBytes() - bytesBefore;
        return Figure.of(PART, "heap a node", bytes / MIB / network.ids().size(), "MiB");
    }

    /** What the nodes send within one interval, without anybody's look-ups. */
    static List<Figure> interval(LoopbackNetwork network) throws InterruptedException {
        Duration interval = DhtRouterConfig.PROVIDERS.interval();
        Map<KadMessage.Type, Long> before = network.sent();
        for (Duration passed = Duration.ZERO; passed.compareTo(interval) < 0; passed = passed.plus(LEAP)) {
            network.leap(LEAP);
            Thread.sleep(BETWEEN_LEAPS.toMillis());
        }
        Map<KadMessage.Type, Long> after = network.sent();
        double nodes = network.ids().size();
        long records = after.getOrDefault(KadMessage.Type.ADD_PROVIDER, 0L)
                - before.getOrDefault(KadMessage.Type.ADD_PROVIDER, 0L);
        long all = sum(after) - sum(before);
        return List.of(
                Figure.of(PART, "records sent, a node and interval", records / nodes, "messages"),
                Figure.of(PART, "all else sent, a node and interval", (all - records) / nodes, "messages"));
    }

    private static long sum(Map<KadMessage.Type, Long> messages) {
        return messages.values().stream().mapToLong(Long::longValue).sum();
    }
}
