package dev.spegel.containerd;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.internal.Image;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Reference;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoredImage;
import java.util.Optional;

/**
 * An image of containerd's whose name is a reference.
 *
 * @param tag what its name makes resolvable; with a digest in the name, the tag is a remark
 */
record NamedImage(StoredImage image, Optional<TagReference> tag) {
    NamedImage {
        requireNonNull(image, "image");
        requireNonNull(tag, "tag");
    }

    /**
     * Whether containerd's CRI plugin gave this name, so that it is no reference and isn't meant to be one: it names each image by
     * the digest of its config too.
     */
    static boolean isId(String name) {
        return name.startsWith("sha256:") && name.indexOf('/') < 0;
    }

    /** @throws OciSyntaxException if the name isn't a reference in full, or the target makes no sense */
    static NamedImage of(Image image) {
        Reference name = Reference.parse(image.getName());
        Descriptor target = Descriptor.of(
                new MediaType(image.getTarget().getMediaType()),
                Digest.parse(image.getTarget().getDigest()),
                image.getTarget().getSize());
        return new NamedImage(
                new StoredImage(name, target), name.digest().isPresent() ? Optional.empty() : name.toTag());
    }

    Digest target() {
        return image.target().digest();
    }
}
