package dev.spegel.oci;

/** Bytes of some content, both ends included; at least one. */
public record ByteRange(long first, long last) {
    /** @throws IllegalArgumentException if it doesn't run upwards from 0, or ends beyond the largest possible content */
    public ByteRange {
        if (first < 0 || last < first || last == Long.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a byte range runs upwards from 0 to less than 2^63 - 1, got %d-%d".formatted(first, last));
        }
    }

    /** How many bytes it has. */
    public long length() {
        return last - first + 1;
    }

    /**
     * Returns the value of a {@code Content-Range} header that announces these bytes: {@code bytes first-last/size}.
     *
     * @throws IllegalArgumentException if content of this size hasn't these bytes
     */
    public String toContentRange(long sizeBytes) {
        if (last >= sizeBytes) {
            throw new IllegalArgumentException("%d bytes have no range %s".formatted(sizeBytes, this));
        }
        return "bytes " + this + "/" + sizeBytes; // not with %d, which writes the digits of the default locale
    }

    /** Returns {@code first-last}. */
    @Override
    public String toString() {
        return first + "-" + last;
    }
}
