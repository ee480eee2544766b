package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.oci.store.ImageImporter.Limits;
import dev.spegel.oci.store.ImageImporter.SourceImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the images of an OCI layout directory. What isn't there the commit misses, if it is needed. */
final class LayoutSource {
    private final LayoutPaths source;
    private final OciLayoutWriter target;
    private final Allowance allowance;
    private final Set<Digest> seen = new HashSet<>();

    LayoutSource(LayoutPaths source, OciLayoutWriter target, Limits limits) {
        this.source = source;
        this.target = target;
        this.allowance = new Allowance(limits);
    }

    List<SourceImage> read() throws IOException {
        byte[] json = LayoutPaths.read(source.index(), StoredMediaType.MAX_DOCUMENT_BYTES)
                .orElseThrow(() -> new StoreException("index.json is larger than an index may be"));
        ImageIndex index = ImageIndex.parse(json);
        Deque<Descriptor> open = new ArrayDeque<>(index.manifests());
        while (!open.isEmpty()) {
            Descriptor next = open.remove();
            if (seen.add(next.digest()) && copy(next)) {
                open.addAll(children(next));
            }
        }
        return index.manifests().stream().map(SourceImage::of).toList();
    }

    private boolean copy(Descriptor content) throws IOException {
        allowance.spend(content.sizeBytes());
        try (FileChannel file = LayoutPaths.open(source.blob(content.digest()))) {
            target.add(content, Channels.newInputStream(file));
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private List<Descriptor> children(Descriptor node) throws IOException {
        if (!node.mediaType().isManifest() || node.sizeBytes() > StoredMediaType.MAX_DOCUMENT_BYTES) {
            return List.of();
        }
        try (InputStream in = target.read(node.digest())
                .orElseThrow(() -> new StoreException(node.digest() + " vanished while it was imported"))) {
            return ImageGraph.children(node.mediaType(), in.readNBytes((int) node.sizeBytes()));
        }
    }
}
