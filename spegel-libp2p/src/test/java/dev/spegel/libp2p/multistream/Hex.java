package dev.spegel.libp2p.multistream;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Buffers as text. */
final class Hex {
    private Hex() {}

    /** What remains in the buffer, whose position stays. */
    static String of(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
