package dev.spegel.agent;

import dev.spegel.libp2p.kad.KadMessage;
import dev.spegel.libp2p.kad.KadStats;
import dev.spegel.routing.dht.DhtRouter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** {@code spegel_dht_…}: what the node of the DHT has and does. The Go implementation has no metrics of its DHT. */
final class DhtMeters {
    private final MeterRegistry meters;
    private final DhtRouter router;

    private DhtMeters(MeterRegistry meters, DhtRouter router) {
        this.meters = meters;
        this.router = router;
    }

    /** From now on the numbers are read at each scrape. */
    static void bind(MeterRegistry meters, DhtRouter router) {
        DhtMeters dht = new DhtMeters(meters, router);
        dht.gauge("routing.table.peers", "Peers in the routing table.", KadStats::peers);
        dht.gauge("records", "Provider records that this node keeps for others and itself.", KadStats::records);
        dht.gauge("provided.keys", "Keys that this node announces.", KadStats::provided);
        dht.messages("sent", KadStats::sent);
        dht.messages("received", KadStats::received);
        String bytes = "Bytes of messages of the DHT, before encryption.";
        dht.counter("bytes", bytes, KadStats::bytesSent, "direction", "sent");
        dht.counter("bytes", bytes, KadStats::bytesReceived, "direction", "received");
        dht.counter("failed.requests", "Requests without a good answer.", KadStats::failedRequests);
        dht.counter("failed.announcements", "Batches of keys that a peer didn't take.", KadStats::failedAnnouncements);
        dht.counter(
                "refused.streams",
                "Streams of others that were reset, as they broke a rule or exceeded a bound.",
                KadStats::refusedStreams);
    }

    private void gauge(String name, String description, ToLongFunction<KadStats> value) {
        Gauge.builder("spegel.dht." + name, router, node -> value.applyAsLong(node.stats()))
                .description(description)
                .register(meters);
    }

    private void messages(String direction, Function<KadStats, Map<KadMessage.Type, Long>> counts) {
        for (KadMessage.Type type : KadMessage.Type.values()) {
            counter(
                    "messages",
                    "Messages of the DHT, requests and answers together.",
                    stats -> counts.apply(stats).getOrDefault(type, 0L),
                    "direction",
                    direction,
                    "type",
                    type.name().toLowerCase(Locale.ROOT));
        }
    }

    private void counter(String name, String description, ToLongFunction<KadStats> value, String... tags) {
        FunctionCounter.builder("spegel.dht." + name, router, node -> value.applyAsLong(node.stats()))
                .description(description)
                .tags(tags)
                .register(meters);
    }
}
