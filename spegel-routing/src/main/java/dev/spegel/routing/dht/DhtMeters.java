package dev.spegel.routing.dht;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.kad.KadMessage;
import dev.spegel.libp2p.kad.KadStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * {@code spegel_dht_…}: what a node of the DHT has and does, read when the meters are. The Go implementation has no metrics of its DHT.
 * For whoever has Micrometer on the class path, which this module doesn't bring.
 */
@SuppressWarnings("exports") // not transitively: whoever uses this class requires Micrometer itself
public final class DhtMeters implements MeterBinder {
    private final DhtRouter router;

    /** @param router is held weakly by its meters */
    public DhtMeters(DhtRouter router) {
        this.router = requireNonNull(router, "router");
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        gauge(meters, "routing.table.peers", "Peers in the routing table.", KadStats::peers);
        gauge(meters, "records", "Provider records that this node keeps for others and itself.", KadStats::records);
        gauge(meters, "provided.keys", "Keys that this node announces.", KadStats::provided);
        messages(meters, "sent", KadStats::sent);
        messages(meters, "received", KadStats::received);
        String bytes = "Bytes of messages of the DHT, before encryption.";
        counter(meters, "bytes", bytes, KadStats::bytesSent, "direction", "sent");
        counter(meters, "bytes", bytes, KadStats::bytesReceived, "direction", "received");
        counter(meters, "failed.requests", "Requests without a good answer.", KadStats::failedRequests);
        counter(
                meters,
                "failed.announcements",
                "Batches of keys that a peer didn't take.",
                KadStats::failedAnnouncements);
        counter(
                meters,
                "refused.streams",
                "Streams of others that were reset, as they broke a rule or exceeded a bound.",
                KadStats::refusedStreams);
        FunctionCounter.builder("spegel.dht.stranger.connections", router, DhtRouter::strangers)
                .description(
                        "Connections that failed as the peer has no or another pre-shared key, or this node has none.")
                .register(meters);
    }

    private void gauge(MeterRegistry meters, String name, String description, ToLongFunction<KadStats> value) {
        Gauge.builder("spegel.dht." + name, router, node -> value.applyAsLong(node.stats()))
                .description(description)
                .register(meters);
    }

    private void messages(
            MeterRegistry meters, String direction, Function<KadStats, Map<KadMessage.Type, Long>> counts) {
        for (KadMessage.Type type : KadMessage.Type.values()) {
            counter(
                    meters,
                    "messages",
                    "Messages of the DHT, requests and answers together.",
                    stats -> counts.apply(stats).getOrDefault(type, 0L),
                    "direction",
                    direction,
                    "type",
                    type.name().toLowerCase(Locale.ROOT));
        }
    }

    private void counter(
            MeterRegistry meters, String name, String description, ToLongFunction<KadStats> value, String... tags) {
        FunctionCounter.builder("spegel.dht." + name, router, node -> value.applyAsLong(node.stats()))
                .description(description)
                .tags(tags)
                .register(meters);
    }
}
