package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;

/** A name in a store and the manifest or index that it points to. */
public record StoredImage(Reference name, Descriptor target) {
    public StoredImage {
        requireNonNull(name, "name");
        requireNonNull(target, "target");
    }
}
