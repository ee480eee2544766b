package dev.spegel.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine that is measured on. */
final class Host {
    private Host() {}

    /** A line that belongs to every figure. */
    static String describe() throws IOException {
        String load = Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[1];
        return "%d cores, %s %s, JDK %s, load of the last 5 minutes %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("java.version"),
                        load);
    }
}
