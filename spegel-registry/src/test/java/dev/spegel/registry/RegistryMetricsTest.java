package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RegistryMetricsTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final RegistryMetrics metrics = new RegistryMetrics(
            meters,
            "memory",
            new TransferBuffers(TransferConfig.DEFAULTS),
            new PeerQuarantine(QuarantineTerms.DEFAULTS, System::nanoTime),
            new Uploads(UploadConfig.DEFAULTS, System::nanoTime));

    @Test
    void hitsAndMissesAreCountedByRegistry() {
        metrics.mirrored(Optional.of("docker.io"), true, 1000);
        metrics.mirrored(Optional.of("docker.io"), false, 2000);
        metrics.mirrored(Optional.empty(), false, 2000);
        assertThat(count("docker.io", "hit")).isEqualTo(1);
        assertThat(count("docker.io", "miss")).isEqualTo(1);
        assertThat(count(RegistryMetrics.OTHER, "miss")).isEqualTo(1);
        assertThat(meters.get("spegel.mirror.last.success.timestamp").gauge().value())
                .isEqualTo(1000);
    }

    @Test
    void registriesThatStrangersInventShareOneLabel() {
        for (int i = 0; i < RegistryMetrics.MAX_REGISTRIES + 100; i++) {
            metrics.mirrored(Optional.of("r" + i + ".example"), false, 0);
        }
        assertThat(count(RegistryMetrics.OTHER, "miss")).isEqualTo(100);
        assertThat(meters.find("spegel.mirror.requests").counters()).hasSize(RegistryMetrics.MAX_REGISTRIES + 1);
    }

    private double count(String registry, String cache) {
        return meters.get("spegel.mirror.requests")
                .tags("registry", registry, "cache", cache)
                .counter()
                .count();
    }
}
