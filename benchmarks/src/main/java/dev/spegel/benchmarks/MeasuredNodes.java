package dev.spegel.benchmarks;

import dev.spegel.libp2p.identity.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/** A network of some implementation's nodes, each of which has announced its keys. Nodes are counted from 0. */
interface MeasuredNodes {
    List<PeerId> ids();

    /** The names of the keys that a node has announced. */
    List<String> keys(int node);

    /** Nanoseconds of one round trip to node 0. */
    long ping(int node) throws IOException, InterruptedException;

    /** Nanoseconds until a node knows another that has this; empty if its search ends without one. */
    OptionalLong hit(int node, String key) throws IOException, InterruptedException;

    /**
     * Nanoseconds until a node knows that nobody has this.
     *
     * @throws IOException if somebody is said to have it
     */
    long miss(int node, String key) throws IOException, InterruptedException;
}
