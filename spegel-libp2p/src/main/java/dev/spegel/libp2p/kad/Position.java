package dev.spegel.libp2p.kad;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;

/**
 * A point of the key space: the SHA-256 of a peer ID's or a key's bytes, and the 256-bit numbers that XOR makes of two such
 * points. Ordered as unsigned numbers, first bit first.
 *
 * <p>libp2p/specs, kad-dht/README.md#distance.
 */
final class Position implements Comparable<Position> {
    static final int BITS = 256;
    static final Position ZERO = new Position(0, 0, 0, 0);

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    private Position(long first, long second, long third, long fourth) {
        this.first = first;
        this.second = second;
        this.third = third;
        this.fourth = fourth;
    }

    /** Where these bytes lie: hashes them. */
    static Position of(byte[] bytes) {
        return ofHash(sha256().digest(bytes));
    }

    /** The point with these 32 bytes, which are not hashed any more. */
    static Position ofHash(byte[] hash) {
        if (hash.length != BITS / 8) {
            throw new IllegalArgumentException("a position has 32 bytes, got " + hash.length);
        }
        ByteBuffer words = ByteBuffer.wrap(hash);
        return new Position(words.getLong(), words.getLong(), words.getLong(), words.getLong());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** The distance between the two, a number of 256 bits. */
    Position xor(Position other) {
        return new Position(first ^ other.first, second ^ other.second, third ^ other.third, fourth ^ other.fourth);
    }

    /** How many leading bits the two share; 256 if they are the same. */
    int commonPrefixLength(Position other) {
        long difference = first ^ other.first;
        if (difference != 0) {
            return Long.numberOfLeadingZeros(difference);
        }
        difference = second ^ other.second;
        if (difference != 0) {
            return 64 + Long.numberOfLeadingZeros(difference);
        }
        difference = third ^ other.third;
        if (difference != 0) {
            return 128 + Long.numberOfLeadingZeros(difference);
        }
        return 192 + Long.numberOfLeadingZeros(fourth ^ other.fourth);
    }

    /** Negative if {@code a} is nearer to this point than {@code b}, positive if it is farther. */
    int compareDistance(Position a, Position b) {
        int order = Long.compareUnsigned(first ^ a.first, first ^ b.first);
        if (order == 0) {
            order = Long.compareUnsigned(second ^ a.second, second ^ b.second);
        }
        if (order == 0) {
            order = Long.compareUnsigned(third ^ a.third, third ^ b.third);
        }
        return order != 0 ? order : Long.compareUnsigned(fourth ^ a.fourth, fourth ^ b.fourth);
    }

    /** Orders points by their distance from this one. */
    Comparator<Position> nearestFirst() {
        return this::compareDistance;
    }

    /** The bit at {@code index}, counted from the most significant. */
    boolean bit(int index) {
        return (word(index >>> 6) >>> (63 - (index & 63)) & 1) != 0;
    }

    /** This point with the bit at {@code index} turned round. */
    Position flip(int index) {
        long mask = 1L << (63 - (index & 63));
        return switch (index >>> 6) {
            case 0 -> new Position(first ^ mask, second, third, fourth);
            case 1 -> new Position(first, second ^ mask, third, fourth);
            case 2 -> new Position(first, second, third ^ mask, fourth);
            default -> new Position(first, second, third, fourth ^ mask);
        };
    }

    /** The first {@code length} bits of this point, and zeros behind them. */
    Position head(int length) {
        return new Position(
                first & mask(length),
                second & mask(length - 64),
                third & mask(length - 128),
                fourth & mask(length - 192));
    }

    /** This number divided by 2^256, hence from 0 to below 1. */
    double fraction() {
        return (first >>> 11) * 0x1p-53;
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(BITS / 8)
                .putLong(first)
                .putLong(second)
                .putLong(third)
                .putLong(fourth)
                .array();
    }

    private long word(int index) {
        return switch (index) {
            case 0 -> first;
            case 1 -> second;
            case 2 -> third;
            default -> fourth;
        };
    }

    private static long mask(int bits) {
        return bits <= 0 ? 0 : bits >= 64 ? -1 : -1L << (64 - bits);
    }

    @Override
    public int compareTo(Position other) {
        return ZERO.compareDistance(this, other);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Position other
                && first == other.first
                && second == other.second
                && third == other.third
                && fourth == other.fourth;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first ^ fourth);
    }

    /** 64 lower-case hex digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(toBytes());
    }
}
