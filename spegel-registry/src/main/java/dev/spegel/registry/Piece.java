package dev.spegel.registry;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;

/** The part of a body that is read and written at once, in as many buffers as it takes. Used by one thread. */
final class Piece {
    private final ByteBuffer[] buffers;

    Piece(List<ByteBuffer> buffers) {
        this.buffers = buffers.toArray(ByteBuffer[]::new);
    }

    /** The buffers, for a scattering read or a gathering write. Not to be changed. */
    ByteBuffer[] buffers() {
        return buffers;
    }

    /** Makes room for so many bytes, or for as many as the buffers hold. */
    void clear(long bytes) {
        for (ByteBuffer buffer : buffers) {
            buffer.clear();
        }
        limit(buffers, bytes);
    }

    /** Leaves room for so many bytes at most. */
    static void limit(ByteBuffer[] buffers, long bytes) {
        long left = bytes;
        for (ByteBuffer buffer : buffers) {
            buffer.limit((int) Math.min(buffer.limit(), buffer.position() + left));
            left -= buffer.remaining();
        }
    }

    /** Turns from being read into to being written from. */
    void flip() {
        for (ByteBuffer buffer : buffers) {
            buffer.flip();
        }
    }

    boolean hasRemaining() {
        return remaining() > 0;
    }

    long remaining() {
        long bytes = 0;
        for (ByteBuffer buffer : buffers) {
            bytes += buffer.remaining();
        }
        return bytes;
    }

    /** Hashes what remains, which stays. */
    void hashWith(MessageDigest hash) {
        for (ByteBuffer buffer : buffers) {
            hash.update(buffer.duplicate());
        }
    }
}
