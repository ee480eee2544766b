package dev.spegel.containerd;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How often containerd told of what, over all connections. Safe for use by many threads. */
final class EventCounts {
    private final Map<ContainerdEvent, Long> counts = new ConcurrentHashMap<>();

    void count(ContainerdEvent event) {
        counts.merge(event, 1L, Long::sum);
    }

    /** Without what never occurred. */
    Map<ContainerdEvent, Long> current() {
        Map<ContainerdEvent, Long> current = new EnumMap<>(ContainerdEvent.class);
        current.putAll(counts);
        return current;
    }
}
