package dev.spegel.libp2p.yamux;

import java.nio.ByteBuffer;

/**
 * The twelve bytes before each frame, big-endian: version (0), type, flags (2), stream (4), length (4).
 *
 * @param flags a sum of {@link #SYN}, {@link #ACK}, {@link #FIN} and {@link #RST}; others are kept and mean nothing
 * @param streamId an unsigned 32-bit number, 0 for the session itself
 * @param length an unsigned 32-bit number whose meaning depends on the type
 */
record FrameHeader(Type type, int flags, long streamId, long length) {
    static final int SIZE = 12;

    /** Opens a stream; asks, in a ping. */
    static final int SYN = 1;
    /** Accepts a stream; answers, in a ping. */
    static final int ACK = 2;
    /** The sender writes no more on the stream. */
    static final int FIN = 4;
    /** Ends the stream at once, both ways. */
    static final int RST = 8;

    static final long MAX_UINT32 = 0xffff_ffffL;

    private static final int MAX_UINT16 = 0xffff;

    FrameHeader {
        if (flags < 0 || flags > MAX_UINT16 || !isUint32(streamId) || !isUint32(length)) {
            throw new IllegalArgumentException(
                    "flags are 16 bits, stream and length 32, got %d, %d and %d".formatted(flags, streamId, length));
        }
    }

    /** What a frame is for. */
    enum Type {
        /** {@code length} bytes follow. */
        DATA(0),
        /** The peer may send {@code length} more bytes; with {@link #RST}, {@code length} is an error code. */
        WINDOW_UPDATE(1),
        /** {@code length} is returned as it is. */
        PING(2),
        /** The session ends; {@code length} says why. */
        GO_AWAY(3);

        private static final Type[] ALL = values();

        private final int number;

        Type(int number) {
            this.number = number;
        }

        static Type numbered(int number) throws ProtocolViolation {
            for (Type type : ALL) {
                if (type.number == number) {
                    return type;
                }
            }
            throw new ProtocolViolation("a frame has type 0 to 3, got " + number);
        }
    }

    /** Reads {@value #SIZE} bytes. */
    static FrameHeader read(ByteBuffer in) throws ProtocolViolation {
        int version = Byte.toUnsignedInt(in.get());
        int type = Byte.toUnsignedInt(in.get());
        int flags = Short.toUnsignedInt(in.getShort());
        long streamId = Integer.toUnsignedLong(in.getInt());
        long length = Integer.toUnsignedLong(in.getInt());
        if (version != 0) {
            throw new ProtocolViolation("a frame has version 0, got " + version);
        }
        return new FrameHeader(Type.numbered(type), flags, streamId, length);
    }

    /** Writes {@value #SIZE} bytes. */
    void writeTo(ByteBuffer out) {
        out.put((byte) 0)
                .put((byte) type.number)
                .putShort((short) flags)
                .putInt((int) streamId)
                .putInt((int) length);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private static boolean isUint32(long value) {
        return value >= 0 && value <= MAX_UINT32;
    }
}
