package dev.spegel.libp2p.kad;

/**
 * A part of the key space: all points that begin with the first {@code length} bits of {@code bits}, whose other bits are
 * zero. The prefix of length 0 is the whole space.
 */
record Prefix(Position bits, int length) {
    static final Prefix EVERYTHING = new Prefix(Position.ZERO, 0);

    Prefix {
        if (length < 0 || length > Position.BITS) {
            throw new IllegalArgumentException("a prefix has 0 to 256 bits, got " + length);
        }
        bits = bits.head(length);
    }

    boolean covers(Position position) {
        return bits.commonPrefixLength(position) >= length;
    }

    boolean covers(Prefix other) {
        return other.length >= length && covers(other.bits);
    }

    /** The half of this part whose next bit is 0. */
    Prefix low() {
        return new Prefix(bits, length + 1);
    }

    /** The half of this part whose next bit is 1. */
    Prefix high() {
        return new Prefix(bits.flip(length), length + 1);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(bits.bit(i) ? '1' : '0');
        }
        return text + "*";
    }
}
