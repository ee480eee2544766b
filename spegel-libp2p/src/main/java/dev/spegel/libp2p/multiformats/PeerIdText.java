package dev.spegel.libp2p.multiformats;

/**
 * The text forms of a peer ID: base58btc of its multihash, or a CID of codec {@code libp2p-key} in any base
 * (libp2p/specs, peer-ids/peer-ids.md#string-representation).
 */
public final class PeerIdText {
    /** A serialized key up to this length is its own hash: libp2p/specs, peer-ids/peer-ids.md#peer-ids. */
    public static final int MAX_INLINE_KEY_LENGTH = 42;

    private PeerIdText() {}

    /**
     * Reads either form.
     *
     * @throws MalformedException if it is neither, or the hash isn't one that a peer ID can have
     */
    public static Multihash parse(String text) {
        if (text.startsWith("Qm") || text.startsWith("1")) {
            return requirePeerId(Multihash.fromBytes(Multibase.BASE58BTC.decode(text)));
        }
        Cid cid = Cid.parse(text);
        if (cid.codec() != Cid.LIBP2P_KEY) {
            throw new MalformedException("a peer ID's CID has codec 0x%x, got 0x%x in %s"
                    .formatted(Cid.LIBP2P_KEY, cid.codec(), Quoted.of(text)));
        }
        return requirePeerId(cid.multihash());
    }

    /**
     * Returns the hash if a peer ID can have it: that of a key by SHA-256, or a short key as it is.
     *
     * @throws MalformedException otherwise
     */
    public static Multihash requirePeerId(Multihash hash) {
        boolean inline = hash.code() == Multihash.IDENTITY
                && hash.digestLength() > 0
                && hash.digestLength() <= MAX_INLINE_KEY_LENGTH;
        if (!inline && hash.code() != Multihash.SHA2_256) {
            throw new MalformedException(
                    "a peer ID is a SHA-256 hash or a key of at most %d bytes, got hash function 0x%x with %d bytes"
                            .formatted(MAX_INLINE_KEY_LENGTH, hash.code(), hash.digestLength()));
        }
        return hash;
    }
}
