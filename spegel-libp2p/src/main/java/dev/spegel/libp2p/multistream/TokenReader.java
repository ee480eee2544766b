package dev.spegel.libp2p.multistream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** Puts tokens together from bytes in pieces. Takes no byte beyond the end of a token, and never holds more than one. */
final class TokenReader {
    private static final byte[] NONE = {};

    /** Bits of the length read so far; two bytes of a varint are enough for {@link Token#MAX_LENGTH}. */
    private int length;

    private int lengthBytes;

    /** The token's bytes, grown as they arrive; its size isn't taken from the length that the peer promises. */
    private byte[] line = NONE;

    private int filled;
    private boolean inLine;

    /**
     * Reads up to the end of the next token.
     *
     * @return the token's text, or empty if all of {@code in} was taken and more is needed
     * @throws MultistreamException if this isn't a token
     */
    Optional<String> read(ByteBuffer in) {
        while (!inLine) {
            if (!in.hasRemaining()) {
                return Optional.empty();
            }
            readLength(in.get());
        }
        int count = Math.min(in.remaining(), length - filled);
        if (line.length < filled + count) {
            line = Arrays.copyOf(line, Math.min(length, Math.max(filled + count, 2 * line.length)));
        }
        in.get(line, filled, count);
        filled += count;
        if (filled < length) {
            return Optional.empty();
        }
        if (line[length - 1] != '\n') {
            throw new MultistreamException(
                    "a token ends with a newline, got %s".formatted(Token.quoted(new String(line, 0, length, UTF_8))));
        }
        String text = new String(line, 0, length - 1, UTF_8);
        reset();
        return Optional.of(text);
    }

    /** Whether a token has begun and not ended. */
    boolean isAmidToken() {
        return lengthBytes > 0;
    }

    private void readLength(byte next) {
        length |= (next & 0x7f) << (7 * lengthBytes);
        lengthBytes++;
        if (next < 0) {
            if (lengthBytes == 2) {
                throw new MultistreamException(
                        "a token has at most %d bytes, got a longer length".formatted(Token.MAX_LENGTH));
            }
            return;
        }
        if (lengthBytes == 2 && next == 0) {
            throw new MultistreamException("a token's length is written in as few bytes as it takes, got a needless 0");
        }
        if (length == 0 || length > Token.MAX_LENGTH) {
            throw new MultistreamException("a token has 1 to %d bytes, got %d".formatted(Token.MAX_LENGTH, length));
        }
        inLine = true;
    }

    private void reset() {
        length = 0;
        lengthBytes = 0;
        line = NONE;
        filled = 0;
        inLine = false;
    }
}
