package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/** The machine that an image runs on: OCI image-spec v1.1.1, image-index.md, property {@code platform}. */
public record Platform(String os, String architecture, Optional<String> variant) {
    public Platform {
        requireNonNull(os, "os");
        requireNonNull(architecture, "architecture");
        requireNonNull(variant, "variant");
    }
}
