package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where things lie in an OCI image layout: image-spec v1.1.1, image-layout.md. */
record LayoutPaths(Path root) {
    /** The content of the file {@code oci-layout}. */
    static final String MARKER_CONTENT = "{\"imageLayoutVersion\":\"1.0.0\"}";

    /** The name of an image in full, as containerd writes it. */
    static final String CONTAINERD_NAME = "io.containerd.image.name";

    /** A name of any kind, often just a tag: image-spec v1.1.1, annotations.md. */
    static final String REF_NAME = "org.opencontainers.image.ref.name";

    LayoutPaths {
        requireNonNull(root, "root");
    }

    Path marker() {
        return root.resolve("oci-layout");
    }

    Path index() {
        return root.resolve("index.json");
    }

    Path blobs() {
        return root.resolve("blobs");
    }

    Path blobs(Digest.Algorithm algorithm) {
        return blobs().resolve(algorithm.toString());
    }

    Path blob(Digest digest) {
        return blobs(digest.algorithm()).resolve(digest.encoded());
    }

    /** The full name in a descriptor's annotations; empty if there is none, or only a tag or nickname. */
    static Optional<Reference> nameIn(Map<String, String> annotations) {
        return fullName(annotations.get(CONTAINERD_NAME)).or(() -> fullName(annotations.get(REF_NAME)));
    }

    /** Both annotations in full: containerd reads the one, and skopeo finds {@code oci:directory:name} by the other. */
    static Descriptor named(Descriptor target, Reference name) {
        Map<String, String> annotations = new HashMap<>(target.annotations());
        annotations.put(CONTAINERD_NAME, name.toString());
        annotations.put(REF_NAME, name.toString());
        return new Descriptor(
                target.mediaType(),
                target.digest(),
                target.sizeBytes(),
                annotations,
                target.platform(),
                target.artifactType());
    }

    private static Optional<Reference> fullName(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Reference.parse(text));
        } catch (OciSyntaxException e) {
            return Optional.empty(); // any text may stand there, and most often it is a tag alone
        }
    }

    /** Opens a file for reading; a symbolic link is refused. */
    static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    /** Reads a whole file; empty if it is larger than {@code maxBytes}. */
    static Optional<byte[]> read(Path file, int maxBytes) throws IOException {
        try (FileChannel channel = open(file)) {
            if (channel.size() > maxBytes) {
                return Optional.empty();
            }
            // One more than allowed: the file may be growing.
            byte[] content = Channels.newInputStream(channel).readNBytes(maxBytes + 1);
            return content.length > maxBytes ? Optional.empty() : Optional.of(content);
        }
    }
}
