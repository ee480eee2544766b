package dev.spegel.libp2p.multistream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * What multistream-select sends: a line of text, ended by a newline, with its length before it.
 *
 * <p>On the wire: unsigned varint(length of text + 1), text, {@code \n}. Specification: libp2p specs,
 * connections/README.md#multistream-select.
 */
final class Token {
    static final String HEADER = "/multistream/1.0.0";
    static final String NOT_AVAILABLE = "na";

    /** The largest value of the length, the newline counted: what go-multistream v0.6.1 reads and writes. */
    static final int MAX_LENGTH = 1024;

    private static final int ONE_BYTE_VARINTS_END = 0x80;
    private static final int QUOTED_CHARACTERS = 80;

    private Token() {}

    /** Encodes the texts one after the other; read-only. */
    static ByteBuffer encode(String... texts) {
        byte[][] lines = new byte[texts.length][];
        int size = 0;
        for (int i = 0; i < texts.length; i++) {
            lines[i] = (texts[i] + "\n").getBytes(UTF_8);
            size += (lines[i].length < ONE_BYTE_VARINTS_END ? 1 : 2) + lines[i].length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        for (byte[] line : lines) {
            if (line.length < ONE_BYTE_VARINTS_END) {
                out.put((byte) line.length);
            } else {
                out.put((byte) ((line.length & 0x7f) | 0x80)).put((byte) (line.length >> 7));
            }
            out.put(line);
        }
        return out.flip().asReadOnlyBuffer();
    }

    /** @throws IllegalArgumentException if {@code protocol} can't be the name of a protocol: printable ASCII that fits a token */
    static String checkedProtocol(String protocol) {
        boolean printable = protocol.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (protocol.isEmpty() || protocol.length() >= MAX_LENGTH || !printable) {
            throw new IllegalArgumentException("a protocol is 1 to %d printable ASCII characters, got %s"
                    .formatted(MAX_LENGTH - 1, quoted(protocol)));
        }
        // What these two mean on the wire is settled, so nobody could ever agree on them.
        if (protocol.equals(HEADER) || protocol.equals(NOT_AVAILABLE)) {
            throw new IllegalArgumentException("%s is a word of multistream-select itself".formatted(quoted(protocol)));
        }
        return protocol;
    }

    /** Shows what a stranger sent: cut short, everything but printable ASCII replaced. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars()
                .limit(QUOTED_CHARACTERS)
                .forEach(c -> quoted.append(c >= ' ' && c < 0x7f && c != '"' ? (char) c : '?'));
        return quoted.append(text.length() > QUOTED_CHARACTERS ? "…\"" : "\"").toString();
    }
}
