package dev.spegel.agent;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What is counted of an agent's {@link Upkeep}; there with zeros where nothing is kept. */
record UpkeepMeters(Counter rotations, Counter reloadFailures, Counter mirrorFailures) {
    static UpkeepMeters register(MeterRegistry meters) {
        return new UpkeepMeters(
                Counter.builder("spegel.basic.auth.rotations")
                        .description("How often other credentials were taken up.")
                        .register(meters),
                Counter.builder("spegel.basic.auth.reload.failures")
                        .description(
                                "How often the credentials' files were gone or held what can't be used; the last good"
                                        + " ones stayed in use.")
                        .register(meters),
                Counter.builder("spegel.mirror.configuration.failures")
                        .description("How often containerd's configuration couldn't be written.")
                        .register(meters));
    }
}
