package dev.spegel.libp2p.multiformats;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A hash that says which function made it: the function's code, the digest's length, the digest (multiformats/multihash).
 *
 * <p>Any function's code is accepted, since a hash can be passed on and compared without knowing it.
 */
public final class Multihash {
    /** The "function" whose digest is its very input: multicodec table, {@code identity}. */
    public static final int IDENTITY = 0x00;

    /** Multicodec table, {@code sha2-256}. */
    public static final int SHA2_256 = 0x12;

    /** The longest digest accepted: that of skein1024-1024, the longest of all functions in the multicodec table. */
    public static final int MAX_DIGEST_LENGTH = 128;

    /** SHA-256's digest: FIPS 180-4. */
    private static final int SHA2_256_LENGTH = 32;

    private final long code;
    private final byte[] bytes;
    private final int digestLength;
    private final int hash;

    private Multihash(long code, byte[] digest) {
        if (digest.length > MAX_DIGEST_LENGTH) {
            throw new MalformedException(
                    "a multihash has a digest of at most %d bytes, got %d".formatted(MAX_DIGEST_LENGTH, digest.length));
        }
        if (code == SHA2_256 && digest.length != SHA2_256_LENGTH) {
            throw new MalformedException("a sha2-256 digest has 32 bytes, got " + digest.length);
        }
        this.code = code;
        this.digestLength = digest.length;
        ByteBuffer out = ByteBuffer.allocate(Varint.length(code) + Varint.length(digest.length) + digest.length);
        Varint.write(code, out);
        Varint.write(digest.length, out);
        this.bytes = out.put(digest).array();
        this.hash = Arrays.hashCode(bytes);
    }

    /**
     * A digest and the code of the function that it came from.
     *
     * @throws MalformedException if the digest is too long, or isn't of that function's length
     */
    public static Multihash of(long code, byte[] digest) {
        return new Multihash(code, digest);
    }

    /** The SHA-256 hash of {@code content}. */
    public static Multihash sha256(byte[] content) {
        try {
            return new Multihash(SHA2_256, MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /**
     * {@code content} itself as a hash.
     *
     * @throws MalformedException if it is longer than {@link #MAX_DIGEST_LENGTH}
     */
    public static Multihash identity(byte[] content) {
        return new Multihash(IDENTITY, content);
    }

    /**
     * Reads a hash's binary form, which must fill {@code bytes}.
     *
     * @throws MalformedException if it doesn't, or its parts break the rules of {@link #of}
     */
    public static Multihash fromBytes(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long code = Varint.read(in);
        long length = Varint.read(in);
        if (length != in.remaining()) {
            throw new MalformedException("a multihash announces the %d bytes that follow, got %d: %s"
                    .formatted(in.remaining(), length, Quoted.of(bytes)));
        }
        byte[] digest = new byte[in.remaining()];
        in.get(digest);
        return new Multihash(code, digest);
    }

    /** The function's code in the multicodec table. */
    public long code() {
        return code;
    }

    /** A copy of the digest. */
    public byte[] digest() {
        return Arrays.copyOfRange(bytes, bytes.length - digestLength, bytes.length);
    }

    /** The digest's length in bytes. */
    public int digestLength() {
        return digestLength;
    }

    /** A copy of the binary form. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Multihash that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** The binary form in base58btc, without prefix. */
    @Override
    public String toString() {
        return Multibase.BASE58BTC.encode(bytes);
    }
}
