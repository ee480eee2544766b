package dev.spegel.libp2p.multiformats;

import java.nio.ByteBuffer;

/**
 * Unsigned variable-length integers: seven bits a byte, lowest first, the top bit set on all bytes but the last.
 *
 * <p>Rules of multiformats/unsigned-varint: at most nine bytes, hence 63 bits, and as few bytes as the number needs.
 * (Numbers inside protobuf messages follow protobuf's own, laxer rules and aren't read with this class.)
 */
public final class Varint {
    /** The longest encoding: multiformats/unsigned-varint, README.md#practical-maximum-of-9-bytes-for-security. */
    public static final int MAX_LENGTH = 9;

    private Varint() {}

    /** The number of bytes that {@code value} takes. */
    public static int length(long value) {
        requireNotNegative(value);
        return Math.max(1, (63 - Long.numberOfLeadingZeros(value)) / 7 + 1);
    }

    /** Appends {@code value} at the buffer's position, which must have {@link #length} bytes left. */
    public static void write(long value, ByteBuffer out) {
        requireNotNegative(value);
        long rest = value;
        while (rest > 0x7f) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    /** The encoding of {@code value} by itself. */
    public static byte[] encode(long value) {
        ByteBuffer out = ByteBuffer.allocate(length(value));
        write(value, out);
        return out.array();
    }

    /**
     * Reads a number that must be there whole, and moves the buffer's position past it.
     *
     * @throws MalformedException if the buffer ends early, or the number is longer than nine bytes or than it needs to be
     */
    public static long read(ByteBuffer in) {
        int start = in.position();
        long value = peek(in, MAX_LENGTH);
        if (value < 0) {
            throw new MalformedException(
                    "a varint ends after %d bytes without a last byte".formatted(in.limit() - start));
        }
        in.position(start + length(value));
        return value;
    }

    /**
     * Looks for a number at the buffer's position, which it leaves alone; for input that arrives piecemeal.
     *
     * @param maxLength the bytes that the caller allows, at most {@link #MAX_LENGTH}
     * @return the number, or -1 if more bytes are needed to tell
     * @throws MalformedException if the number is longer than {@code maxLength} bytes or than it needs to be
     */
    public static long peek(ByteBuffer in, int maxLength) {
        long value = 0;
        for (int i = 0; i < maxLength; i++) {
            int at = in.position() + i;
            if (at >= in.limit()) {
                return -1;
            }
            byte next = in.get(at);
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                if (next == 0 && i > 0) {
                    throw new MalformedException(
                            "a varint takes as few bytes as it can, got %d for %d".formatted(i + 1, value));
                }
                return value;
            }
        }
        throw new MalformedException("a varint here has at most %d bytes, got more".formatted(maxLength));
    }

    private static void requireNotNegative(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("a varint isn't negative, got " + value);
        }
    }
}
