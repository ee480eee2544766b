package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.StoredMediaType;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What reading and hashing a blob of at most 4 MiB showed.
 *
 * @param stamp of the file as it was then
 * @param children what the blob names, if it is a manifest or index
 * @param fault why it can't be served
 * @param lasting whether this holds for as long as the file keeps its stamp
 */
record CheckedDocument(FileStamp stamp, MediaType type, List<Named> children, Optional<String> fault, boolean lasting) {
    static CheckedDocument of(Digest digest, FileStamp stamp, byte[] content) {
        if (content.length != stamp.sizeBytes() || !digest.matches(content)) {
            return faulty(stamp, "the content isn't what its name says: it has another digest");
        }
        MediaType type = StoredMediaType.detect(content);
        try {
            List<Named> children =
                    ImageGraph.children(type, content).stream().map(Named::of).toList();
            return new CheckedDocument(stamp, type, children, Optional.empty(), true);
        } catch (OciSyntaxException e) {
            return faulty(stamp, "claims to be %s, but isn't: %s".formatted(type, e.getMessage()));
        }
    }

    /** One that couldn't be read just now. */
    static CheckedDocument unreadable(FileStamp stamp, IOException cause) {
        return new CheckedDocument(
                stamp, MediaType.OCTET_STREAM, List.of(), Optional.of("can't be read: " + cause), false);
    }

    private static CheckedDocument faulty(FileStamp stamp, String fault) {
        return new CheckedDocument(stamp, MediaType.OCTET_STREAM, List.of(), Optional.of(fault), true);
    }

    /** The part of a descriptor that a check of content needs; small, since there is one for every layer of every image. */
    record Named(Digest digest, long sizeBytes, boolean manifest) {
        static Named of(Descriptor descriptor) {
            return new Named(
                    descriptor.digest(),
                    descriptor.sizeBytes(),
                    descriptor.mediaType().isManifest());
        }
    }
}
