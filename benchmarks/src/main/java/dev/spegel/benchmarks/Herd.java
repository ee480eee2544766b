package dev.spegel.benchmarks;

import java.util.List;

/** Nodes that pull, and those that have what they want. */
interface Herd extends AutoCloseable {
    /** Where the holders serve, as agents name them in their answers: {@code host:port}. */
    List<String> holders();

    /** The ports of the pulling nodes' agents, on their own loopback. */
    List<Integer> ports();

    /** Runs a load against the nodes, where it can reach them. */
    HerdLoad.Result run(HerdLoad load) throws Exception;

    @Override
    void close();
}
