package dev.spegel.oci;

/** Tells text from strings that are none: JSON can name half a surrogate pair, which no encoding can write. */
final class UnicodeText {
    private UnicodeText() {}

    /** @throws OciSyntaxException if a surrogate stands alone */
    static String require(String text) {
        // A pair is one code point outside this range.
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID, "text has no half surrogate pairs, got " + Quoted.of(text));
        }
        return text;
    }
}
