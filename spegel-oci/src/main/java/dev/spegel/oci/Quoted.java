package dev.spegel.oci;

/** Puts text that a stranger may have sent into a message or log line: quoted, on one line, cut short. */
public final class Quoted {
    /** Longer than any sensible name, shorter than a log line. */
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
}
