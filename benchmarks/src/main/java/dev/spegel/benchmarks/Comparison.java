package dev.spegel.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Servers that sent the same body, turn by turn in one run: absolute figures drift from hour to hour, their ratio doesn't.
 *
 * @param streams how many clients read at the same time
 * @param results in the order of the sides
 */
record Comparison(int streams, List<Result> results) {
    private static final double MIB = 1024.0 * 1024;

    Comparison {
        results = List.copyOf(results);
    }

    /**
     * What came of one server.
     *
     * @param mibPerSecond the median of all rounds
     * @param cpuSecondsPerGib the server's, over all rounds
     * @param clientCpuSecondsPerGib what it took this process to receive that
     */
    record Result(
            Side side,
            double mibPerSecond,
            double cpuSecondsPerGib,
            double clientCpuSecondsPerGib,
            double peakRssMib) {}

    static Comparison measure(int rounds, int streams, List<Side> sides) throws IOException, InterruptedException {
        List<Series> all = sides.stream().map(side -> new Series(side, streams)).toList();
        // Once unmeasured: page cache, just-in-time compiler, buffers.
        for (Series series : all) {
            series.warmUp();
        }
        for (int round = 0; round < rounds; round++) {
            for (Series series : all) {
                series.run();
            }
        }
        List<Result> results = new ArrayList<>();
        for (Series series : all) {
            results.add(series.result());
        }
        return new Comparison(streams, results);
    }

    /** The fastest of the yardsticks that, like this one, speak TLS or don't. */
    private Result yardstick(Result measured) {
        return results.stream()
                .filter(result -> result.side.yardstick()
                        && result.side.tls().isPresent() == measured.side.tls().isPresent())
                .max(Comparator.comparing(Result::mibPerSecond))
                .orElseThrow();
    }

    /** How fast it is as a part of the yardstick. */
    double ratio(Result result) {
        return result.mibPerSecond / yardstick(result).mibPerSecond;
    }

    /** Its processor time as a multiple of the yardstick's. */
    double cpuRatio(Result result) {
        return result.cpuSecondsPerGib / yardstick(result).cpuSecondsPerGib;
    }

    /** How fast it is as a part of what it is without TLS; empty if that's what it is. */
    Optional<Double> ratioToPlain(Result result) {
        return plain(result).map(plain -> result.mibPerSecond / plain.mibPerSecond);
    }

    /** Its processor time as a multiple of what it takes without TLS. */
    Optional<Double> cpuRatioToPlain(Result result) {
        return plain(result).map(plain -> result.cpuSecondsPerGib / plain.cpuSecondsPerGib);
    }

    private Optional<Result> plain(Result secured) {
        return secured.side
                .tls()
                .flatMap(tls -> results.stream()
                        .filter(result -> result.side.equals(tls.plain()))
                        .findFirst());
    }

    /** Whether it keeps all its limits; empty without any. */
    Optional<Boolean> met(Result result) {
        Optional<Boolean> fast = result.side.minRatio().map(least -> ratio(result) >= least);
        Optional<Boolean> cheap = result.side.maxCpuRatio().map(most -> cpuRatio(result) <= most);
        return fast.isEmpty() && cheap.isEmpty()
                ? Optional.empty()
                : Optional.of(fast.orElse(true) && cheap.orElse(true));
    }

    private static final class Series {
        private final Side side;
        private final int streams;
        private final List<Double> seconds = new ArrayList<>();
        private double cpuSeconds;
        private double clientCpuSeconds;

        Series(Side side, int streams) {
            this.side = side;
            this.streams = streams;
        }

        void warmUp() throws IOException, InterruptedException {
            Download.seconds(side, streams);
        }

        void run() throws IOException, InterruptedException {
            double before = side.server().cpuSeconds();
            double clientBefore = ownCpuSeconds();
            seconds.add(Download.seconds(side, streams));
            cpuSeconds += side.server().cpuSeconds() - before;
            clientCpuSeconds += ownCpuSeconds() - clientBefore;
        }

        private static double ownCpuSeconds() {
            return ProcessHandle.current()
                            .info()
                            .totalCpuDuration()
                            .orElseThrow()
                            .toNanos()
                    / 1e9;
        }

        Result result() throws IOException {
            Collections.sort(seconds);
            double median = (seconds.get((seconds.size() - 1) / 2) + seconds.get(seconds.size() / 2)) / 2;
            double mib = streams * side.fetch().bodyBytes() / MIB;
            double gib = mib / 1024 * seconds.size();
            return new Result(
                    side,
                    mib / median,
                    cpuSeconds / gib,
                    clientCpuSeconds / gib,
                    side.server().peakRssBytes() / MIB);
        }
    }
}
