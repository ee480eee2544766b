package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.ContainerdEvent;
import dev.spegel.containerd.ContainerdStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * {@code spegel_containerd_…}: how this node's containerd is followed. The Go implementation has no such metrics. The version is a
 * label, which must be {@linkplain #refresh() refreshed} before it is read.
 */
final class ContainerdMeters {
    private final Supplier<ContainerdStatus> status;
    private final MeterRegistry meters;
    private final MultiGauge info;

    ContainerdMeters(MeterRegistry meters, Supplier<ContainerdStatus> status) {
        this.meters = requireNonNull(meters, "meters");
        this.status = requireNonNull(status, "status");
        info = MultiGauge.builder("spegel.containerd.info")
                .description("Which containerd this node has; always 1.")
                .register(meters);
        gauge("connected", "Whether containerd is followed now.", now -> now.connected() ? 1 : 0);
        gauge(
                "reads.files",
                "Whether content is read from containerd's directory, not over its socket.",
                now -> now.readsFiles().isPresent() ? 1 : 0);
        gauge("images", "Images with usable names.", ContainerdStatus::images);
        gauge("contents", "Contents that are there.", ContainerdStatus::content);
        gauge(
                "skipped.names",
                "Images whose names are no references, so that they are shared by digest only.",
                ContainerdStatus::skippedNames);
        gauge("damaged.contents", "Contents whose files have the wrong size; not served.", ContainerdStatus::damaged);
        gauge(
                "problems",
                "What /readyz remarks about containerd.",
                now -> now.problems().size());
        for (ContainerdEvent event : ContainerdEvent.values()) {
            FunctionCounter.builder("spegel.containerd.events", status, now ->
                            (double) now.get().events().getOrDefault(event, 0L))
                    .description("What containerd told of in the namespace.")
                    .tag("type", event.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
        FunctionCounter.builder(
                        "spegel.containerd.connections",
                        status,
                        now -> now.get().connections())
                .description("How often containerd was connected to; each after the first follows a loss.")
                .register(meters);
    }

    private void gauge(String name, String description, ToDoubleFunction<ContainerdStatus> value) {
        Gauge.builder("spegel.containerd." + name, status, now -> value.applyAsDouble(now.get()))
                .description(description)
                .strongReference(true)
                .register(meters);
    }

    /** Takes the version of this moment. */
    void refresh() {
        List<MultiGauge.Row<?>> rows = status.get().version().stream()
                .<MultiGauge.Row<?>>map(version -> MultiGauge.Row.of(Tags.of("version", version), 1))
                .toList();
        info.register(rows, true);
    }
}
