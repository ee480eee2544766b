package dev.spegel.routing;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.store.ContentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be there for a manifest or an index to be of use.
 *
 * @param kind how much of {@code digests} it takes
 * @param digests each once
 */
record ImageNeeds(Kind kind, List<Digest> digests) {
    private static final Logger log = LoggerFactory.getLogger(ImageNeeds.class);

    /** What tags name that is neither a manifest nor an index, or is damaged: a client can't make use of it. */
    private static final ImageNeeds UNUSABLE = new ImageNeeds(Kind.UNUSABLE, List.of());

    /** How BuildKit marks the children of an index that describe another child, and can't run. */
    private static final String BUILDKIT_REFERENCE = "vnd.docker.reference.type";

    enum Kind {
        /** The manifest of an image: config and layers, all of them. */
        MANIFEST,
        /** An index: one usable child is enough, since a node pulls its own platform only. */
        INDEX,
        UNUSABLE
    }

    ImageNeeds {
        digests = digests.stream().distinct().toList();
    }

    /** Reads a manifest or an index; empty if it isn't there. */
    static Optional<ImageNeeds> read(ContentStore store, Digest digest) throws IOException {
        Optional<Descriptor> described = store.describe(digest);
        if (described.isEmpty()) {
            return Optional.empty();
        }
        if (!described.get().mediaType().isManifest()) {
            return Optional.of(UNUSABLE);
        }
        Optional<SeekableByteChannel> opened = store.open(digest);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        byte[] content;
        try (SeekableByteChannel channel = opened.get()) {
            // The store has looked into it, or it wouldn't know the media type: it is no larger than a document may be.
            content = new byte[Math.toIntExact(described.get().sizeBytes())];
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new IOException(
                            "%s ends after %d of %d bytes".formatted(digest, buffer.position(), content.length));
                }
            }
        }
        if (!digest.matches(content)) {
            log.warn("{} is damaged in the store; tags that name it aren't advertised", digest);
            return Optional.of(UNUSABLE);
        }
        try {
            return Optional.of(described.get().mediaType().isIndex() ? ofIndex(content) : ofManifest(content));
        } catch (OciSyntaxException e) {
            log.debug("{} isn't what its media type says: {}", digest, e.getMessage());
            return Optional.of(UNUSABLE);
        }
    }

    private static ImageNeeds ofManifest(byte[] content) {
        return new ImageNeeds(
                Kind.MANIFEST,
                ImageManifest.parse(content).blobs().stream()
                        .map(Descriptor::digest)
                        .toList());
    }

    private static ImageNeeds ofIndex(byte[] content) {
        return new ImageNeeds(
                Kind.INDEX,
                ImageIndex.parse(content).manifests().stream()
                        .filter(child -> !child.annotations().containsKey(BUILDKIT_REFERENCE))
                        .map(Descriptor::digest)
                        .toList());
    }
}
