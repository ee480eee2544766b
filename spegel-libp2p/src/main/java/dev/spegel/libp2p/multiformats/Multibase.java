package dev.spegel.libp2p.multiformats;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Bytes as text, in one of several bases; a leading character may tell which (multiformats/multibase).
 *
 * <p>Decoding is strict: only the text that {@link #encode} would have made is accepted, so that a value has one
 * spelling a base.
 */
public enum Multibase {
    /** Lower-case hexadecimal. */
    BASE16('f'),
    /** RFC 4648, section 6, in lower case, without padding; what CIDs are written in. */
    BASE32('b'),
    /** Digits and lower-case letters; for CIDs in host names. */
    BASE36('k'),
    /** Bitcoin's alphabet; what peer IDs are written in. */
    BASE58BTC('z'),
    /** RFC 4648, section 5, without padding; what {@code certhash} is written in. */
    BASE64URL('u');

    /**
     * The longest text that is decoded. Bases 36 and 58 take time in proportion to its square; the longest
     * {@link Multihash} has 264 characters in base 16, the longest peer ID 60 in base 58.
     */
    public static final int MAX_TEXT_LENGTH = 1024;

    private static final String ALPHABET_32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final String ALPHABET_36 = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static final String ALPHABET_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private final char prefix;

    Multibase(char prefix) {
        this.prefix = prefix;
    }

    /** The character that announces this base. */
    public char prefix() {
        return prefix;
    }

    /** Writes {@code bytes} without prefix. */
    public String encode(byte[] bytes) {
        return switch (this) {
            case BASE16 -> HexFormat.of().formatHex(bytes);
            case BASE32 -> encode32(bytes);
            case BASE36 -> encodeNumber(bytes, ALPHABET_36);
            case BASE58BTC -> encodeNumber(bytes, ALPHABET_58);
            case BASE64URL -> Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        };
    }

    /** Writes {@code bytes} with prefix. */
    public String encodePrefixed(byte[] bytes) {
        return prefix + encode(bytes);
    }

    /**
     * Reads text without prefix.
     *
     * @throws MalformedException if it isn't exactly what {@link #encode} gives for some bytes, or is too long
     */
    public byte[] decode(String text) {
        if (text.length() > MAX_TEXT_LENGTH) {
            throw new MalformedException(
                    "%s text has at most %d characters, got %d".formatted(this, MAX_TEXT_LENGTH, text.length()));
        }
        byte[] bytes;
        try {
            bytes = switch (this) {
                case BASE16 -> HexFormat.of().parseHex(text);
                case BASE32 -> decode32(text);
                case BASE36 -> decodeNumber(text, ALPHABET_36);
                case BASE58BTC -> decodeNumber(text, ALPHABET_58);
                case BASE64URL -> Base64.getUrlDecoder().decode(text);
            };
        } catch (IllegalArgumentException e) {
            throw new MalformedException("not in %s: %s".formatted(this, Quoted.of(text)), e);
        }
        if (!encode(bytes).equals(text)) {
            throw new MalformedException("not as %s writes it: %s".formatted(this, Quoted.of(text)));
        }
        return bytes;
    }

    /**
     * Reads text whose first character tells the base.
     *
     * @throws MalformedException as {@link #decode}, and if the base isn't one of these
     */
    public static byte[] decodePrefixed(String text) {
        for (Multibase base : values()) {
            if (!text.isEmpty() && text.charAt(0) == base.prefix) {
                return base.decode(text.substring(1));
            }
        }
        throw new MalformedException("text in a base starts with one of %s, got %s"
                .formatted(
                        Arrays.stream(values())
                                .map(base -> String.valueOf(base.prefix))
                                .toList(),
                        Quoted.of(text)));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static String encode32(byte[] bytes) {
        StringBuilder text = new StringBuilder((bytes.length * 8 + 4) / 5);
        int bits = 0;
        int held = 0;
        for (byte b : bytes) {
            bits = (bits << 8 | (b & 0xff)) & 0xfff;
            held += 8;
            while (held >= 5) {
                held -= 5;
                text.append(ALPHABET_32.charAt(bits >> held & 0x1f));
            }
        }
        if (held > 0) {
            text.append(ALPHABET_32.charAt(bits << (5 - held) & 0x1f));
        }
        return text.toString();
    }

    private static byte[] decode32(String text) {
        byte[] bytes = new byte[text.length() * 5 / 8];
        int bits = 0;
        int held = 0;
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            bits = (bits << 5 | digit(ALPHABET_32, text.charAt(i))) & 0xfff;
            held += 5;
            if (held >= 8) {
                held -= 8;
                bytes[at++] = (byte) (bits >> held);
            }
        }
        return bytes;
    }

    /** The bytes as one big-endian number in the alphabet's base; each leading zero byte is a leading zero digit. */
    private static String encodeNumber(byte[] bytes, String alphabet) {
        BigInteger base = BigInteger.valueOf(alphabet.length());
        StringBuilder reversed = new StringBuilder();
        BigInteger rest = new BigInteger(1, bytes);
        while (rest.signum() > 0) {
            BigInteger[] parts = rest.divideAndRemainder(base);
            reversed.append(alphabet.charAt(parts[1].intValue()));
            rest = parts[0];
        }
        for (int i = 0; i < bytes.length && bytes[i] == 0; i++) {
            reversed.append(alphabet.charAt(0));
        }
        return reversed.reverse().toString();
    }

    private static byte[] decodeNumber(String text, String alphabet) {
        BigInteger base = BigInteger.valueOf(alphabet.length());
        BigInteger number = BigInteger.ZERO;
        int zeros = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = digit(alphabet, text.charAt(i));
            if (digit == 0 && zeros == i) {
                zeros++;
            }
            number = number.multiply(base).add(BigInteger.valueOf(digit));
        }
        byte[] magnitude = number.toByteArray();
        int sign = magnitude[0] == 0 ? 1 : 0;
        byte[] bytes = new byte[zeros + magnitude.length - sign];
        System.arraycopy(magnitude, sign, bytes, zeros, magnitude.length - sign);
        return bytes;
    }

    private static int digit(String alphabet, char c) {
        int digit = alphabet.indexOf(c);
        if (digit < 0) {
            throw new IllegalArgumentException("'%s' isn't a digit".formatted(c));
        }
        return digit;
    }
}
