package dev.spegel.libp2p.multiformats;

import java.util.Arrays;
import java.util.List;

/** The addresses that begin with the same bits. IPv4-mapped addresses are IPv6 here. */
final class IpRange {
    private final byte[] start;
    private final int bits;

    private IpRange(byte[] start, int bits) {
        this.start = start;
        this.bits = bits;
    }

    /** Ranges in the notation of RFC 4632, section 3.1. */
    static List<IpRange> list(String... ranges) {
        return Arrays.stream(ranges).map(IpRange::parse).toList();
    }

    private static IpRange parse(String text) {
        int slash = text.indexOf('/');
        String address = text.substring(0, slash);
        byte[] start = address.indexOf(':') >= 0 ? IpText.parseV6(address) : IpText.parseV4(address);
        return new IpRange(start, Integer.parseInt(text.substring(slash + 1)));
    }

    static boolean anyHolds(List<IpRange> ranges, byte[] ip) {
        return ranges.stream().anyMatch(range -> range.holds(ip));
    }

    private boolean holds(byte[] ip) {
        if (ip.length != start.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        int rest = bits % Byte.SIZE;
        int mask = 0xff00 >> rest & 0xff;
        return Arrays.mismatch(ip, 0, whole, start, 0, whole) < 0
                && (rest == 0 || ((ip[whole] ^ start[whole]) & mask) == 0);
    }
}
