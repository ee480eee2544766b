package dev.spegel.libp2p.identity;

import dev.spegel.libp2p.multiformats.Cid;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multihash;
import dev.spegel.libp2p.multiformats.PeerIdText;
import java.util.Optional;

/**
 * A peer's name, which follows from its public key: the key's hash, or a short key itself (libp2p/specs,
 * peer-ids/peer-ids.md). Somebody who claims an ID proves it by signing with the key.
 *
 * @param multihash of SHA-256, or of the identity function with at most {@value PeerIdText#MAX_INLINE_KEY_LENGTH} bytes
 */
public record PeerId(Multihash multihash) {
    /** @throws MalformedException if no peer ID can have this hash */
    public PeerId {
        PeerIdText.requirePeerId(multihash);
    }

    /**
     * Reads the text form: base58btc ({@code 12D3KooW…}, {@code Qm…}), or a CID of codec {@code libp2p-key}.
     *
     * @throws MalformedException if it is neither
     */
    public static PeerId parse(String text) {
        return new PeerId(PeerIdText.parse(text));
    }

    /**
     * Reads the binary form, which must fill {@code bytes}.
     *
     * @throws MalformedException if it isn't a hash that a peer ID can have
     */
    public static PeerId fromBytes(byte[] bytes) {
        return new PeerId(Multihash.fromBytes(bytes));
    }

    static PeerId ofSerializedKey(byte[] key) {
        return new PeerId(
                key.length <= PeerIdText.MAX_INLINE_KEY_LENGTH ? Multihash.identity(key) : Multihash.sha256(key));
    }

    /**
     * The key, if it is short enough to be part of the ID, as Ed25519 keys are.
     *
     * @throws MalformedException if what the ID holds is no key, or one that isn't supported
     */
    public Optional<PublicKey> inlineKey() {
        return multihash.code() == Multihash.IDENTITY
                ? Optional.of(PublicKey.fromBytes(multihash.digest()))
                : Optional.empty();
    }

    /** The binary form. */
    public byte[] toBytes() {
        return multihash.toBytes();
    }

    /** The ID as a CID, which {@link #parse} reads too. */
    public Cid toCid() {
        return new Cid(Cid.LIBP2P_KEY, multihash);
    }

    /** The ID in base58btc, as it is usually written. */
    @Override
    public String toString() {
        return multihash.toString();
    }
}
