package dev.spegel.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Two servers that sent the same body, turn by turn in one run: absolute figures drift from hour to hour, their ratio doesn't.
 *
 * @param streams how many clients read at the same time
 */
record Comparison(int streams, Result reference, Result measured) {
    private static final double MIB = 1024.0 * 1024;

    /** Which server, and the path of the body there. */
    record Side(MeasuredProcess server, String path) {}

    /**
     * What came of one server.
     *
     * @param mibPerSecond the median of all rounds
     * @param cpuSecondsPerGib over all rounds
     */
    record Result(String name, double mibPerSecond, double cpuSecondsPerGib, double peakRssMib) {}

    static Comparison measure(int rounds, int streams, long sizeBytes, Side reference, Side measured)
            throws IOException, InterruptedException {
        Series first = new Series(reference, streams, sizeBytes);
        Series second = new Series(measured, streams, sizeBytes);
        // Once unmeasured: page cache, just-in-time compiler, buffers.
        first.warmUp();
        second.warmUp();
        for (int round = 0; round < rounds; round++) {
            first.run();
            second.run();
        }
        return new Comparison(streams, first.result(), second.result());
    }

    double ratio() {
        return measured.mibPerSecond / reference.mibPerSecond;
    }

    static void print(List<Comparison> comparisons, PrintStream out) {
        out.println("streams  server              MiB/s   ratio  CPU s/GiB  peak RSS MiB");
        for (Comparison comparison : comparisons) {
            print(comparison, comparison.reference, "", out);
            print(comparison, comparison.measured, String.format(Locale.ROOT, "%.2f", comparison.ratio()), out);
        }
    }

    private static void print(Comparison comparison, Result result, String ratio, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%7d  %-16s %8.0f  %6s  %9.2f  %12.0f%n",
                comparison.streams,
                result.name,
                result.mibPerSecond,
                ratio,
                result.cpuSecondsPerGib,
                result.peakRssMib);
    }

    private static final class Series {
        private final Side side;
        private final int streams;
        private final long sizeBytes;
        private final List<Double> seconds = new ArrayList<>();
        private double cpuSeconds;

        Series(Side side, int streams, long sizeBytes) {
            this.side = side;
            this.streams = streams;
            this.sizeBytes = sizeBytes;
        }

        void warmUp() throws IOException, InterruptedException {
            Download.seconds(side.server.address(), side.path, streams, sizeBytes);
        }

        void run() throws IOException, InterruptedException {
            double before = side.server.cpuSeconds();
            seconds.add(Download.seconds(side.server.address(), side.path, streams, sizeBytes));
            cpuSeconds += side.server.cpuSeconds() - before;
        }

        Result result() throws IOException {
            Collections.sort(seconds);
            double median = (seconds.get((seconds.size() - 1) / 2) + seconds.get(seconds.size() / 2)) / 2;
            double mib = (double) streams * sizeBytes / MIB;
            return new Result(
                    side.server.name(),
                    mib / median,
                    cpuSeconds / (mib / 1024 * seconds.size()),
                    side.server.peakRssBytes() / MIB);
        }
    }
}
