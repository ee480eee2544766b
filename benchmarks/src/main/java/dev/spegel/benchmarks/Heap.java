package dev.spegel.benchmarks;

import java.lang.management.ManagementFactory;

/** What lives in this process' heap. */
final class Heap {
    private Heap() {}

    /** The bytes in use after a collection. */
    static long usedBytes() {
        System.gc(); // All but the Epsilon collector do it at once, and whole.
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
