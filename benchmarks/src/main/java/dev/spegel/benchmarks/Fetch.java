package dev.spegel.benchmarks;

/**
 * What a client asks for.
 *
 * @param firstByte above zero, the body's end from that byte is asked for
 * @param sizeBytes of the whole body
 */
record Fetch(String path, long firstByte, long sizeBytes) {
    static Fetch whole(String path, long sizeBytes) {
        return new Fetch(path, 0, sizeBytes);
    }

    /** All but the first byte: nobody can check the digest of that. */
    static Fetch range(String path, long sizeBytes) {
        return new Fetch(path, 1, sizeBytes);
    }

    long bodyBytes() {
        return sizeBytes - firstByte;
    }

    int status() {
        return firstByte > 0 ? 206 : 200;
    }

    /** With its line end; empty if all is asked for. */
    String rangeHeader() {
        return firstByte > 0 ? "Range: bytes=" + firstByte + "-\r\n" : "";
    }
}
