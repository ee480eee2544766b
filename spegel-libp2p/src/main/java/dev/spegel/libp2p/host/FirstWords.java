package dev.spegel.libp2p.host;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Whether a peer begins as every one does, whichever side has dialled: with multistream-select's header (libp2p/specs,
 * connections/README.md#multistream-select). Found out from what comes first, as what another key has encrypted may look like the
 * beginning of a long word that never ends.
 */
final class FirstWords {
    private static final byte[] HEADER = "\u0013/multistream/1.0.0\n".getBytes(StandardCharsets.US_ASCII);

    /** How many bytes it takes to know. */
    static final int BYTES = HEADER.length;

    private int seen;

    /** Looks at the readable bytes, which are the next; false if these aren't the words. */
    boolean fit(ByteBuf next) {
        int from = next.readerIndex();
        int count = Math.min(BYTES - seen, next.readableBytes());
        for (int i = 0; i < count; i++) {
            if (next.getByte(from + i) != HEADER[seen + i]) {
                return false;
            }
        }
        seen += count;
        return true;
    }

    /** Whether all of them were there. */
    boolean complete() {
        return seen == BYTES;
    }

    /** Whether an array begins with all of them. */
    static boolean begin(byte[] bytes, int length) {
        return length >= BYTES && Arrays.equals(bytes, 0, BYTES, HEADER, 0, BYTES);
    }
}
