package dev.spegel.libp2p.identity;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.spegel.libp2p.identity.internal.KeyMessages;
import dev.spegel.libp2p.identity.internal.KeyMessages.PrivateKeyMessage;
import dev.spegel.libp2p.multiformats.MalformedException;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/**
 * A node's own identity: an Ed25519 key that it signs with. {@link KeyFile} keeps one on disk. Safe for use by many
 * threads.
 */
public final class KeyPair {
    /** RFC 8032, section 5.1.5. */
    static final int SEED_LENGTH = 32;

    private final byte[] seed;
    private final PrivateKey privateKey;
    private final PublicKey publicKey;

    private KeyPair(byte[] seed, PrivateKey privateKey, PublicKey publicKey) {
        this.seed = seed;
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /** A new identity. */
    public static KeyPair generate() {
        return generate(new SecureRandom());
    }

    /** A new identity from the given randomness, of which it takes 32 bytes. */
    public static KeyPair generate(SecureRandom random) {
        byte[] seed = new byte[SEED_LENGTH];
        random.nextBytes(seed);
        return ofSeed(seed);
    }

    /**
     * The identity that follows from a seed, which is the private key of RFC 8032, section 5.1.5.
     *
     * @throws MalformedException if it doesn't have 32 bytes
     */
    public static KeyPair ofSeed(byte[] seed) {
        if (seed.length != SEED_LENGTH) {
            throw new MalformedException("an Ed25519 seed has %d bytes, got %d".formatted(SEED_LENGTH, seed.length));
        }
        byte[] own = seed.clone();
        java.security.KeyPair pair = expand(own);
        return new KeyPair(own, pair.getPrivate(), PublicKey.ofEd25519(rawPublicKey(pair)));
    }

    /** The platform computes public keys only when it generates a pair, so it is given the seed as its randomness. */
    private static java.security.KeyPair expand(byte[] seed) {
        java.security.KeyPair pair;
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new FixedRandom(seed));
            pair = generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("this Java platform lacks Ed25519", e);
        }
        byte[] used = ((EdECPrivateKey) pair.getPrivate())
                .getBytes()
                .orElseThrow(() -> new IllegalStateException("this Java platform hides the bytes of Ed25519 keys"));
        if (!Arrays.equals(used, seed)) {
            throw new IllegalStateException("this Java platform doesn't generate Ed25519 keys from 32 random bytes");
        }
        return pair;
    }

    /** The point's y, lowest byte first, with the lowest bit of x on top: RFC 8032, section 5.1.2. */
    private static byte[] rawPublicKey(java.security.KeyPair pair) {
        var point = ((EdECPublicKey) pair.getPublic()).getPoint();
        byte[] raw = new byte[KeyCodec.ED25519_LENGTH];
        byte[] y = point.getY().toByteArray(); // highest byte first, shorter than 32 if it starts with zeros
        for (int i = 0; i < y.length; i++) {
            raw[i] = y[y.length - 1 - i];
        }
        if (point.isXOdd()) {
            raw[raw.length - 1] |= (byte) 0x80;
        }
        return raw;
    }

    /**
     * Reads libp2p's own form of a private key, a protobuf message that never travels.
     *
     * @throws UnsupportedKeyException if it isn't an Ed25519 key
     * @throws MalformedException if it is no key, or its two halves don't belong together
     */
    public static KeyPair fromBytes(byte[] message) {
        PrivateKeyMessage parsed;
        try {
            parsed = PrivateKeyMessage.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedException("a private key has a type and data", e);
        }
        if (parsed.getType() != KeyMessages.KeyType.ED25519) {
            throw new UnsupportedKeyException("a node's own key is an Ed25519 key, got " + parsed.getType());
        }
        byte[] data = parsed.getData().toByteArray();
        int once = SEED_LENGTH + KeyCodec.ED25519_LENGTH;
        if (data.length != once && data.length != once + KeyCodec.ED25519_LENGTH) {
            throw new MalformedException("an Ed25519 private key has %d bytes, or %d in an old form, got %d"
                    .formatted(once, once + KeyCodec.ED25519_LENGTH, data.length));
        }
        KeyPair pair = ofSeed(Arrays.copyOf(data, SEED_LENGTH));
        // The old form repeats the public key.
        for (int at = SEED_LENGTH; at < data.length; at += KeyCodec.ED25519_LENGTH) {
            byte[] claimed = Arrays.copyOfRange(data, at, at + KeyCodec.ED25519_LENGTH);
            if (!PublicKey.ofEd25519(claimed).equals(pair.publicKey)) {
                throw new MalformedException("a private key's public half is that of another, %s"
                        .formatted(PublicKey.ofEd25519(claimed).peerId()));
            }
        }
        return pair;
    }

    /** Signs {@code message} as it is; Ed25519 hashes it by itself. */
    public byte[] sign(byte[] message) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(privateKey);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform can't sign with Ed25519", e);
        }
    }

    /** What others verify signatures with. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /** The ID that others know this node by. */
    public PeerId peerId() {
        return publicKey.peerId();
    }

    byte[] seed() {
        return seed.clone();
    }

    /** The peer ID; nothing secret. */
    @Override
    public String toString() {
        return "key pair of " + peerId();
    }

    /** Gives out a seed once, as randomness. */
    private static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // never serialized
        private final byte[] seed;

        FixedRandom(byte[] seed) {
            this.seed = seed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (bytes.length != seed.length) {
                throw new IllegalStateException("needs %d bytes, not %d".formatted(seed.length, bytes.length));
            }
            System.arraycopy(seed, 0, bytes, 0, seed.length);
        }
    }
}
