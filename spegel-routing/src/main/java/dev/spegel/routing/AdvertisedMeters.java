package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.AdvertisedNumbers.OfRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * {@code spegel_advertised_image_tags}, {@code spegel_advertised_image_digests} and {@code spegel_advertised_content_digests}, by
 * registry: the Go implementation's names, so that dashboards keep working. And, ours, {@code spegel_held_back_tags} by reason.
 * Registries come and go, so the gauges must be {@linkplain #refresh() refreshed} before they are read. For whoever has Micrometer on
 * the class path, which this module doesn't bring. Bound once; safe for use by many threads after that.
 */
@SuppressWarnings("exports") // not transitively: whoever uses this class requires Micrometer itself
public final class AdvertisedMeters implements MeterBinder {
    /** The registry of images that are of none of the {@value #MAX_REGISTRIES} with the most tags: names of images are users' choice. */
    static final String OTHER = "other";

    /** More than the registries that a node has images of. */
    static final int MAX_REGISTRIES = 50;

    private final Supplier<AdvertisedNumbers> numbers;
    private final Map<MultiGauge, ToIntFunction<OfRegistry>> gauges = new ConcurrentHashMap<>();
    private volatile Optional<MultiGauge> heldBack = Optional.empty();

    /** @param advertiser asked for its numbers with each {@link #refresh()} */
    public AdvertisedMeters(Advertiser advertiser) {
        this(advertiser::numbers);
    }

    AdvertisedMeters(Supplier<AdvertisedNumbers> numbers) {
        this.numbers = requireNonNull(numbers, "numbers");
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        gauges.put(
                gauge(meters, "spegel.advertised.image.tags", "Tags that this node advertises."),
                OfRegistry::imageTags);
        gauges.put(
                gauge(meters, "spegel.advertised.image.digests", "Manifests and indexes that this node advertises."),
                OfRegistry::imageDigests);
        gauges.put(
                gauge(meters, "spegel.advertised.content.digests", "Contents of any kind that this node advertises."),
                OfRegistry::contentDigests);
        heldBack = Optional.of(gauge(
                meters, "spegel.held.back.tags", "Tags that this node has and doesn't advertise; filters aside."));
    }

    private static MultiGauge gauge(MeterRegistry meters, String name, String description) {
        return MultiGauge.builder(name).description(description).register(meters);
    }

    /** Takes the numbers of this moment, which {@link Advertiser#numbers} counts. */
    public void refresh() {
        AdvertisedNumbers now = numbers.get();
        Map<String, OfRegistry> byRegistry = bounded(now.byRegistry());
        gauges.forEach((gauge, number) -> {
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            byRegistry.forEach((name, registry) ->
                    rows.add(MultiGauge.Row.of(Tags.of("registry", name), number.applyAsInt(registry))));
            gauge.register(rows, true);
        });
        List<MultiGauge.Row<?>> reasons = new ArrayList<>();
        Arrays.stream(HeldBackTag.Reason.values())
                .filter(reason -> reason != HeldBackTag.Reason.FILTERED)
                .forEach(reason -> reasons.add(MultiGauge.Row.of(
                        Tags.of("reason", reason.name().toLowerCase(Locale.ROOT)),
                        now.heldBack().getOrDefault(reason, 0))));
        heldBack.ifPresent(gauge -> gauge.register(reasons, true));
    }

    /** As they are, or the largest and what all others come to. */
    private static Map<String, OfRegistry> bounded(Map<String, OfRegistry> all) {
        Map<String, OfRegistry> bounded = new LinkedHashMap<>();
        all.entrySet().stream()
                .sorted(Map.Entry.<String, OfRegistry>comparingByValue(
                                Comparator.comparingInt(OfRegistry::imageTags).reversed())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> bounded.merge(
                        bounded.size() < MAX_REGISTRIES ? entry.getKey() : OTHER,
                        entry.getValue(),
                        (one, another) -> new OfRegistry(
                                one.imageTags() + another.imageTags(),
                                one.imageDigests() + another.imageDigests(),
                                one.contentDigests() + another.contentDigests())));
        return bounded;
    }
}
