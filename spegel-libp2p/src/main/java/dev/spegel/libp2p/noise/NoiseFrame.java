package dev.spegel.libp2p.noise;

import java.nio.ByteBuffer;

/** How Noise messages are cut on the wire: two bytes of length, big-endian, and the message (noise/README.md#wire-format). */
final class NoiseFrame {
    static final int LENGTH_BYTES = 2;

    /** What the length field can say, and the limit of the Noise framework itself (revision 34, section 3). */
    static final int MAX_MESSAGE_BYTES = 65535;

    private NoiseFrame() {}

    /** The length of the message that starts at the buffer's position, or -1 if it hasn't arrived whole. Consumes nothing. */
    static int wholeMessageBytes(ByteBuffer received) {
        if (received.remaining() < LENGTH_BYTES) {
            return -1;
        }
        int at = received.position();
        int length = (received.get(at) & 0xff) << 8 | (received.get(at + 1) & 0xff);
        return received.remaining() - LENGTH_BYTES < length ? -1 : length;
    }

    /** Consumes the frame at the buffer's position, which is there whole, and returns a view of its message. */
    static ByteBuffer take(ByteBuffer received, int messageBytes) {
        ByteBuffer message = received.slice(received.position() + LENGTH_BYTES, messageBytes);
        received.position(received.position() + LENGTH_BYTES + messageBytes);
        return message;
    }

    static void putLength(ByteBuffer out, int messageBytes) {
        out.put((byte) (messageBytes >>> 8)).put((byte) messageBytes);
    }
}
