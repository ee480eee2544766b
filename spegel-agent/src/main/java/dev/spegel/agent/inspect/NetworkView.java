package dev.spegel.agent.inspect;

import java.io.IOException;

/** The network as one node sees it. Safe for use by many threads. */
public interface NetworkView {
    /** The peers that a report names at most; of more, only the number is told. */
    int MAX_PEERS = 1000;

    /** Who is known, and how far away. Takes a second or two at most. */
    PeersReport peers() throws IOException, InterruptedException;

    /** Who is known, without round trips: asks nobody, and doesn't block if the node is in this process. */
    PeersReport known() throws IOException, InterruptedException;

    /** Who has this content, the node itself left out. */
    LookupReport lookup(LookupRequest request) throws IOException, InterruptedException;
}
