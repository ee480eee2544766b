package dev.spegel.libp2p.multiformats;

import java.util.HexFormat;

/** Puts what a stranger may have sent into a message or log line: quoted, on one line, cut short. */
public final class Quoted {
    /** Longer than any peer ID and most addresses, shorter than a log line. */
    private static final int MAX_CHARS = 100;

    private Quoted() {}

    /** Returns the text in double quotes; what isn't printable ASCII is escaped, what exceeds 100 characters is cut. */
    public static String of(String text) {
        StringBuilder quoted = new StringBuilder(Math.min(text.length(), MAX_CHARS) + 16).append('"');
        for (int i = 0; i < Math.min(text.length(), MAX_CHARS); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c >= ' ' && c <= '~') {
                quoted.append(c);
            } else {
                quoted.append("\\u%04x".formatted((int) c));
            }
        }
        quoted.append('"');
        if (text.length() > MAX_CHARS) {
            quoted.append("… (").append(text.length()).append(" characters)");
        }
        return quoted.toString();
    }

    /** Returns the bytes in hexadecimal; what exceeds 50 bytes is cut. */
    public static String of(byte[] bytes) {
        int end = Math.min(bytes.length, MAX_CHARS / 2);
        String hex = HexFormat.of().formatHex(bytes, 0, end);
        return end < bytes.length ? "%s… (%d bytes)".formatted(hex, bytes.length) : hex;
    }
}
