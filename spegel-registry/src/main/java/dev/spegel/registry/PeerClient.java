package dev.spegel.registry;

import dev.spegel.routing.Peer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/** Asks peers for content. Safe for use by many threads; methods block. */
interface PeerClient extends AutoCloseable {
    /**
     * Sends a request and waits for the end of the answer's headers, whatever its status. The caller closes the answer.
     *
     * @throws IOException if the peer can't be reached, doesn't answer within the limit, or answers what isn't HTTP
     */
    Answer send(Peer peer, Question question, Duration limit) throws IOException;

    /** Answers still open break. Closing twice is harmless. */
    @Override
    void close();

    /**
     * A request that a node sends to a peer.
     *
     * @param range the value of the {@code Range} header
     * @param id the {@link RequestId} of what it is asked for
     */
    record Question(boolean head, String pathAndQuery, Optional<String> range, String id) {}

    /** A peer's answer; its body is still to be read, by one thread. */
    interface Answer extends Closeable {
        int status();

        /** Which of the peer's addresses it came from. */
        InetSocketAddress address();

        /** The value of a header, whose name may be in any case; empty if it is absent. */
        Optional<String> header(String name);

        /** What {@code Content-Length} says; -1 if the answer doesn't say. */
        long contentLength();

        /**
         * Reads what has arrived, at least one byte, and waits for it. May lower the buffers' limits to the end of the body.
         *
         * @throws java.io.EOFException if the peer ends the body early, or it has been read to its end
         * @throws java.net.SocketTimeoutException if nothing arrives within the limit; the connection is closed then
         */
        long read(ByteBuffer[] targets, Duration limit) throws IOException;

        /** Lets go of the connection: it is used again if the body was read to its end. Closing twice is harmless. */
        @Override
        void close();
    }
}
