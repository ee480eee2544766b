package dev.spegel.agent.inspect;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageConfig;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Platform;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an image consists of, as far as its documents are in the store, each piece of content once: depth first, an index before its
 * manifests, and of each manifest the config before the layers. For one thread.
 */
final class ImageContents {
    /** As containerd and {@link dev.spegel.oci.store.OciLayoutWriter} have it; indexes in indexes are rare. */
    private static final int MAX_DEPTH = 8;

    private final ContentStore store;
    private final int maxPieces;
    private final List<FoundPiece> pieces = new ArrayList<>();
    private final Set<Digest> seen = new HashSet<>();
    private final Set<String> platforms = new LinkedHashSet<>();

    private ImageContents(ContentStore store, int maxPieces) {
        this.store = store;
        this.maxPieces = maxPieces;
    }

    /** A piece of content, and whether it is in the store. */
    record FoundPiece(String role, Descriptor descriptor, boolean present) {}

    /** Documents that can't be read count as content that tells nothing. */
    static ImageContents read(ContentStore store, Descriptor target, int maxPieces) throws StoreException {
        ImageContents contents = new ImageContents(store, maxPieces);
        contents.visit("", target, MAX_DEPTH);
        return contents;
    }

    List<FoundPiece> pieces() {
        return List.copyOf(pieces);
    }

    List<String> platforms() {
        return List.copyOf(platforms);
    }

    private void visit(String role, Descriptor content, int depthLeft) throws StoreException {
        if (pieces.size() >= maxPieces || !seen.add(content.digest())) {
            return;
        }
        // A name may come with a media type that was guessed; what the store makes of the content is exact.
        Optional<Descriptor> stored = store.describe(content.digest());
        Descriptor known = content.mediaType().isManifest()
                ? content
                : stored.filter(d -> d.mediaType().isManifest()).orElse(content);
        boolean isIndex = known.mediaType().isIndex();
        boolean isDocument = isIndex || known.mediaType().isManifest();
        String actualRole = isIndex ? "index" : isDocument ? "manifest" : role.isEmpty() ? "content" : role;
        pieces.add(new FoundPiece(actualRole, known, stored.isPresent()));
        if (stored.isEmpty() || depthLeft == 0) {
            return;
        }
        try {
            if (isIndex) {
                visitIndex(known, depthLeft - 1);
            } else if (isDocument) {
                visitManifest(known, depthLeft - 1);
            } else if (role.equals("config") && platforms.isEmpty()) {
                text(content.digest())
                        .map(ImageConfig::parse)
                        .map(ImageConfig::platform)
                        .ifPresent(this::platform);
            }
        } catch (OciSyntaxException e) {
            return; // damaged, or an artifact's config; where it matters the tag is held back, which says so
        }
    }

    private void visitIndex(Descriptor index, int depthLeft) throws StoreException {
        Optional<byte[]> json = text(index.digest());
        if (json.isEmpty()) {
            return;
        }
        List<Descriptor> manifests = ImageIndex.parse(json.get()).manifests();
        // Attestations of build tools stand beside the images, for a platform that is none.
        manifests.stream()
                .flatMap(manifest -> manifest.platform().stream())
                .filter(platform -> !platform.os().equals("unknown"))
                .forEach(this::platform);
        for (Descriptor manifest : manifests) {
            visit("content", manifest, depthLeft);
        }
    }

    private void visitManifest(Descriptor manifest, int depthLeft) throws StoreException {
        Optional<byte[]> json = text(manifest.digest());
        if (json.isEmpty()) {
            return;
        }
        ImageManifest parsed = ImageManifest.parse(json.get());
        visit("config", parsed.config(), depthLeft);
        for (Descriptor layer : parsed.layers()) {
            visit("layer", layer, depthLeft);
        }
    }

    private void platform(Platform platform) {
        platforms.add(platform.toString());
    }

    /** Empty if it has gone, or is too large for a document. */
    private Optional<byte[]> text(Digest digest) throws StoreException {
        Optional<SeekableByteChannel> opened = store.open(digest);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (SeekableByteChannel channel = opened.get();
                InputStream in = Channels.newInputStream(channel)) {
            byte[] bytes = in.readNBytes(StoredMediaType.MAX_DOCUMENT_BYTES + 1);
            return bytes.length > StoredMediaType.MAX_DOCUMENT_BYTES ? Optional.empty() : Optional.of(bytes);
        } catch (IOException e) {
            throw new StoreException("read " + digest, e);
        }
    }
}
