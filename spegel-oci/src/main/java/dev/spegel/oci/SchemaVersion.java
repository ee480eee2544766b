package dev.spegel.oci;

import java.io.IOException;

/** The property {@code schemaVersion} of manifests and indexes: OCI image-spec v1.1.1, manifest.md and image-index.md. */
final class SchemaVersion {
    static final int VALUE = 2;

    private SchemaVersion() {}

    /** @throws OciSyntaxException if it isn't 2 */
    static long read(JsonInput in) throws IOException {
        long version = in.wholeNumber();
        if (version != VALUE) {
            throw in.refusal("the schema version is %d, got %d".formatted(VALUE, version));
        }
        return version;
    }
}
