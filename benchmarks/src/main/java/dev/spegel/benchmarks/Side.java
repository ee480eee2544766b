package dev.spegel.benchmarks;

import java.util.Optional;

/**
 * One of those that are compared.
 *
 * @param name in the output
 * @param minRatio what its speed is to be at least, as a part of the yardstick's
 * @param maxCpuRatio what its processor time is to be at most, as a multiple of the yardstick's
 */
record Side(
        String name,
        MeasuredProcess server,
        Fetch fetch,
        boolean yardstick,
        Optional<Double> minRatio,
        Optional<Double> maxCpuRatio) {
    static Side yardstick(MeasuredProcess server, Fetch fetch) {
        return new Side(server.name(), server, fetch, true, Optional.empty(), Optional.empty());
    }

    static Side measured(String name, MeasuredProcess server, Fetch fetch) {
        return new Side(name, server, fetch, false, Optional.empty(), Optional.empty());
    }

    Side atLeast(double ratio) {
        return new Side(name, server, fetch, yardstick, Optional.of(ratio), maxCpuRatio);
    }

    Side withCpuAtMost(double ratio) {
        return new Side(name, server, fetch, yardstick, minRatio, Optional.of(ratio));
    }
}
