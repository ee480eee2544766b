package dev.spegel.libp2p.noise;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** A key pair of the curve X25519 (RFC 7748), with public keys as 32 raw bytes. Safe for use by many threads. */
final class X25519 {
    static final int KEY_BYTES = 32;

    /** What DER puts in front of the raw key: RFC 8410, sections 4 and 7. */
    private static final byte[] PUBLIC_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

    private static final byte[] PRIVATE_PREFIX = HexFormat.of().parseHex("302e020100300506032b656e04220420");

    /** The u coordinate 9, RFC 7748, section 4.1: agreeing with it gives one's own public key. */
    private static final byte[] BASE_POINT = Arrays.copyOf(new byte[] {9}, KEY_BYTES);

    private final PrivateKey privateKey;
    private final byte[] publicBytes;

    private X25519(PrivateKey privateKey, byte[] publicBytes) {
        this.privateKey = privateKey;
        this.publicBytes = publicBytes;
    }

    static X25519 generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
            byte[] encoded = pair.getPublic().getEncoded();
            return new X25519(
                    pair.getPrivate(), Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has X25519", e);
        }
    }

    /** The pair of a known private key. */
    static X25519 of(byte[] privateBytes) {
        if (privateBytes.length != KEY_BYTES) {
            throw new IllegalArgumentException(
                    "an X25519 key has %d bytes, got %d".formatted(KEY_BYTES, privateBytes.length));
        }
        try {
            PrivateKey key = KeyFactory.getInstance("X25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(joined(PRIVATE_PREFIX, privateBytes)));
            return new X25519(key, agree(key, BASE_POINT));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has X25519", e);
        }
    }

    byte[] publicBytes() {
        return publicBytes.clone();
    }

    /**
     * The secret shared with the owner of this public key.
     *
     * @throws NoiseException if the key is of low order, so that the secret would be zero whatever our own key is
     */
    byte[] agree(byte[] remotePublic) throws NoiseException {
        try {
            return agree(privateKey, remotePublic);
        } catch (InvalidKeyException e) {
            throw new NoiseException("the remote's X25519 key is one of those that give no secret", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has X25519", e);
        }
    }

    private static byte[] agree(PrivateKey privateKey, byte[] publicBytes) throws GeneralSecurityException {
        PublicKey key = KeyFactory.getInstance("X25519")
                .generatePublic(new X509EncodedKeySpec(joined(PUBLIC_PREFIX, publicBytes)));
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(privateKey);
        agreement.doPhase(key, true);
        return agreement.generateSecret();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
