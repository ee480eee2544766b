package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The bytes that name something in the DHT, as they travel in a message: content's multihash or a peer's ID. Its place in the
 * key space is the SHA-256 of these bytes; that hash itself never travels.
 */
public final class KadKey implements Comparable<KadKey> {
    /** The longest key that providers can be announced under: go-libp2p-kad-dht, which resets a stream with a longer one. */
    public static final int MAX_PROVIDER_KEY_BYTES = 80;

    /** No bytes at all: what a message without a key has. */
    public static final KadKey NONE = new KadKey(new byte[0]);

    private static final int MAX_SHOWN_BYTES = 40;

    private final byte[] bytes;

    private KadKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A key of exactly these bytes, which are copied. */
    public static KadKey of(byte[] bytes) {
        return new KadKey(bytes.clone());
    }

    /** The key that a search for the peer itself uses: its ID's bytes. */
    public static KadKey of(PeerId peer) {
        return new KadKey(peer.toBytes());
    }

    /** The key of content that has a name but no hash of its own: the sha2-256 multihash of the name in UTF-8. */
    public static KadKey ofText(String name) {
        byte[] hash = Position.sha256().digest(name.getBytes(StandardCharsets.UTF_8));
        byte[] multihash = new byte[2 + hash.length];
        multihash[0] = 0x12;
        multihash[1] = 0x20;
        System.arraycopy(hash, 0, multihash, 2, hash.length);
        return new KadKey(multihash);
    }

    /** A copy of the bytes. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /** The number of bytes. */
    public int length() {
        return bytes.length;
    }

    /** Whether providers can be announced and asked for under this key: 1 to 80 bytes. */
    public boolean canHaveProviders() {
        return bytes.length >= 1 && bytes.length <= MAX_PROVIDER_KEY_BYTES;
    }

    /** Where the key lies. Hashes at each call. */
    Position position() {
        return Position.of(bytes);
    }

    /** Whether these are the bytes of this peer's ID. */
    boolean names(PeerId peer) {
        return Arrays.equals(bytes, peer.toBytes());
    }

    /** The peer whose ID these bytes are, if they are one. */
    Optional<PeerId> peer() {
        try {
            return Optional.of(PeerId.fromBytes(bytes));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof KadKey other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** By bytes, unsigned. (So that a hash table stays quick when strangers choose keys that collide.) */
    @Override
    public int compareTo(KadKey other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    /** The bytes in hex, cut short. */
    @Override
    public String toString() {
        String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, MAX_SHOWN_BYTES));
        return bytes.length > MAX_SHOWN_BYTES ? hex + "… (" + bytes.length + " bytes)" : hex;
    }
}
