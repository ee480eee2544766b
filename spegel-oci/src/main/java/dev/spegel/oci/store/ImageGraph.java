package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.StoredMediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What an image consists of: from an index to manifests, and from each to its config and layers. */
final class ImageGraph {
    /** image-spec v1.1.1, image-index.md lets an index name indexes; containerd follows them, and one level is all that is used. */
    private static final int MAX_DEPTH = 8;

    private final StagedBlobs blobs;
    private final Set<Digest> order = new LinkedHashSet<>();

    private ImageGraph(StagedBlobs blobs) {
        this.blobs = blobs;
    }

    /**
     * All blobs of an image, each before those that name it.
     *
     * @throws StoreException if it isn't complete, or a descriptor disagrees with what it names
     */
    static List<Digest> completeOrder(Descriptor target, StagedBlobs blobs) throws StoreException {
        ImageGraph graph = new ImageGraph(blobs);
        if (!graph.visit(target, MAX_DEPTH)) {
            throw new StoreException("the image isn't complete: %s is missing".formatted(target.digest()));
        }
        return List.copyOf(graph.order);
    }

    /** The descriptors in a document; empty for what is neither an index nor a manifest. */
    static List<Descriptor> children(MediaType type, byte[] json) {
        if (type.isIndex()) {
            ImageIndex index = ImageIndex.parse(json);
            return index.manifests();
        }
        return type.isManifest() ? ImageManifest.parse(json).blobs() : List.of();
    }

    /** Returns whether it is there. */
    private boolean visit(Descriptor node, int depthLeft) throws StoreException {
        if (order.contains(node.digest())) {
            return true;
        }
        Optional<Long> size = blobs.size(node.digest());
        if (size.isEmpty()) {
            return false;
        }
        if (size.get() != node.sizeBytes()) {
            throw new StoreException(
                    "%s has %d bytes, but a descriptor says %d".formatted(node.digest(), size.get(), node.sizeBytes()));
        }
        if (node.mediaType().isManifest()) {
            if (depthLeft == 0) {
                throw new StoreException("indexes are nested more than %d deep".formatted(MAX_DEPTH));
            }
            visitChildren(node, depthLeft - 1);
        }
        order.add(node.digest());
        return true;
    }

    private void visitChildren(Descriptor node, int depthLeft) throws StoreException {
        List<Digest> missing = new ArrayList<>();
        List<Descriptor> children = readChildren(node);
        for (Descriptor child : children) {
            if (!visit(child, depthLeft) && !child.mediaType().isForeignLayer()) {
                missing.add(child.digest());
            }
        }
        boolean partial = node.mediaType().isIndex() && missing.size() < children.size();
        if (!missing.isEmpty() && !partial) {
            throw new StoreException(
                    "the image isn't complete: %s names %s, which is missing".formatted(node.digest(), missing.get(0)));
        }
    }

    private List<Descriptor> readChildren(Descriptor node) throws StoreException {
        if (node.sizeBytes() > StoredMediaType.MAX_DOCUMENT_BYTES) {
            throw new StoreException("%s is larger than a manifest may be".formatted(node.digest()));
        }
        try (InputStream in = blobs.read(node.digest())
                .orElseThrow(() -> new StoreException("%s is missing".formatted(node.digest())))) {
            return children(node.mediaType(), in.readNBytes((int) node.sizeBytes()));
        } catch (StoreException e) {
            throw e;
        } catch (OciSyntaxException e) {
            throw new StoreException(
                    "%s isn't what its descriptor says, %s".formatted(node.digest(), node.mediaType()), e);
        } catch (IOException e) {
            throw new StoreException("read blob " + node.digest(), e);
        }
    }
}
