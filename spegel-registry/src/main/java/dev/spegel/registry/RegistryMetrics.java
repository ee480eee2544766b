package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What a registry counts, under the names that the Go implementation's dashboards know. */
final class RegistryMetrics {
    /** The label of registries beyond {@link #MAX_REGISTRIES}: what a stranger sends must not become labels without end. */
    static final String OTHER = "other";

    /** More than the registries that a cluster pulls from. */
    static final int MAX_REGISTRIES = 50;

    /** Prometheus' default buckets, and finer ones below, since a lookup takes 1 to 2 ms. */
    private static final Duration[] DURATIONS = {
        Duration.ofMillis(1), Duration.ofNanos(2_500_000), Duration.ofMillis(5), Duration.ofMillis(10),
        Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250),
        Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMillis(2500), Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    /** 1 KiB and nine times five times as much, as in the Go implementation. */
    private static final double[] SIZES = {
        1024, 5120, 25_600, 128_000, 640_000, 3_200_000, 16_000_000, 80_000_000, 400_000_000, 2_000_000_000
    };

    private final MeterRegistry meters;
    private final Set<String> registries = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();
    private final AtomicLong lastSuccessSeconds = new AtomicLong();
    private final Timer resolve;
    private final Map<Asked, Counter> asked = new EnumMap<>(Asked.class);
    private final Counter quarantines;
    private final Counter redirects;
    private final Counter uploadsRefused;

    RegistryMetrics(
            MeterRegistry meters,
            String routerKind,
            TransferBuffers buffers,
            PeerQuarantine quarantine,
            Uploads uploads) {
        this.meters = meters;
        resolve = Timer.builder("spegel.resolve.duration")
                .description("How long it took to find the first peer that has content.")
                .tag("router", routerKind)
                .serviceLevelObjectives(DURATIONS)
                .register(meters);
        Gauge.builder("spegel.mirror.last.success.timestamp", lastSuccessSeconds, AtomicLong::doubleValue)
                .description("When a request was last answered from a peer.")
                .baseUnit("seconds")
                .register(meters);
        Gauge.builder("spegel.transfer.buffers.available", buffers, TransferBuffers::available)
                .description("Transfer buffers that no request uses.")
                .register(meters);
        Gauge.builder("spegel.mirror.quarantined.peers", quarantine, PeerQuarantine::size)
                .description("Peers that are asked only if nobody else has it, since they sent wrong bytes.")
                .register(meters);
        quarantines = Counter.builder("spegel.mirror.quarantines")
                .description("How often a peer sent wrong bytes and was put into quarantine.")
                .register(meters);
        redirects = Counter.builder("spegel.mirror.redirects")
                .description("How often a client was sent to a peer for a blob.")
                .register(meters);
        Gauge.builder("spegel.upload.streams", uploads, Uploads::running)
                .description("Blobs that are being sent to other nodes.")
                .register(meters);
        uploadsRefused = Counter.builder("spegel.upload.refused")
                .description("Requests of other nodes that were answered 429.")
                .register(meters);
        for (Asked outcome : Asked.values()) {
            asked.put(
                    outcome,
                    Counter.builder("spegel.mirror.peer.requests")
                            .description("Requests to peers, by what became of them.")
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
    }

    /** Counts a request that the store couldn't answer. */
    void mirrored(Optional<String> registry, boolean hit, long nowSeconds) {
        meters.counter(
                        "spegel.mirror.requests",
                        "registry",
                        registry.map(this::label).orElse(OTHER),
                        "cache",
                        hit ? "hit" : "miss")
                .increment();
        if (hit) {
            lastSuccessSeconds.set(nowSeconds);
        }
    }

    /** Counts a request to a peer. */
    void peerAsked(Asked outcome) {
        requireNonNull(asked.get(outcome), "each outcome has its counter").increment();
    }

    /** Counts a peer that was put into quarantine. */
    void quarantined() {
        quarantines.increment();
    }

    /** Counts a client that was sent to a peer. */
    void redirected() {
        redirects.increment();
    }

    /** Counts a request of another node that was refused for now. */
    void uploadRefused() {
        uploadsRefused.increment();
    }

    void resolved(Duration duration) {
        resolve.record(duration);
    }

    /** Counts a request in; the result counts it out. */
    InFlight begin(String handler) {
        AtomicInteger requests = inFlight.computeIfAbsent(handler, name -> {
            AtomicInteger count = new AtomicInteger();
            Gauge.builder("http.requests.inflight", count, AtomicInteger::get)
                    .description("Requests being answered.")
                    .tag("handler", name)
                    .register(meters);
            return count;
        });
        requests.incrementAndGet();
        long startNanos = System.nanoTime();
        return (method, status, bytes) -> {
            requests.decrementAndGet();
            Timer.builder("http.request.duration")
                    .description("How long it took to answer a request.")
                    .tags("handler", handler, "method", method, "code", Integer.toString(status))
                    .serviceLevelObjectives(DURATIONS)
                    .register(meters)
                    .record(Duration.ofNanos(System.nanoTime() - startNanos));
            DistributionSummary.builder("http.response.size")
                    .description("How long the bodies of answers were.")
                    .baseUnit("bytes")
                    .tag("handler", handler)
                    .serviceLevelObjectives(SIZES)
                    .register(meters)
                    .record((double) bytes);
        };
    }

    private String label(String registry) {
        if (registries.contains(registry)) {
            return registry;
        }
        // Two threads may both pass at the limit: one label more, not labels without end.
        return registries.size() < MAX_REGISTRIES && registries.add(registry) ? registry : OTHER;
    }

    /** What became of a request to a peer. */
    enum Asked {
        /** Its answer was used. */
        WON,
        /** Another peer answered first. */
        LOST,
        /** It couldn't be reached, took too long, or didn't have it. */
        FAILED,
        /** It has too much to do just now, and said so. */
        BUSY
    }

    /** A request that is being answered. */
    interface InFlight {
        void end(String method, int status, long bytes);
    }
}
