package dev.spegel.agent;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What every Java process should tell: memory, garbage collection, threads, processor, files, age. Processor time and memory have the
 * names that Prometheus' own clients give them, which dashboards know; what the machine does is for others to tell.
 */
final class JvmMeters implements AutoCloseable {
    /** proc(5): what the kernel says of a process; on Linux only. */
    private static final Path STATUS = Path.of("/proc/self/status");

    private static final String RESIDENT = "VmRSS:";

    private final JvmGcMetrics gc = new JvmGcMetrics();

    JvmMeters(MeterRegistry meters) {
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new FileDescriptorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        gc.bindTo(meters);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            FunctionCounter.builder(
                            "process.cpu",
                            system,
                            now -> (double) now.getProcessCpuTime() / TimeUnit.SECONDS.toNanos(1))
                    .description("Processor time, of the user and of the system.")
                    .baseUnit("seconds")
                    .register(meters);
        }
        if (Files.isReadable(STATUS)) {
            Gauge.builder("process.resident.memory", JvmMeters::residentBytes)
                    .description("Memory that the process has in use, as the kernel counts it.")
                    .baseUnit("bytes")
                    .register(meters);
        }
    }

    /** The line is {@code VmRSS:     81234 kB}. */
    private static double residentBytes() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .mapToDouble(line -> 1024
                            * Double.parseDouble(line.substring(RESIDENT.length())
                                    .replace("kB", "")
                                    .trim()))
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN; // which is what a gauge says that has no value
        }
    }

    /** Ends the listening to the collectors. */
    @Override
    public void close() {
        gc.close();
    }
}
