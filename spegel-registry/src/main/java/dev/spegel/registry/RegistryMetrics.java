package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import org.eclipse.jetty.server.Request;

/**
 * What a registry counts, under the names that the Go implementation's dashboards know. No label is what a client sent: see
 * {@link RegistryLabels} for the one that comes near it.
 */
final class RegistryMetrics {
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
    private final SharedGauges gauges;
    private final RegistryLabels labels;
    private final Map<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();
    private final AtomicLong lastSuccessSeconds = new AtomicLong();
    private final Timer resolve;
    private final Map<Asked, Counter> asked = new EnumMap<>(Asked.class);
    private final Map<Flow, Counter> moved = new EnumMap<>(Flow.class);
    private final Timer firstByteOfStore;
    private final Timer firstByteOfPeer;
    private final Counter resumed;
    private final Counter notResumed;
    private final Counter verificationFailures;
    private final Counter quarantines;
    private final Counter redirects;
    private final Counter uploadsRefused;

    RegistryMetrics(
            MeterRegistry meters,
            String routerKind,
            TransferBuffers buffers,
            PeerQuarantine quarantine,
            Uploads uploads,
            RegistryLabels labels) {
        this.meters = meters;
        this.labels = labels;
        gauges = new SharedGauges(meters);
        resolve = Timer.builder("spegel.resolve.duration")
                .description("How long it took to find the first peer that has content.")
                .tag("router", routerKind)
                .serviceLevelObjectives(DURATIONS)
                .register(meters);
        gauges.latest(
                "spegel.mirror.last.success.timestamp",
                "When a request was last answered from a peer.",
                lastSuccessSeconds,
                AtomicLong::doubleValue);
        gauge(
                "transfer.buffers.available",
                "Transfer buffers that no request uses.",
                buffers,
                TransferBuffers::available);
        gauge("transfer.buffers.in.use", "Transfer buffers that requests use.", buffers, TransferBuffers::inUse);
        gauge(
                "transfer.streams.waiting",
                "Requests that wait for a transfer buffer.",
                buffers,
                TransferBuffers::waiting);
        gauge("upload.streams", "Blobs that are being sent to other nodes.", uploads, Uploads::running);
        gauge("upload.streams.waiting", "Requests of other nodes that wait for their turn.", uploads, Uploads::waiting);
        gauge(
                "mirror.quarantined.peers",
                "Peers that are asked only if nobody else has it, since they sent wrong bytes.",
                quarantine,
                PeerQuarantine::size);
        quarantines = counter("mirror.quarantines", "How often a peer sent wrong bytes and was put into quarantine.");
        verificationFailures = counter(
                "mirror.verification.failures", "How often what peers had sent of a content didn't have its digest.");
        String resumes = "How often a body that broke off or stalled went on from another peer, or couldn't.";
        resumed = counter("mirror.resumes", resumes, "outcome", "resumed");
        notResumed = counter("mirror.resumes", resumes, "outcome", "failed");
        redirects = counter("mirror.redirects", "How often a client was sent to a peer for a blob.");
        uploadsRefused = counter("upload.refused", "Requests of other nodes that were answered 429.");
        for (Asked outcome : Asked.values()) {
            asked.put(
                    outcome,
                    counter(
                            "mirror.peer.requests",
                            "Requests to peers, by what became of them.",
                            "outcome",
                            outcome.name().toLowerCase(Locale.ROOT)));
        }
        for (Flow flow : Flow.values()) {
            moved.put(
                    flow,
                    Counter.builder("spegel.transfer.bytes")
                            .baseUnit("bytes")
                            .description("Bytes of bodies, while they are moved: who has them, and where they go.")
                            .tags("source", flow.source, "direction", flow.direction)
                            .register(meters));
        }
        firstByteOfStore = firstByte("store");
        firstByteOfPeer = firstByte("peer");
    }

    private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
        gauges.sum("spegel." + name, description, Tags.empty(), source, value);
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder("spegel." + name)
                .description(description)
                .tags(tags)
                .register(meters);
    }

    private Timer firstByte(String source) {
        return Timer.builder("spegel.time.to.first.byte")
                .description("How long it took from a request's headers until the first byte of content could be sent.")
                .tag("source", source)
                .serviceLevelObjectives(DURATIONS)
                .register(meters);
    }

    /** Counts a request that the store couldn't answer. */
    void mirrored(Optional<String> registry, boolean hit, long nowSeconds) {
        Counter.builder("spegel.mirror.requests")
                .description("Requests of clients that the store couldn't answer.")
                .tags("registry", labels.of(registry), "cache", hit ? "hit" : "miss")
                .register(meters)
                .increment();
        if (hit) {
            lastSuccessSeconds.set(nowSeconds);
        }
    }

    /** Counts bytes of bodies that were moved just now. */
    void moved(Flow flow, long bytes) {
        requireNonNull(moved.get(flow), "each flow has its counter").increment((double) bytes);
    }

    /** Notes that the answer to this request now has its first byte of content, from the store. */
    void storeGives(Request request) {
        firstByteOfStore.record(since(request));
    }

    /** Notes that the answer to this request now has its first byte of content, from a peer. */
    void peerGives(Request request) {
        firstByteOfPeer.record(since(request));
    }

    private static Duration since(Request request) {
        return Duration.ofNanos(Math.max(0, System.nanoTime() - request.getHeadersNanoTime()));
    }

    /** Counts a body that broke off or stalled, and whether another peer has the rest. */
    void resumed(boolean successfully) {
        (successfully ? resumed : notResumed).increment();
    }

    /** Counts a content whose bytes turned out wrong. */
    void notVerified() {
        verificationFailures.increment();
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
            gauges.sum(
                    "http.requests.inflight",
                    "Requests being answered.",
                    Tags.of("handler", name),
                    count,
                    AtomicInteger::get);
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

    /** Where bytes of bodies come from and go to. */
    enum Flow {
        /** From a peer to this node, whether of use or not. */
        RECEIVED("peer", "received"),
        /** What a peer has to this node's client. */
        RELAYED("peer", "to_client"),
        /** What the store has to this node's client. */
        SERVED("store", "to_client"),
        /** What the store has to another node, or a client that another node sent here. */
        UPLOADED("store", "to_node");

        private final String source;
        private final String direction;

        Flow(String source, String direction) {
            this.source = source;
            this.direction = direction;
        }
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
