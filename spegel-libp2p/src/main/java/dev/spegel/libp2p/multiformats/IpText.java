package dev.spegel.libp2p.multiformats;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * IP addresses as text. {@link java.net.InetAddress} isn't used for this: it asks the resolver about what isn't an
 * address, and turns IPv4-mapped addresses into IPv4.
 */
final class IpText {
    static final int V4_LENGTH = 4;
    static final int V6_LENGTH = 16;

    private static final int V6_GROUPS = 8;

    /** Without leading zeros, which some read as octal: RFC 6943, section 3.1.1. */
    private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");

    private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");

    /** Longer than any address, so that what follows needn't care. */
    private static final int MAX_LENGTH = 45;

    private IpText() {}

    /** Reads four decimal numbers between dots. */
    static byte[] parseV4(String text) {
        String[] octets = text.length() > MAX_LENGTH ? new String[0] : text.split("\\.", -1);
        byte[] address = new byte[V4_LENGTH];
        boolean good = octets.length == V4_LENGTH;
        for (int i = 0; good && i < V4_LENGTH; i++) {
            good = OCTET.matcher(octets[i]).matches() && Integer.parseInt(octets[i]) <= 0xff;
            if (good) {
                address[i] = (byte) Integer.parseInt(octets[i]);
            }
        }
        if (!good) {
            throw new MalformedException("an IPv4 address has four numbers to 255, got " + Quoted.of(text));
        }
        return address;
    }

    /** Without a formatter, which takes three quarters of the time to read an address; each answer of the DHT has up to 120. */
    static String formatV4(byte[] address) {
        return (address[0] & 0xff) + "." + (address[1] & 0xff) + "." + (address[2] & 0xff) + "." + (address[3] & 0xff);
    }

    /** Reads the forms of RFC 4291, section 2.2, without zone. */
    static byte[] parseV6(String text) {
        int gap = text.indexOf("::");
        if (text.length() > MAX_LENGTH || (gap >= 0 && text.indexOf("::", gap + 1) >= 0)) {
            throw notV6(text);
        }
        if (gap < 0) {
            byte[] whole = groups(text, text, true);
            if (whole.length != V6_LENGTH) {
                throw notV6(text);
            }
            return whole;
        }
        byte[] head = groups(text.substring(0, gap), text, false);
        byte[] tail = groups(text.substring(gap + 2), text, true);
        if (head.length + tail.length > V6_LENGTH - 2) {
            throw notV6(text);
        }
        byte[] address = Arrays.copyOf(head, V6_LENGTH);
        System.arraycopy(tail, 0, address, V6_LENGTH - tail.length, tail.length);
        return address;
    }

    private static byte[] groups(String part, String text, boolean last) {
        if (part.isEmpty()) {
            return new byte[0];
        }
        String[] groups = part.split(":", -1);
        boolean endsInV4 = last && groups[groups.length - 1].indexOf('.') >= 0;
        int hexGroups = endsInV4 ? groups.length - 1 : groups.length;
        byte[] bytes = new byte[hexGroups * 2 + (endsInV4 ? V4_LENGTH : 0)];
        for (int i = 0; i < hexGroups; i++) {
            if (!GROUP.matcher(groups[i]).matches()) {
                throw notV6(text);
            }
            int group = Integer.parseInt(groups[i], 16);
            bytes[2 * i] = (byte) (group >> 8);
            bytes[2 * i + 1] = (byte) group;
        }
        if (endsInV4) {
            System.arraycopy(parseV4(groups[hexGroups]), 0, bytes, hexGroups * 2, V4_LENGTH);
        }
        return bytes;
    }

    private static MalformedException notV6(String text) {
        return new MalformedException(
                "an IPv6 address is written as RFC 4291 says, without zone, got " + Quoted.of(text));
    }

    /** Writes the one form of RFC 5952; IPv4-mapped addresses end in dotted decimal. */
    static String formatV6(byte[] address) {
        if (isV4Mapped(address)) {
            return "::ffff:" + formatV4(Arrays.copyOfRange(address, V6_LENGTH - V4_LENGTH, V6_LENGTH));
        }
        int[] groups = new int[V6_GROUPS];
        for (int i = 0; i < V6_GROUPS; i++) {
            groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
        }
        int gapStart = -1;
        int gapLength = 1; // a single zero group isn't shortened: RFC 5952, section 4.2.2
        for (int i = 0; i < V6_GROUPS; i++) {
            int end = i;
            while (end < V6_GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > gapLength) {
                gapStart = i;
                gapLength = end - i;
            }
            i = Math.max(i, end - 1);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < V6_GROUPS; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    static boolean isV4Mapped(byte[] address) {
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return address[10] == (byte) 0xff && address[11] == (byte) 0xff;
    }
}
