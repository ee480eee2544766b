package dev.spegel.containerd;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * {@code spegel_containerd_…}: how a containerd is followed. The Go implementation has no such metrics. The version is a label, which
 * must be {@linkplain #refresh() refreshed} before it is read. For whoever has Micrometer on the class path, which this module doesn't
 * bring. Bound once; safe for use by many threads after that.
 */
public final class ContainerdMeters implements MeterBinder {
    private final ContainerdStore store;
    private volatile Optional<MultiGauge> info = Optional.empty();

    /** @param store is held weakly by its meters */
    public ContainerdMeters(ContainerdStore store) {
        this.store = requireNonNull(store, "store");
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        info = Optional.of(MultiGauge.builder("spegel.containerd.info")
                .description("Which containerd this node has; always 1.")
                .register(meters));
        gauge(meters, "connected", "Whether containerd is followed now.", now -> now.connected() ? 1 : 0);
        gauge(
                meters,
                "reads.files",
                "Whether content is read from containerd's directory, not over its socket.",
                now -> now.readsFiles().isPresent() ? 1 : 0);
        gauge(meters, "images", "Images with usable names.", ContainerdStatus::images);
        gauge(meters, "contents", "Contents that are there.", ContainerdStatus::content);
        gauge(
                meters,
                "skipped.names",
                "Images whose names are no references, so that they are shared by digest only.",
                ContainerdStatus::skippedNames);
        gauge(
                meters,
                "damaged.contents",
                "Contents whose files have the wrong size; not served.",
                ContainerdStatus::damaged);
        gauge(
                meters,
                "problems",
                "What /readyz remarks about containerd.",
                now -> now.problems().size());
        for (ContainerdEvent event : ContainerdEvent.values()) {
            FunctionCounter.builder("spegel.containerd.events", store, now ->
                            (double) now.status().events().getOrDefault(event, 0L))
                    .description("What containerd told of in the namespace.")
                    .tag("type", event.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
        FunctionCounter.builder(
                        "spegel.containerd.connections",
                        store,
                        now -> now.status().connections())
                .description("How often containerd was connected to; each after the first follows a loss.")
                .register(meters);
    }

    private void gauge(
            MeterRegistry meters, String name, String description, ToDoubleFunction<ContainerdStatus> value) {
        Gauge.builder("spegel.containerd." + name, store, now -> value.applyAsDouble(now.status()))
                .description(description)
                .register(meters);
    }

    /** Takes the version of this moment. */
    public void refresh() {
        List<MultiGauge.Row<?>> rows = store.status().version().stream()
                .<MultiGauge.Row<?>>map(version -> MultiGauge.Row.of(Tags.of("version", version), 1))
                .toList();
        info.ifPresent(gauge -> gauge.register(rows, true));
    }
}
