package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of a {@code Content-Range} header in bytes, which {@code toString} gives too: RFC 9110, section 14.4.
 *
 * @param range what the body holds; empty in an answer with status 416
 * @param sizeBytes the size of the whole content; empty if the sender doesn't know it
 */
public record ContentRange(Optional<ByteRange> range, OptionalLong sizeBytes) {
    private static final Pattern GRAMMAR =
            Pattern.compile("(?i:bytes) (?:([0-9]+)-([0-9]+)/([0-9]+|\\*)|\\*/([0-9]+))");

    /** @throws OciSyntaxException if both parts are missing, or the range ends beyond the content */
    public ContentRange {
        requireNonNull(range, "range");
        requireNonNull(sizeBytes, "sizeBytes");
        if (range.isEmpty() && sizeBytes.isEmpty()) {
            throw malformed("*/*");
        }
        if (sizeBytes.isPresent()
                && sizeBytes.getAsLong() < range.map(ByteRange::last).orElse(-1L) + 1) {
            throw malformed(text(range, sizeBytes));
        }
    }

    /** What status 416 tells of content of this size: {@code bytes *}{@code /size}. */
    public static ContentRange unsatisfied(long sizeBytes) {
        return new ContentRange(Optional.empty(), OptionalLong.of(sizeBytes));
    }

    /**
     * Reads the value of a header that a peer sent.
     *
     * @throws OciSyntaxException if the unit isn't bytes, the grammar is broken, or the range isn't part of the content
     */
    public static ContentRange parse(String header) {
        Matcher value = GRAMMAR.matcher(header);
        if (!value.matches()) {
            throw malformed(header);
        }
        if (value.group(4) != null) {
            return unsatisfied(RangeGrammar.saturated(value.group(4)));
        }
        long first = RangeGrammar.saturated(value.group(1));
        long last = RangeGrammar.saturated(value.group(2));
        if (last < first || last == Long.MAX_VALUE) {
            throw malformed(header);
        }
        OptionalLong size = value.group(3).equals("*")
                ? OptionalLong.empty()
                : OptionalLong.of(RangeGrammar.saturated(value.group(3)));
        return new ContentRange(Optional.of(new ByteRange(first, last)), size);
    }

    @Override
    public String toString() {
        return text(range, sizeBytes);
    }

    private static String text(Optional<ByteRange> range, OptionalLong sizeBytes) {
        String size = sizeBytes.isPresent() ? Long.toString(sizeBytes.getAsLong()) : "*";
        return "bytes %s/%s".formatted(range.map(ByteRange::toString).orElse("*"), size);
    }

    private static OciSyntaxException malformed(String header) {
        return new OciSyntaxException(
                ErrorCode.UNSUPPORTED,
                "a content range is \"bytes first-last/size\" within the size, got " + Quoted.of(header));
    }
}
