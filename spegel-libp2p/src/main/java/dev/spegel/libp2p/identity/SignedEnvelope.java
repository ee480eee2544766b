package dev.spegel.libp2p.identity;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.spegel.libp2p.identity.internal.RecordMessages.EnvelopeMessage;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Quoted;
import dev.spegel.libp2p.multiformats.Varint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes with a kind and a peer's signature (libp2p/specs, RFC/0002-signed-envelopes.md). What exists has been verified: it
 * was signed here or opened with {@link #open}.
 */
public final class SignedEnvelope {
    /** What go-libp2p keeps its own within; an identify message has no room for more. */
    public static final int MAX_LENGTH = 8192;

    private final PublicKey signer;
    private final byte[] payloadType;
    private final byte[] payload;
    private final byte[] signature;

    private SignedEnvelope(PublicKey signer, byte[] payloadType, byte[] payload, byte[] signature) {
        this.signer = signer;
        this.payloadType = payloadType;
        this.payload = payload;
        this.signature = signature;
    }

    /**
     * Signs a payload.
     *
     * @param domain what the signature is for, so that it can't be passed off as another's
     * @param payloadType the code of what the payload is
     */
    public static SignedEnvelope seal(KeyPair signer, String domain, byte[] payloadType, byte[] payload) {
        byte[] signature = signer.sign(signedBytes(domain, payloadType, payload));
        return new SignedEnvelope(signer.publicKey(), payloadType.clone(), payload.clone(), signature);
    }

    /**
     * Reads an envelope and verifies its signature.
     *
     * @param domain what the signature must be for
     * @throws UnsupportedKeyException if the signer's key is of a kind that can't be verified here
     * @throws MalformedException if it is too long or malformed, or the signature is wrong
     */
    public static SignedEnvelope open(byte[] envelope, String domain) {
        if (envelope.length > MAX_LENGTH) {
            throw new MalformedException(
                    "a signed envelope has at most %d bytes, got %d".formatted(MAX_LENGTH, envelope.length));
        }
        EnvelopeMessage message;
        try {
            message = EnvelopeMessage.parseFrom(envelope);
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedException("a signed envelope is a protobuf message, got " + Quoted.of(envelope), e);
        }
        PublicKey signer = PublicKey.fromBytes(message.getPublicKey().toByteArray());
        byte[] payloadType = message.getPayloadType().toByteArray();
        byte[] payload = message.getPayload().toByteArray();
        byte[] signature = message.getSignature().toByteArray();
        if (!signer.verify(signedBytes(domain, payloadType, payload), signature)) {
            throw new MalformedException(
                    "the envelope's signature isn't that of %s for %s".formatted(signer.peerId(), domain));
        }
        return new SignedEnvelope(signer, payloadType, payload, signature);
    }

    /** Domain, type and payload, each preceded by its length. */
    private static byte[] signedBytes(String domain, byte[] payloadType, byte[] payload) {
        byte[][] parts = {domain.getBytes(StandardCharsets.UTF_8), payloadType, payload};
        ByteBuffer out = ByteBuffer.allocate(Arrays.stream(parts)
                .mapToInt(part -> Varint.length(part.length) + part.length)
                .sum());
        for (byte[] part : parts) {
            Varint.write(part.length, out);
            out.put(part);
        }
        return out.array();
    }

    /** Whose signature it is. */
    public PublicKey signer() {
        return signer;
    }

    /** A copy of the code of what the payload is. */
    public byte[] payloadType() {
        return payloadType.clone();
    }

    /** A copy of the payload. */
    public byte[] payload() {
        return payload.clone();
    }

    /** The serialized form. */
    public byte[] toBytes() {
        return EnvelopeMessage.newBuilder()
                .setPublicKey(ByteString.copyFrom(signer.toBytes()))
                .setPayloadType(ByteString.copyFrom(payloadType))
                .setPayload(ByteString.copyFrom(payload))
                .setSignature(ByteString.copyFrom(signature))
                .build()
                .toByteArray();
    }
}
