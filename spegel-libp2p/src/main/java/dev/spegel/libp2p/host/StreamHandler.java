package dev.spegel.libp2p.host;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads one stream. Called on the host's event loop; must not block. What it throws resets the stream and is logged as a fault
 * of this side.
 */
public interface StreamHandler {
    /**
     * Bytes arrived, in order. Report them to {@link Stream#consumed} when they are dealt with.
     *
     * @param bytes the handler's own, read-only
     */
    void received(Stream stream, ByteBuffer bytes);

    /** The peer writes no more. This side still may, and has to {@link Stream#closeWrite} some time. */
    void halfClosed(Stream stream);

    /** There is room again, after a {@link Stream#write} that took less than it was given. */
    default void writable(Stream stream) {}

    /**
     * The stream is gone. The last call, and always made unless this side has reset the stream.
     *
     * @param failure empty if both sides have ended in order; otherwise why not
     */
    void closed(Stream stream, Optional<StreamLostException> failure);
}
