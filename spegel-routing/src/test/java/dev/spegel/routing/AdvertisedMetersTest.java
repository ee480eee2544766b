package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.routing.AdvertisedNumbers.OfRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdvertisedMetersTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private AdvertisedNumbers numbers = new AdvertisedNumbers(Map.of(), 0, Map.of());
    private final AdvertisedMeters gauges = new AdvertisedMeters(() -> numbers);

    @BeforeEach
    void bind() {
        gauges.bindTo(meters);
    }

    private double tags(String registry) {
        return meters.get("spegel.advertised.image.tags")
                .tag("registry", registry)
                .gauge()
                .value();
    }

    @Test
    void registriesComeAndGo() {
        numbers = new AdvertisedNumbers(Map.of("a.example", new OfRegistry(1, 2, 3)), 3, Map.of());
        gauges.refresh();
        assertThat(tags("a.example")).isEqualTo(1);
        numbers = new AdvertisedNumbers(Map.of("b.example", new OfRegistry(4, 5, 6)), 6, Map.of());
        gauges.refresh();
        assertThat(tags("b.example")).isEqualTo(4);
        assertThat(meters.find("spegel.advertised.image.tags").gauges()).hasSize(1);
    }

    @Test
    void imagesOfManyRegistriesMakeBoundedSeries() {
        Map<String, OfRegistry> many = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            many.put("r%d.example".formatted(i), new OfRegistry(1, 1, 2));
        }
        many.put("most.example", new OfRegistry(10, 10, 20));
        numbers = new AdvertisedNumbers(many, 2000, Map.of());
        gauges.refresh();
        assertThat(meters.find("spegel.advertised.image.tags").gauges()).hasSize(AdvertisedMeters.MAX_REGISTRIES + 1);
        assertThat(tags("most.example")).isEqualTo(10);
        assertThat(tags(AdvertisedMeters.OTHER)).isEqualTo(1001 - AdvertisedMeters.MAX_REGISTRIES);
    }

    @Test
    void heldBackTagsAreToldByReason() {
        numbers = new AdvertisedNumbers(
                Map.of(), 0, Map.of(HeldBackTag.Reason.LAYER_MISSING, 7, HeldBackTag.Reason.FILTERED, 9));
        gauges.refresh();
        assertThat(meters.get("spegel.held.back.tags")
                        .tag("reason", "layer_missing")
                        .gauge()
                        .value())
                .isEqualTo(7);
        assertThat(meters.find("spegel.held.back.tags")
                        .tag("reason", "filtered")
                        .gauges())
                .isEmpty();
    }
}
