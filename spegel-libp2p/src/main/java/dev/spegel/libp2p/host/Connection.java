package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.concurrent.CompletableFuture;

/** A secured connection that carries streams. To be used on the event loop only. */
interface Connection {
    PeerId peer();

    /** The address at the other end; of an accepted connection usually not one where the peer listens. */
    Multiaddr remote();

    /** Whether this side has dialled. */
    boolean isDialled();

    /** How many streams are open, both sides' together. */
    int openStreams();

    /** When a stream was last opened or ended, in the host's nanoseconds; the connection's start at first. */
    long lastUsedNanos();

    /**
     * Opens a stream.
     *
     * @param known whether the peer has said that it speaks the protocol, so that there's no need to wait for its word
     */
    CompletableFuture<Stream> openStream(String protocol, boolean known, StreamHandler handler);

    /**
     * Closes the connection; streams are lost.
     *
     * @param code what the peer is told: libp2p/specs, connections/README.md, error codes
     */
    void close(long code);

    /** Completes when the connection is gone, with the reason in words for a log. */
    CompletableFuture<String> closed();
}
