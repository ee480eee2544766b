package dev.spegel.benchmarks;

import java.util.ArrayDeque;
import java.util.Deque;

/** Servers that end together, the last one first. For one thread. */
final class Started implements AutoCloseable {
    private final Deque<Runnable> ends = new ArrayDeque<>();

    MeasuredProcess add(MeasuredProcess server) {
        ends.push(server::close);
        return server;
    }

    AgentPair add(AgentPair pair) {
        ends.push(pair::close);
        return pair;
    }

    @Override
    public void close() {
        ends.forEach(Runnable::run);
    }
}
