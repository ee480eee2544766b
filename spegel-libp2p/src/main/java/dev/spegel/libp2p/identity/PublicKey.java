package dev.spegel.libp2p.identity;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.spegel.libp2p.identity.internal.KeyMessages;
import dev.spegel.libp2p.identity.internal.KeyMessages.PublicKeyMessage;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Quoted;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;

/** A peer's public key, of one of the kinds of {@link KeyType}. Immutable; equal if the serialized forms are. */
public final class PublicKey {
    /** Above what an RSA key of 8192 bits takes, the largest of all that are accepted: 1067 bytes. */
    static final int MAX_LENGTH = 2048;

    private final KeyType type;
    private final java.security.PublicKey key;
    private final byte[] message;

    private PublicKey(KeyType type, java.security.PublicKey key, byte[] message) {
        this.type = type;
        this.key = key;
        this.message = message;
    }

    /**
     * Reads the serialized form, a protobuf message.
     *
     * @throws UnsupportedKeyException if the key is of a kind that can't be verified here, such as secp256k1
     * @throws MalformedException if it is no key
     */
    public static PublicKey fromBytes(byte[] message) {
        if (message.length > MAX_LENGTH) {
            throw new MalformedException(
                    "a public key has at most %d bytes, got %d".formatted(MAX_LENGTH, message.length));
        }
        PublicKeyMessage parsed;
        try {
            parsed = PublicKeyMessage.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedException("a public key has a type and data, got " + Quoted.of(message), e);
        }
        byte[] data = parsed.getData().toByteArray();
        return switch (parsed.getType()) {
            case ED25519 -> ofEd25519(data);
            case RSA -> ofEncoded(KeyType.RSA, KeyCodec.rsa(data));
            case ECDSA -> ofEncoded(KeyType.ECDSA, KeyCodec.p256(data));
            case SECP256K1 ->
                throw new UnsupportedKeyException(
                        "keys on the curve secp256k1 aren't supported, as the Java platform lacks it; the peer needs an Ed25519 key");
        };
    }

    /**
     * An Ed25519 key.
     *
     * @param raw the 32 bytes of RFC 8032, section 5.1.5
     * @throws MalformedException if there aren't 32
     */
    public static PublicKey ofEd25519(byte[] raw) {
        return new PublicKey(KeyType.ED25519, KeyCodec.ed25519(raw), serialize(KeyMessages.KeyType.ED25519, raw));
    }

    private static PublicKey ofEncoded(KeyType type, java.security.PublicKey key) {
        KeyMessages.KeyType wireType = type == KeyType.RSA ? KeyMessages.KeyType.RSA : KeyMessages.KeyType.ECDSA;
        return new PublicKey(type, key, serialize(wireType, key.getEncoded()));
    }

    private static byte[] serialize(KeyMessages.KeyType type, byte[] data) {
        return PublicKeyMessage.newBuilder()
                .setType(type)
                .setData(ByteString.copyFrom(data))
                .build()
                .toByteArray();
    }

    /** What kind of key it is. */
    public KeyType type() {
        return type;
    }

    /**
     * Whether the holder of this key signed {@code message}. A malformed signature is a wrong one, and a key that is no
     * point of its curve signs nothing.
     */
    public boolean verify(byte[] message, byte[] signature) {
        if (type == KeyType.ED25519 && signature.length != KeyCodec.ED25519_SIGNATURE_LENGTH) {
            return false; // JDK 17 takes one with zeros behind
        }
        try {
            Signature verifier = Signature.getInstance(KeyCodec.signatureAlgorithm(type));
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform can't verify " + type, e);
        }
    }

    /** The ID of the peer that has this key. */
    public PeerId peerId() {
        return PeerId.ofSerializedKey(message);
    }

    /** The serialized form: always the same bytes for one key, whatever bytes it was read from. */
    public byte[] toBytes() {
        return message.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicKey that && Arrays.equals(message, that.message);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(message);
    }

    /** Kind and peer ID. */
    @Override
    public String toString() {
        return type + " key of " + peerId();
    }
}
