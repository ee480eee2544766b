package dev.spegel.agent;

import dev.spegel.registry.Health;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What can be said of an agent in a word: which it is, and whether it is ready. */
final class AgentMeters {
    private AgentMeters() {}

    static void bind(MeterRegistry meters, Health health, BuildInfo build) {
        Gauge.builder("spegel.ready", health, now -> now.notReadyBecause().isEmpty() ? 1 : 0)
                .description("Whether /readyz answers 200.")
                .register(meters);
        Gauge.builder("spegel.build.info", () -> 1)
                .description("Which agent this is; always 1.")
                .tag("version", build.version())
                .register(meters);
    }
}
