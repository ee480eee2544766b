package dev.spegel.libp2p.noise;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PublicKey;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A connection that Noise has secured: seals what is sent and opens what has arrived. The remote has proved that it holds the
 * key of {@link #remotePeer}.
 *
 * <p>The two directions are independent of each other; each is used by one thread at a time, and in the order of the wire.
 * Frames are only packaging: where one ends says nothing about what it holds.
 */
public final class NoiseChannel {
    /** The most that one frame carries; longer text is sealed in several. */
    public static final int MAX_PLAINTEXT_BYTES = NoiseFrame.MAX_MESSAGE_BYTES - CipherState.TAG_BYTES;

    private static final int OVERHEAD_BYTES = NoiseFrame.LENGTH_BYTES + CipherState.TAG_BYTES;

    private final PublicKey remoteKey;
    private final PeerId remotePeer;
    private final Optional<String> muxer;
    private final CipherState sending;
    private final CipherState receiving;
    private boolean broken;

    NoiseChannel(PublicKey remoteKey, Optional<String> muxer, CipherState sending, CipherState receiving) {
        this.remoteKey = remoteKey;
        this.remotePeer = remoteKey.peerId();
        this.muxer = muxer;
        this.sending = sending;
        this.receiving = receiving;
    }

    /** Who is at the other end, proved by a signature. */
    public PeerId remotePeer() {
        return remotePeer;
    }

    /** The key that {@link #remotePeer} is the name of. */
    public PublicKey remoteKey() {
        return remoteKey;
    }

    /**
     * The stream muxer that both ends now speak without further ado, or empty: then they have yet to agree on one, by
     * multistream-select inside this channel.
     */
    public Optional<String> muxer() {
        return muxer;
    }

    /** The bytes that {@link #seal} writes for so much text; none for none. */
    public static int sealedBytes(int plaintextBytes) {
        if (plaintextBytes < 0) {
            throw new IllegalArgumentException("text has no fewer than 0 bytes, got " + plaintextBytes);
        }
        int frames = (plaintextBytes + MAX_PLAINTEXT_BYTES - 1) / MAX_PLAINTEXT_BYTES;
        return Math.addExact(plaintextBytes, frames * OVERHEAD_BYTES);
    }

    /**
     * Seals all that remains of the text, in as many frames as it needs. The buffers don't overlap; ones on the heap are
     * faster.
     *
     * @throws IllegalArgumentException if {@code frames} hasn't {@link #sealedBytes} of room; nothing is sealed then
     * @throws NoiseException if the connection has sealed 2^64 - 1 frames, after which its key may not be used
     */
    public void seal(ByteBuffer plaintext, ByteBuffer frames) throws NoiseException {
        int needed = sealedBytes(plaintext.remaining());
        if (frames.remaining() < needed) {
            throw new IllegalArgumentException("%d bytes of text take %d bytes sealed, there is room for %d"
                    .formatted(plaintext.remaining(), needed, frames.remaining()));
        }
        int end = plaintext.limit();
        try {
            while (plaintext.position() < end) {
                int length = Math.min(end - plaintext.position(), MAX_PLAINTEXT_BYTES);
                NoiseFrame.putLength(frames, length + CipherState.TAG_BYTES);
                sending.encrypt(plaintext.limit(plaintext.position() + length), frames);
            }
        } finally {
            plaintext.limit(end);
        }
    }

    /**
     * How much text the frame at the buffer's position holds, 0 for a frame that is empty or broken, or -1 if it hasn't arrived
     * whole. Consumes nothing. A caller never needs to keep more than 65,537 bytes to get an answer.
     */
    public static int plaintextBytes(ByteBuffer received) {
        int message = NoiseFrame.wholeMessageBytes(received);
        return message < 0 ? -1 : Math.max(0, message - CipherState.TAG_BYTES);
    }

    /**
     * Consumes the frame at the buffer's position and writes its text. To be called when {@link #plaintextBytes} isn't -1, and
     * with so much room. The buffers don't overlap; ones on the heap are faster.
     *
     * @throws IllegalArgumentException if the frame isn't there whole or its text doesn't fit; nothing is consumed then
     * @throws NoiseException if the frame isn't authentic, now or at an earlier call; nothing is written then
     */
    public void open(ByteBuffer received, ByteBuffer plaintext) throws NoiseException {
        if (broken) {
            throw new NoiseException("an earlier frame wasn't authentic, so none after it is");
        }
        int messageBytes = NoiseFrame.wholeMessageBytes(received);
        if (messageBytes < 0) {
            throw new IllegalArgumentException(
                    "a frame is opened when it is whole, got its first %d bytes".formatted(received.remaining()));
        }
        if (plaintext.remaining() < messageBytes - CipherState.TAG_BYTES) {
            throw new IllegalArgumentException("a frame holds %d bytes of text, there is room for %d"
                    .formatted(messageBytes - CipherState.TAG_BYTES, plaintext.remaining()));
        }
        broken = true; // until it has gone well
        receiving.decrypt(NoiseFrame.take(received, messageBytes), plaintext);
        broken = false;
    }

    @Override
    public String toString() {
        return "Noise with " + remotePeer;
    }
}
