package dev.spegel.registry;

/** What is asked for, as far as it makes a difference for how long a peer takes to its headers. */
enum RequestKind {
    /** Only headers: nothing is read from a disk. */
    HEAD,
    MANIFEST,
    BLOB;

    static RequestKind of(ContentRequest request) {
        if (request.head()) {
            return HEAD;
        }
        return request.forManifest() ? MANIFEST : BLOB;
    }
}
