package dev.spegel.libp2p.noise;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PublicKey;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.noise.internal.PayloadMessages.ExtensionsMessage;
import dev.spegel.libp2p.noise.internal.PayloadMessages.PayloadMessage;
import java.util.Arrays;
import java.util.List;

/**
 * What each side says of itself under cover of the handshake: its identity key, that key's signature of the Noise key, and its
 * stream muxers. libp2p/specs, noise/README.md#the-libp2p-handshake-payload.
 */
final class NoisePayload {
    /** A longer list counts as none, as in go-libp2p (p2p/security/noise/transport.go, maxProtoNum). */
    static final int MAX_MUXERS = 100;

    private static final byte[] SIGNED_PREFIX = "noise-libp2p-static-key:".getBytes(US_ASCII);

    private final PublicKey identityKey;
    private final byte[] signature;
    private final List<String> muxers;

    private NoisePayload(PublicKey identityKey, byte[] signature, List<String> muxers) {
        this.identityKey = identityKey;
        this.signature = signature;
        this.muxers = muxers;
    }

    /** The bytes to send for a Noise key of ours. */
    static byte[] encode(KeyPair identity, byte[] noiseKey, List<String> muxers) {
        return PayloadMessage.newBuilder()
                .setIdentityKey(ByteString.copyFrom(identity.publicKey().toBytes()))
                .setIdentitySig(ByteString.copyFrom(identity.sign(signedBytes(noiseKey))))
                .setExtensions(ExtensionsMessage.newBuilder().addAllStreamMuxers(muxers))
                .build()
                .toByteArray();
    }

    /**
     * Reads what the remote sent. Nothing in it is proved until {@link #verify} has returned.
     *
     * @throws NoiseException if it isn't a payload, or the identity key is none or of a kind that can't be verified
     */
    static NoisePayload parse(byte[] bytes) throws NoiseException {
        try {
            PayloadMessage message = PayloadMessage.parseFrom(bytes);
            List<String> muxers = message.getExtensions().getStreamMuxersList();
            return new NoisePayload(
                    PublicKey.fromBytes(message.getIdentityKey().toByteArray()),
                    message.getIdentitySig().toByteArray(),
                    muxers.size() > MAX_MUXERS ? List.of() : List.copyOf(muxers));
        } catch (InvalidProtocolBufferException e) {
            throw new NoiseException("the remote's handshake payload is malformed", e);
        } catch (MalformedException e) {
            throw new NoiseException("the remote's identity key can't be used: " + e.getMessage(), e);
        }
    }

    PublicKey identityKey() {
        return identityKey;
    }

    /** In the order of the remote's preference. */
    List<String> muxers() {
        return muxers;
    }

    /** @throws NoiseException unless the identity key signed this Noise key */
    void verify(byte[] noiseKey) throws NoiseException {
        if (!identityKey.verify(signedBytes(noiseKey), signature)) {
            throw new NoiseException("the key of %s didn't sign this Noise key".formatted(identityKey.peerId()));
        }
    }

    private static byte[] signedBytes(byte[] noiseKey) {
        byte[] signed = Arrays.copyOf(SIGNED_PREFIX, SIGNED_PREFIX.length + noiseKey.length);
        System.arraycopy(noiseKey, 0, signed, SIGNED_PREFIX.length, noiseKey.length);
        return signed;
    }
}
