package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * Something in an OCI layout that isn't as it should be, and so isn't served.
 *
 * @param path the file or directory
 * @param reason what is wrong with it, for people
 */
public record LayoutProblem(Path path, String reason) {
    public LayoutProblem {
        requireNonNull(path, "path");
        requireNonNull(reason, "reason");
    }

    @Override
    public String toString() {
        return path + ": " + reason;
    }
}
