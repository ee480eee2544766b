package dev.spegel.libp2p.noise;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import java.util.List;
import java.util.Optional;

/**
 * What a node shows of itself in Noise handshakes: a Noise key that its identity key has signed, and the stream muxers that it
 * speaks. Made once a process, as the specification allows (noise/README.md#static-key-authentication); a leak of the Noise key
 * wouldn't reveal past connections, whose secrets also depend on keys that each of them makes for itself.
 *
 * <p>Safe for use by many threads.
 */
public final class NoiseIdentity {
    /** What multistream-select calls this way of securing a connection: noise/README.md#libp2p-protocol-id. */
    public static final String PROTOCOL = "/noise";

    /** What the longer of the two messages that carry it, the second, leaves of a frame: two keys and two tags less. */
    private static final int MAX_PAYLOAD_BYTES =
            NoiseFrame.MAX_MESSAGE_BYTES - 2 * X25519.KEY_BYTES - 2 * CipherState.TAG_BYTES;

    private final X25519 staticKey;
    private final List<String> muxers;
    private final byte[] payload;

    private NoiseIdentity(KeyPair identity, X25519 staticKey, List<String> muxers) {
        this.staticKey = staticKey;
        this.muxers = List.copyOf(muxers);
        this.payload = NoisePayload.encode(identity, staticKey.publicBytes(), this.muxers);
        if (payload.length > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "key and muxers have room for %d bytes, got %d".formatted(MAX_PAYLOAD_BYTES, payload.length));
        }
    }

    /**
     * Makes a Noise key and signs it.
     *
     * @param muxers protocols, the best first, at most 100; may be empty, which leaves the choice to multistream-select
     */
    public static NoiseIdentity create(KeyPair identity, List<String> muxers) {
        return of(identity, X25519.generate(), muxers);
    }

    static NoiseIdentity of(KeyPair identity, X25519 staticKey, List<String> muxers) {
        if (muxers.size() > NoisePayload.MAX_MUXERS) {
            throw new IllegalArgumentException(
                    "remotes read at most %d muxers, got %d".formatted(NoisePayload.MAX_MUXERS, muxers.size()));
        }
        return new NoiseIdentity(identity, staticKey, muxers);
    }

    /** A handshake as the one who dialled, which fails unless the remote is this peer. */
    public NoiseHandshake dial(PeerId expected) {
        return handshake(true, X25519.generate(), Optional.of(expected));
    }

    /** A handshake as the one who dialled, with whoever answers; {@link NoiseChannel#remotePeer} then tells who it was. */
    public NoiseHandshake dialAnyone() {
        return handshake(true, X25519.generate(), Optional.empty());
    }

    /** A handshake as the one who was dialled, with anyone. */
    public NoiseHandshake accept() {
        return handshake(false, X25519.generate(), Optional.empty());
    }

    NoiseHandshake handshake(boolean initiator, X25519 ephemeralKey, Optional<PeerId> expected) {
        XxHandshake noise = new XxHandshake(initiator, staticKey, ephemeralKey, new byte[0]);
        return new NoiseHandshake(noise, initiator, payload.clone(), muxers, expected);
    }
}
