package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.AdvertisedNumbers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * {@code spegel_advertised_image_tags}, {@code spegel_advertised_image_digests} and {@code spegel_advertised_content_digests}, by
 * registry: the Go implementation's names, so that dashboards keep working. Registries come and go, so the gauges must be {@linkplain
 * #refresh() refreshed} before they are read.
 */
final class AdvertisedGauges {
    private final Supplier<AdvertisedNumbers> numbers;
    private final Map<MultiGauge, ToIntFunction<AdvertisedNumbers.OfRegistry>> gauges;

    AdvertisedGauges(MeterRegistry meters, Supplier<AdvertisedNumbers> numbers) {
        this.numbers = requireNonNull(numbers, "numbers");
        this.gauges = Map.of(
                gauge(meters, "spegel.advertised.image.tags", "Tags that this node advertises."),
                AdvertisedNumbers.OfRegistry::imageTags,
                gauge(meters, "spegel.advertised.image.digests", "Manifests and indexes that this node advertises."),
                AdvertisedNumbers.OfRegistry::imageDigests,
                gauge(meters, "spegel.advertised.content.digests", "Contents of any kind that this node advertises."),
                AdvertisedNumbers.OfRegistry::contentDigests);
    }

    private static MultiGauge gauge(MeterRegistry meters, String name, String description) {
        return MultiGauge.builder(name).description(description).register(meters);
    }

    /** Takes the numbers of this moment. */
    void refresh() {
        Map<String, AdvertisedNumbers.OfRegistry> now = numbers.get().byRegistry();
        gauges.forEach((gauge, number) -> {
            List<MultiGauge.Row<?>> rows = now.entrySet().stream()
                    .<MultiGauge.Row<?>>map(entry ->
                            MultiGauge.Row.of(Tags.of("registry", entry.getKey()), number.applyAsInt(entry.getValue())))
                    .toList();
            gauge.register(rows, true);
        });
    }
}
