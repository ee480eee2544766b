package dev.spegel.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One range of a {@code Range: bytes=…} header, which is also what {@code toString} gives. RFC 9110, sections 14.1.1, 14.1.2 and
 * 14.2.
 */
public sealed interface RangeSpec {
    /**
     * Reads the value of a {@code Range} header. Empty means: answer as if there was none, which the RFC allows for units other than
     * {@code bytes} and for more than one range. Numbers too large for a {@code long} count as the largest one.
     *
     * @throws OciSyntaxException UNSUPPORTED if the unit is {@code bytes} and what follows breaks the grammar; the status that says
     *     so is 416
     */
    static Optional<RangeSpec> parse(String header) {
        int equals = header.indexOf('=');
        String unit = (equals < 0 ? header : header.substring(0, equals)).strip();
        if (!unit.equalsIgnoreCase("bytes")) {
            return Optional.empty();
        }
        if (equals != unit.length()) {
            throw RangeGrammar.malformed(header);
        }
        List<RangeSpec> specs = new ArrayList<>(1);
        // An empty element of a list is ignored (section 5.6.1.2).
        for (String element : RangeGrammar.COMMA.split(header.substring(equals + 1), -1)) {
            if (!element.isEmpty()) {
                specs.add(RangeGrammar.parseOne(element, header));
            }
        }
        if (specs.isEmpty()) {
            throw RangeGrammar.malformed(header);
        }
        return specs.size() == 1 ? Optional.of(specs.get(0)) : Optional.empty();
    }

    /** All from this byte to the end. */
    static RangeSpec from(long first) {
        return new FromTo(first, Long.MAX_VALUE);
    }

    /**
     * Returns the bytes to send from content of this size; empty means status 416 (section 15.5.17). Content of 0 bytes has none for
     * any range.
     */
    Optional<ByteRange> within(long sizeBytes);

    /** {@code first-last}; for {@code first-} the last is {@link Long#MAX_VALUE}. */
    record FromTo(long first, long last) implements RangeSpec {
        /** @throws OciSyntaxException if it doesn't run upwards from 0 */
        public FromTo {
            if (first < 0 || last < first) {
                throw new OciSyntaxException(
                        ErrorCode.UNSUPPORTED, "a range runs upwards from 0, got %d-%d".formatted(first, last));
            }
        }

        @Override
        public Optional<ByteRange> within(long sizeBytes) {
            return first < sizeBytes
                    ? Optional.of(new ByteRange(first, Math.min(last, sizeBytes - 1)))
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return "bytes=" + first + "-" + (last == Long.MAX_VALUE ? "" : last);
        }
    }

    /** {@code -length}: that many bytes at the end, or all if there are fewer. */
    record Suffix(long length) implements RangeSpec {
        /** @throws OciSyntaxException if the length is negative */
        public Suffix {
            if (length < 0) {
                throw new OciSyntaxException(
                        ErrorCode.UNSUPPORTED, "a range at the end has a length of at least 0, got " + length);
            }
        }

        @Override
        public Optional<ByteRange> within(long sizeBytes) {
            return length > 0 && sizeBytes > 0
                    ? Optional.of(new ByteRange(Math.max(0, sizeBytes - length), sizeBytes - 1))
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return "bytes=-" + length;
        }
    }
}
