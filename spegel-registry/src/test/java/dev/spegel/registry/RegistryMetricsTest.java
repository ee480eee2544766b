package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.store.MemoryStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegistryMetricsTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final TransferBuffers buffers = new TransferBuffers(TransferConfig.DEFAULTS);
    private final RegistryMetrics metrics = metrics(meters, buffers);

    private static RegistryMetrics metrics(MeterRegistry meters, TransferBuffers buffers) {
        return new RegistryMetrics(
                meters,
                "memory",
                buffers,
                new PeerQuarantine(QuarantineTerms.DEFAULTS, System::nanoTime),
                new Uploads(UploadConfig.DEFAULTS, System::nanoTime),
                new RegistryLabels(new MemoryStore(), Set.of(), System::nanoTime));
    }

    private double count(String registry, String cache) {
        return meters.get("spegel.mirror.requests")
                .tags("registry", registry, "cache", cache)
                .counter()
                .count();
    }

    private double gauge(String name, String... tags) {
        return meters.get(name).tags(tags).gauge().value();
    }

    @Test
    void hitsAndMissesAreCountedByRegistry() {
        metrics.mirrored(Optional.of("docker.io"), true, 1000);
        metrics.mirrored(Optional.of("docker.io"), false, 2000);
        metrics.mirrored(Optional.empty(), false, 2000);
        assertThat(count("docker.io", "hit")).isEqualTo(1);
        assertThat(count("docker.io", "miss")).isEqualTo(1);
        assertThat(count(RegistryLabels.OTHER, "miss")).isEqualTo(1);
        assertThat(gauge("spegel.mirror.last.success.timestamp")).isEqualTo(1000);
    }

    @Test
    void registriesOfOneProcessShareTheirGauges() throws Exception {
        TransferBuffers others = new TransferBuffers(TransferConfig.DEFAULTS);
        RegistryMetrics second = metrics(meters, others);
        int all = 2 * TransferConfig.DEFAULTS.maxBuffers();
        assertThat(gauge("spegel.transfer.buffers.available")).isEqualTo(all);
        try (TransferBuffers.Lease lease = others.acquire(1, Duration.ZERO).orElseThrow()) {
            assertThat(lease.all()).hasSize(1);
            assertThat(gauge("spegel.transfer.buffers.available")).isEqualTo(all - 1);
            assertThat(gauge("spegel.transfer.buffers.in.use")).isEqualTo(1);
        }
        RegistryMetrics.InFlight request = metrics.begin("/v2/");
        RegistryMetrics.InFlight another = second.begin("/v2/");
        assertThat(gauge("http.requests.inflight", "handler", "/v2/")).isEqualTo(2);
        request.end("GET", 200, 0);
        another.end("GET", 200, 0);
        assertThat(gauge("http.requests.inflight", "handler", "/v2/")).isZero();
        second.mirrored(Optional.empty(), true, 2000);
        metrics.mirrored(Optional.empty(), true, 1000);
        assertThat(gauge("spegel.mirror.last.success.timestamp"))
                .as("the latest of both")
                .isEqualTo(2000);
    }
}
