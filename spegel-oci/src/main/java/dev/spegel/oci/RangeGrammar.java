package dev.spegel.oci;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The grammar that {@code Range} and {@code Content-Range} share. */
final class RangeGrammar {
    /** The separator of a list, with the optional white space that it may have around it: RFC 9110, section 5.6.1. */
    static final Pattern COMMA = Pattern.compile("[ \t]*+,[ \t]*+");

    private static final Pattern SPEC = Pattern.compile("([0-9]*)-([0-9]*)");

    private RangeGrammar() {}

    static RangeSpec parseOne(String element, String header) {
        Matcher spec = SPEC.matcher(element);
        if (!spec.matches() || element.length() == 1) {
            throw malformed(header);
        }
        String first = spec.group(1);
        String last = spec.group(2);
        if (first.isEmpty()) {
            return new RangeSpec.Suffix(saturated(last));
        }
        return new RangeSpec.FromTo(saturated(first), last.isEmpty() ? Long.MAX_VALUE : saturated(last));
    }

    /** Reads digits; more than a {@code long} holds give the largest one. */
    static long saturated(String digits) {
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                return Long.MAX_VALUE;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    static OciSyntaxException malformed(String header) {
        return new OciSyntaxException(
                ErrorCode.UNSUPPORTED,
                "a range is bytes=first-last, bytes=first- or bytes=-length, got " + Quoted.of(header));
    }
}
