package dev.spegel.libp2p.multiformats;

import java.util.List;
import java.util.Optional;

/**
 * From where an address can be reached, as its first part tells (after an IPv6 zone); nothing is looked up.
 *
 * <p>The ranges are those of go-multiaddr's net/private.go, which decide what Go peers keep of the addresses that they are
 * told; they come from IANA's registries of special-purpose addresses and from RFC 6761.
 */
public enum AddressScope {
    /** All interfaces of whoever listens; nothing to connect to: {@code 0.0.0.0}, {@code ::}. */
    UNSPECIFIED,
    /** The same machine. */
    LOOPBACK,
    /** The same IPv6 link: useless without its zone, which means nothing to others. */
    IP6_LINK_LOCAL,
    /** The same private network, or IPv4 link. */
    PRIVATE,
    /** Anywhere. */
    PUBLIC,
    /** Nowhere (documentation, multicast, names reserved for private use), or not known. */
    OTHER;

    private static final List<IpRange> LOOPBACK_RANGES = IpRange.list("127.0.0.0/8", "::1/128", "::ffff:127.0.0.0/104");

    private static final List<IpRange> UNSPECIFIED_RANGES = IpRange.list("0.0.0.0/32", "::/128");

    private static final List<IpRange> LINK_LOCAL_RANGES = IpRange.list("fe80::/10");

    private static final List<IpRange> PRIVATE_RANGES = IpRange.list(
            "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7");

    private static final List<IpRange> UNROUTABLE_RANGES = IpRange.list(
            "0.0.0.0/8",
            "192.0.0.0/26",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "ff00::/8",
            "2001:db8::/32");

    private static final List<IpRange> PUBLIC_RANGES =
            IpRange.list("0.0.0.0/0", "2000::/3", "64:ff9b::/96", "64:ff9b:1::/48");

    private static final String LOCALHOST = "localhost";

    /** Names that don't resolve, or not to the same everywhere. */
    private static final List<String> SPECIAL_NAMES =
            List.of("in-addr.arpa", "ip6.arpa", "invalid", "home.arpa", "local", "test");

    /** Where this address can be reached from. */
    public static AddressScope of(Multiaddr address) {
        return firstOf(address).map(AddressScope::of).orElse(OTHER);
    }

    private static Optional<Multiaddr.Component> firstOf(Multiaddr address) {
        return address.components().stream()
                .filter(component -> component.protocol() != Protocol.IP6ZONE)
                .findFirst();
    }

    private static AddressScope of(Multiaddr.Component first) {
        return switch (first.protocol()) {
            case IP4, IP6 -> ofIp(first.toBytes());
            case DNS, DNS4, DNS6, DNSADDR -> ofName(first.value());
            default -> OTHER;
        };
    }

    private static AddressScope ofIp(byte[] ip) {
        if (IpRange.anyHolds(UNSPECIFIED_RANGES, ip)) {
            return UNSPECIFIED;
        }
        if (IpRange.anyHolds(LOOPBACK_RANGES, ip)) {
            return LOOPBACK;
        }
        if (IpRange.anyHolds(LINK_LOCAL_RANGES, ip)) {
            return IP6_LINK_LOCAL;
        }
        if (IpRange.anyHolds(PRIVATE_RANGES, ip)) {
            return PRIVATE;
        }
        boolean isPublic = !IpRange.anyHolds(UNROUTABLE_RANGES, ip) && IpRange.anyHolds(PUBLIC_RANGES, ip);
        return isPublic ? PUBLIC : OTHER;
    }

    private static AddressScope ofName(String name) {
        if (isUnder(name, LOCALHOST)) {
            return PRIVATE;
        }
        return SPECIAL_NAMES.stream().anyMatch(special -> isUnder(name, special)) ? OTHER : PUBLIC;
    }

    private static boolean isUnder(String name, String domain) {
        return name.equals(domain) || name.endsWith("." + domain);
    }

    /** Whether only the same machine, link or private network reaches it. */
    public boolean isPrivate() {
        return this == LOOPBACK || this == IP6_LINK_LOCAL || this == PRIVATE;
    }
}
