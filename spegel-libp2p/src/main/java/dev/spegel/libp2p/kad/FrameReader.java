package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts the bytes of a stream into messages: each has its length in front, as a varint. Bytes may arrive in any pieces.
 *
 * <p>Memory grows with the bytes that arrive, at most twice as fast, and never with what a length merely promises. After an
 * exception the stream is of no use any more. Not thread-safe.
 */
public final class FrameReader {
    private static final int FIRST_BYTES = 512;

    private final int maxBytes;
    private final ByteBuffer header;
    private byte[] body = {};
    private int received;
    private int expected = -1;

    /** A reader that refuses messages longer than {@code maxBytes}. */
    public FrameReader(int maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes must be positive, got " + maxBytes);
        }
        this.maxBytes = maxBytes;
        header = ByteBuffer.allocate(Varint.length(maxBytes));
    }

    /**
     * Takes bytes from {@code in} up to the end of a message, or all if none ends there. Call it until it returns empty: only
     * then is {@code in} used up.
     *
     * @throws MalformedException if a length isn't a varint or exceeds the bound
     */
    public Optional<byte[]> next(ByteBuffer in) {
        while (expected < 0) {
            if (!in.hasRemaining()) {
                return Optional.empty();
            }
            readHeader(in.get());
        }
        int taken = Math.min(expected - received, in.remaining());
        if (received + taken > body.length) {
            body = Arrays.copyOf(body, Math.min(expected, Math.max(received + taken, 2 * body.length)));
        }
        in.get(body, received, taken);
        received += taken;
        if (received < expected) {
            return Optional.empty();
        }
        byte[] message = body.length == expected ? body : Arrays.copyOf(body, expected);
        body = new byte[0];
        received = 0;
        expected = -1;
        return Optional.of(message);
    }

    /** Whether the bytes so far end inside a message, so that an end of the stream would cut it off. */
    public boolean insideMessage() {
        return expected >= 0 || header.position() > 0;
    }

    private void readHeader(byte next) {
        header.put(next);
        long length = Varint.peek(header.duplicate().flip(), header.capacity());
        if (length > maxBytes) {
            throw new MalformedException("a message here has at most %d bytes, got %d".formatted(maxBytes, length));
        }
        if (length >= 0) {
            header.clear();
            expected = (int) length;
            body = new byte[Math.min(expected, FIRST_BYTES)];
        }
    }
}
