package dev.spegel.libp2p.noise;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The handshake pattern XX of the Noise framework (revision 34, section 7.5), knowing nothing of libp2p:
 *
 * <pre>
 * 0  initiator: e
 * 1  responder: e, ee, s, es
 * 2  initiator: s, se
 * </pre>
 *
 * <p>Each message ends with a payload, which is plain in the first and sealed in the others. One thread at a time.
 */
final class XxHandshake {
    private static final int MESSAGES = 3;

    private final boolean initiator;
    private final X25519 ours;
    private final X25519 ourEphemeral;
    private final SymmetricState symmetric = new SymmetricState();
    private byte @Nullable [] theirs;
    private byte @Nullable [] theirEphemeral;
    private int nextMessage;

    XxHandshake(boolean initiator, X25519 staticKey, X25519 ephemeralKey, byte[] prologue) {
        this.initiator = initiator;
        this.ours = staticKey;
        this.ourEphemeral = ephemeralKey;
        symmetric.mixHash(prologue); // an empty one too
    }

    /** Whether the next message is ours to write. Neither side has one once all three are through. */
    boolean writesNext() {
        return !done() && (nextMessage % 2 == 0) == initiator;
    }

    boolean done() {
        return nextMessage == MESSAGES;
    }

    byte[] write(byte[] payload) throws NoiseException {
        if (!writesNext()) {
            throw new IllegalStateException("message %d isn't ours".formatted(nextMessage));
        }
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        if (nextMessage < 2) {
            byte[] ephemeral = ourEphemeral.publicBytes();
            symmetric.mixHash(ephemeral);
            message.writeBytes(ephemeral);
        }
        if (nextMessage == 1) {
            symmetric.mixKey(ourEphemeral.agree(known(theirEphemeral)));
        }
        if (nextMessage > 0) {
            message.writeBytes(symmetric.encryptAndHash(ours.publicBytes()));
            symmetric.mixKey(ours.agree(known(theirEphemeral)));
        }
        message.writeBytes(symmetric.encryptAndHash(payload));
        nextMessage++;
        return message.toByteArray();
    }

    /**
     * Takes the remote's message and returns its payload.
     *
     * @throws NoiseException if it is too short or isn't authentic; then this handshake is of no further use
     */
    byte[] read(byte[] message) throws NoiseException {
        if (done() || writesNext()) {
            throw new IllegalStateException("message %d isn't the remote's".formatted(nextMessage));
        }
        int at = 0;
        if (nextMessage < 2) {
            theirEphemeral = part(message, at, X25519.KEY_BYTES);
            at += X25519.KEY_BYTES;
            symmetric.mixHash(theirEphemeral);
        }
        if (nextMessage == 1) {
            symmetric.mixKey(ourEphemeral.agree(known(theirEphemeral)));
        }
        if (nextMessage > 0) {
            int sealedBytes = X25519.KEY_BYTES + CipherState.TAG_BYTES;
            theirs = symmetric.decryptAndHash(part(message, at, sealedBytes));
            at += sealedBytes;
            symmetric.mixKey(ourEphemeral.agree(theirs));
        }
        byte[] payload = symmetric.decryptAndHash(Arrays.copyOfRange(message, at, message.length));
        nextMessage++;
        return payload;
    }

    /** The remote's static key, known once a message that brought it has been read. */
    byte[] remoteStatic() {
        return known(theirs);
    }

    /** The key that seals what we send. */
    byte[] sendingKey() {
        return transportKeys()[initiator ? 0 : 1];
    }

    /** The key that opens what we receive. */
    byte[] receivingKey() {
        return transportKeys()[initiator ? 1 : 0];
    }

    /** The hash of the whole handshake: Noise, section 11.2. */
    byte[] handshakeHash() {
        return symmetric.handshakeHash();
    }

    private byte[][] transportKeys() {
        if (!done()) {
            throw new IllegalStateException("message %d is still to come".formatted(nextMessage));
        }
        return symmetric.split();
    }

    private byte[] part(byte[] message, int from, int length) throws NoiseException {
        if (message.length - from < length) {
            throw new NoiseException("handshake message %d ends after %d bytes, before the keys that it brings"
                    .formatted(nextMessage + 1, message.length));
        }
        return Arrays.copyOfRange(message, from, from + length);
    }

    private static byte[] known(byte @Nullable [] key) {
        if (key == null) {
            throw new IllegalStateException("the remote hasn't sent its key yet");
        }
        return key;
    }
}
