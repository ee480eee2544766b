package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Platform;
import dev.spegel.oci.store.ContentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from manifests and indexes what they need.
 *
 * <p>An index is seen as containerd sees it: the images for this node's platform come first, the best of those before those that
 * merely run here ({@link Platform#runnable}); then what is for no platform in particular, as artifacts and indexes in an index are;
 * then images for other platforms. What describes another image and can't run, such as an attestation, isn't asked for unless an
 * index has nothing else.
 */
final class ImageNeedsReader {
    private static final Logger log = LoggerFactory.getLogger(ImageNeedsReader.class);

    /** How BuildKit marks the children of an index that describe another child, and can't run; it gives them no platform. */
    private static final String BUILDKIT_REFERENCE = "vnd.docker.reference.type";

    private static final Platform NO_PLATFORM = Platform.of("unknown", "unknown");

    private final ContentStore store;
    private final List<Platform> runnable;

    /** @param platform this node's */
    ImageNeedsReader(ContentStore store, Platform platform) {
        this.store = requireNonNull(store, "store");
        this.runnable = platform.runnable();
    }

    /** Reads a manifest or an index; empty if it isn't there. */
    Optional<ImageNeeds> read(Digest digest) throws IOException {
        Optional<Descriptor> described = store.describe(digest);
        if (described.isEmpty()) {
            return Optional.empty();
        }
        if (!described.get().mediaType().isManifest()) {
            return Optional.of(ImageNeeds.OF_NO_IMAGE);
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
            return Optional.of(ImageNeeds.OF_NO_IMAGE);
        }
        try {
            return Optional.of(
                    described.get().mediaType().isIndex()
                            ? ofIndex(ImageIndex.parse(content))
                            : ofImage(ImageManifest.parse(content)));
        } catch (OciSyntaxException e) {
            log.debug("{} isn't what its media type says: {}", digest, e.getMessage());
            return Optional.of(ImageNeeds.OF_NO_IMAGE);
        }
    }

    /** Layers that no registry may hand on come from elsewhere, whoever serves the rest. */
    private static ImageNeeds ofImage(ImageManifest manifest) {
        return new ImageNeeds.OfImage(
                manifest.config().digest(),
                digests(manifest.layers().stream()
                        .filter(layer -> !layer.mediaType().isForeignLayer())));
    }

    private ImageNeeds ofIndex(ImageIndex index) {
        List<Descriptor> images = index.manifests().stream()
                .filter(child -> !describesAnother(child))
                .toList();
        List<List<Digest>> choices = new ArrayList<>();
        for (Platform platform : runnable) {
            choices.add(digests(images.stream()
                    .filter(child -> child.platform().filter(platform::matches).isPresent())));
        }
        choices.add(digests(images.stream().filter(child -> child.platform().isEmpty())));
        choices.add(digests(
                (images.isEmpty() ? index.manifests() : images).stream())); // those for other platforms are left
        return new ImageNeeds.OfIndex(choices);
    }

    private static boolean describesAnother(Descriptor child) {
        return child.annotations().containsKey(BUILDKIT_REFERENCE)
                || child.platform().filter(NO_PLATFORM::matches).isPresent();
    }

    private static List<Digest> digests(Stream<Descriptor> descriptors) {
        return descriptors.map(Descriptor::digest).toList();
    }
}
