package dev.spegel.libp2p.noise;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of a handshake know so far, mixed into a chaining key and a hash: the SymmetricState of the Noise framework
 * (revision 34, section 5.2) for {@code Noise_XX_25519_ChaChaPoly_SHA256}. One thread at a time.
 */
final class SymmetricState {
    static final String PROTOCOL_NAME = "Noise_XX_25519_ChaChaPoly_SHA256";

    private static final int HASH_BYTES = 32;

    private byte[] chainingKey;
    private byte[] hash;
    private @Nullable CipherState cipher;

    SymmetricState() {
        // As long as a hash is, to the byte, and therefore taken as it stands: section 5.2, InitializeSymmetric.
        chainingKey = PROTOCOL_NAME.getBytes(US_ASCII);
        hash = chainingKey;
    }

    void mixHash(byte[] data) {
        MessageDigest sha256 = sha256();
        sha256.update(hash);
        hash = sha256.digest(data);
    }

    /** Mixes a secret in; what follows is sealed with a key that depends on it, and counted from 0 again. */
    void mixKey(byte[] secret) {
        byte[][] keys = expand(secret);
        chainingKey = keys[0];
        cipher = new CipherState(keys[1]);
    }

    /** Seals with the key so far; before there is one, text goes out as it is. */
    byte[] encryptAndHash(byte[] plaintext) throws NoiseException {
        byte[] sealed = cipher == null ? plaintext : cipher.encrypt(hash, plaintext);
        mixHash(sealed);
        return sealed;
    }

    byte[] decryptAndHash(byte[] sealed) throws NoiseException {
        byte[] plaintext = cipher == null ? sealed : cipher.decrypt(hash, sealed);
        mixHash(sealed);
        return plaintext;
    }

    /** The keys of the transport: first the initiator's for sending, then the responder's. */
    byte[][] split() {
        return expand(new byte[0]);
    }

    /** The hash of all that was said; equal at both ends, and no secret. */
    byte[] handshakeHash() {
        return hash.clone();
    }

    /** HKDF with two outputs: section 4.3. */
    private byte[][] expand(byte[] inputKeyMaterial) {
        byte[] temporary = hmac(chainingKey, inputKeyMaterial);
        byte[] first = hmac(temporary, new byte[] {1});
        byte[] next = Arrays.copyOf(first, HASH_BYTES + 1);
        next[HASH_BYTES] = 2;
        return new byte[][] {first, hmac(temporary, next)};
    }

    private static byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
