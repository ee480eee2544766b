package dev.spegel.libp2p.kad;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Keys that lie in a given part of the key space. A message carries a key and not its hash, so one that hashes into the right
 * part has to be found by trial.
 *
 * <p>The keys look as those of go-libp2p-kbucket: a sha2-256 multihash whose 32 bytes are a big-endian number of four bytes,
 * and zeros.
 */
final class Preimages {
    /** 65,536 trials on average, some 20 ms; deep enough for networks of a million nodes. */
    static final int MAX_BITS = 16;

    private Preimages() {}

    /**
     * The first key within {@code prefix}, or within its first 16 bits, whose number is {@code from} or follows it. Takes two to
     * the power of those bits trials on average.
     */
    static KadKey within(Prefix prefix, int from) {
        Prefix searched = prefix.length() > MAX_BITS ? new Prefix(prefix.bits(), MAX_BITS) : prefix;
        MessageDigest sha256 = Position.sha256();
        byte[] key = new byte[34];
        key[0] = 0x12;
        key[1] = 0x20;
        ByteBuffer number = ByteBuffer.wrap(key);
        for (int n = from; ; n++) {
            number.putInt(2, n);
            if (searched.covers(Position.ofHash(sha256.digest(key)))) {
                return KadKey.of(key);
            }
        }
    }
}
