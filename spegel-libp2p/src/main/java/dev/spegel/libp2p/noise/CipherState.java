package dev.spegel.libp2p.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key and its counter: the CipherState of the Noise framework (revision 34, section 5.1) with ChaCha20-Poly1305 (section
 * 12.3). Each message takes the next nonce, whichever way it goes, so both ends must see the same messages in the same order.
 *
 * <p>One thread at a time.
 */
final class CipherState {
    static final int KEY_BYTES = 32;

    /** What the authenticator adds to each message: RFC 8439, section 2.8. */
    static final int TAG_BYTES = 16;

    private static final int NONCE_BYTES = 12;

    /** The counter's last value is kept for rekeying, which libp2p doesn't do: Noise, section 5.1. It is unsigned. */
    private static final long RESERVED_NONCE = -1;

    private final Cipher cipher;
    private final SecretKeySpec key;
    private long nextNonce;

    CipherState(byte[] key) {
        this(key, 0);
    }

    /** Counts from another number than 0; for tests of the last. */
    CipherState(byte[] key, long firstNonce) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a key has %d bytes, got %d".formatted(KEY_BYTES, key.length));
        }
        this.key = new SecretKeySpec(key, "ChaCha20");
        this.nextNonce = firstNonce;
        try {
            this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has ChaCha20-Poly1305", e);
        }
    }

    /** Seals all of the plaintext, with the tag behind it. */
    byte[] encrypt(byte[] associatedData, byte[] plaintext) throws NoiseException {
        try {
            begin(Cipher.ENCRYPT_MODE);
            cipher.updateAAD(associatedData);
            return cipher.doFinal(plaintext);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 seals whatever it is given", e);
        }
    }

    /** Seals all that remains of the plaintext, without associated data; {@code sealed} needs room for the tag too. */
    void encrypt(ByteBuffer plaintext, ByteBuffer sealed) throws NoiseException {
        try {
            begin(Cipher.ENCRYPT_MODE);
            cipher.doFinal(plaintext, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 seals whatever it is given", e);
        }
    }

    /** Opens what {@link #encrypt(byte[], byte[])} sealed at the other end. */
    byte[] decrypt(byte[] associatedData, byte[] sealed) throws NoiseException {
        requireTag(sealed.length);
        try {
            begin(Cipher.DECRYPT_MODE);
            cipher.updateAAD(associatedData);
            return cipher.doFinal(sealed);
        } catch (AEADBadTagException e) {
            throw notAuthentic(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 takes any key and nonce", e);
        }
    }

    /** Opens all that remains in {@code sealed}, without associated data. Nothing is written unless it is authentic. */
    void decrypt(ByteBuffer sealed, ByteBuffer plaintext) throws NoiseException {
        requireTag(sealed.remaining());
        try {
            begin(Cipher.DECRYPT_MODE);
            cipher.doFinal(sealed, plaintext);
        } catch (AEADBadTagException e) {
            throw notAuthentic(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 takes any key and nonce", e);
        }
    }

    private void begin(int mode) throws NoiseException, GeneralSecurityException {
        if (nextNonce == RESERVED_NONCE) {
            throw new NoiseException("this connection's key has sealed all the messages that it may");
        }
        // Four zero bytes and the counter, little-endian: Noise, section 12.3.
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(NONCE_BYTES - Long.BYTES, nextNonce)
                .array();
        nextNonce++;
        cipher.init(mode, key, new IvParameterSpec(nonce));
    }

    private static void requireTag(int sealedBytes) throws NoiseException {
        if (sealedBytes < TAG_BYTES) {
            throw new NoiseException(
                    "a sealed message has at least its tag of %d bytes, got %d".formatted(TAG_BYTES, sealedBytes));
        }
    }

    private static NoiseException notAuthentic(AEADBadTagException cause) {
        return new NoiseException(
                "a message isn't authentic: damaged, out of order, or sealed with another key", cause);
    }
}
