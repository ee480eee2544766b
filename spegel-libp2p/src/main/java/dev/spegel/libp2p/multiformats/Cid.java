package dev.spegel.libp2p.multiformats;

import java.nio.ByteBuffer;

/**
 * A content identifier of version 1: what kind of content it is, and its hash (multiformats/cid).
 *
 * @param codec the content's code in the multicodec table
 * @param multihash the content's hash
 */
public record Cid(long codec, Multihash multihash) {
    /** Bytes without structure: multicodec table, {@code raw}. */
    public static final int RAW = 0x55;

    /** A libp2p public key: multicodec table, {@code libp2p-key}. */
    public static final int LIBP2P_KEY = 0x72;

    private static final int VERSION = 1;

    /** @throws IllegalArgumentException if {@code codec} is negative */
    public Cid {
        if (codec < 0) {
            throw new IllegalArgumentException("a codec isn't negative, got " + codec);
        }
    }

    /**
     * Reads text in any base of {@link Multibase}.
     *
     * @throws MalformedException if the base, the version or the hash isn't right; version 0 ({@code Qm…}) is refused
     */
    public static Cid parse(String text) {
        return fromBytes(Multibase.decodePrefixed(text));
    }

    /**
     * Reads the binary form, which must fill {@code bytes}.
     *
     * @throws MalformedException if the version isn't 1 or the hash is malformed
     */
    public static Cid fromBytes(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long version = Varint.read(in);
        if (version != VERSION) {
            throw new MalformedException("a CID here has version 1, got %s".formatted(Quoted.of(bytes)));
        }
        long codec = Varint.read(in);
        byte[] multihash = new byte[in.remaining()];
        in.get(multihash);
        return new Cid(codec, Multihash.fromBytes(multihash));
    }

    /** The binary form. */
    public byte[] toBytes() {
        byte[] hash = multihash.toBytes();
        ByteBuffer out = ByteBuffer.allocate(Varint.length(VERSION) + Varint.length(codec) + hash.length);
        Varint.write(VERSION, out);
        Varint.write(codec, out);
        return out.put(hash).array();
    }

    /** The text in {@code base}, prefix included. */
    public String toString(Multibase base) {
        return base.encodePrefixed(toBytes());
    }

    /** The text in base 32, as version 1 is usually written. */
    @Override
    public String toString() {
        return toString(Multibase.BASE32);
    }
}
