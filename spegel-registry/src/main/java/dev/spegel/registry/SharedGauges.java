package dev.spegel.registry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * Gauges of registries of one process that have a {@link MeterRegistry} in common. That keeps the first gauge of a name and ignores
 * others; here each shows what all of them come to. As with Micrometer's own gauges, what is measured is held weakly. Safe for use by
 * many threads.
 */
final class SharedGauges {
    /** What is measured doesn't know its meter registry, so an entry goes with its key. */
    private static final Map<MeterRegistry, Map<String, Parts>> ALL = Collections.synchronizedMap(new WeakHashMap<>());

    private final MeterRegistry meters;
    private final Map<String, Parts> gauges;

    SharedGauges(MeterRegistry meters) {
        this.meters = meters;
        gauges = ALL.computeIfAbsent(meters, key -> new ConcurrentHashMap<>());
    }

    /** Shows this too, in a gauge that is the sum of all. */
    <T> void sum(String name, String description, Tags tags, T source, ToDoubleFunction<T> value) {
        add(name, "", description, tags, Double::sum, new Part<>(new WeakReference<>(source), value));
    }

    /** Shows this moment too, in seconds since 1970, in a gauge that is the latest of all. */
    <T> void latest(String name, String description, T source, ToDoubleFunction<T> value) {
        add(name, "seconds", description, Tags.empty(), Math::max, new Part<>(new WeakReference<>(source), value));
    }

    private void add(String name, String unit, String description, Tags tags, DoubleBinaryOperator both, Part<?> part) {
        Parts parts = gauges.computeIfAbsent(name + tags, key -> new Parts(both));
        parts.list().add(part);
        Gauge.builder(name, parts, Parts::value) // the first is kept
                .description(description)
                .tags(tags)
                .baseUnit(unit.isEmpty() ? null : unit)
                .register(meters);
    }

    private record Parts(DoubleBinaryOperator both, List<Part<?>> list) {
        Parts(DoubleBinaryOperator both) {
            this(both, new CopyOnWriteArrayList<>());
        }

        double value() {
            list.removeIf(Part::isGone);
            return list.stream().mapToDouble(Part::value).reduce(0, both);
        }
    }

    private record Part<T>(WeakReference<T> source, ToDoubleFunction<T> function) {
        boolean isGone() {
            return source.get() == null;
        }

        double value() {
            T present = source.get();
            return present == null ? 0 : function.applyAsDouble(present);
        }
    }
}
