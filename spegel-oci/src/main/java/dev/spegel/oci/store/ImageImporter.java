package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Brings images into an OCI layout: from what {@code docker save} writes (in its old form as well as in today's, which is also an
 * OCI layout), from an {@code oci-archive}, each plain or in gzip, and from an OCI layout directory.
 *
 * <p>Every size and digest is checked on the way, and nothing is ever held in the heap but manifests and configs. An import is
 * there as a whole or not at all. Indexes are kept with all their platforms that are there. An image in Docker's old form gets an OCI manifest; its layers and
 * its config stay as they are. What an archive says is only ever looked up, never used as the path of a file.
 */
public final class ImageImporter {
    private final OciLayoutWriter target;
    private final Limits limits;

    /** The writer stays the caller's. Each import ends with a commit, which includes what else was added to it. */
    public ImageImporter(OciLayoutWriter target) {
        this(target, Limits.DEFAULTS);
    }

    /** The same within other limits. */
    public ImageImporter(OciLayoutWriter target, Limits limits) {
        this.target = requireNonNull(target, "target");
        this.limits = requireNonNull(limits, "limits");
    }

    /**
     * Imports the images that have a full name there. Names in Docker's short form are read as Docker reads them.
     *
     * @param source an archive or a directory
     * @throws StoreException if no image has a name, something is malformed, incomplete or beyond the limits, or reading or
     *     writing fails; the layout is then as it was
     */
    public List<StoredImage> importNamed(Path source) throws StoreException {
        List<StoredImage> images = new ArrayList<>();
        for (SourceImage image : read(source)) {
            image.names().forEach(name -> images.add(new StoredImage(name, image.target())));
        }
        if (images.isEmpty()) {
            throw new StoreException(source + " doesn't name an image in full; say under which name to import it");
        }
        commit(source, images);
        return List.copyOf(images);
    }

    /**
     * Imports the one image that is there under this name, whatever it is called there.
     *
     * @param source an archive or a directory
     * @throws StoreException as {@link #importNamed}; also if there are several images
     */
    public StoredImage importAs(Reference name, Path source) throws StoreException {
        requireNonNull(name, "name");
        List<SourceImage> found = read(source);
        Set<Digest> targets = new HashSet<>();
        found.forEach(image -> targets.add(image.target().digest()));
        if (targets.size() != 1) {
            throw new StoreException(
                    "%s holds %d images, and one name fits only one".formatted(source, targets.size()));
        }
        StoredImage image = new StoredImage(name, found.get(0).target());
        commit(source, List.of(image));
        return image;
    }

    private void commit(Path source, List<StoredImage> images) throws StoreException {
        images.forEach(image -> target.name(image.name(), image.target()));
        try {
            target.commit();
        } catch (StoreException e) {
            images.forEach(image -> target.forget(image.name()));
            throw new StoreException("import " + source + ": " + e.getMessage(), e);
        }
    }

    private List<SourceImage> read(Path source) throws StoreException {
        try {
            return Files.isDirectory(source)
                    ? new LayoutSource(new LayoutPaths(source), target, limits).read()
                    : ArchiveSource.read(source, target, limits);
        } catch (IOException | OciSyntaxException e) {
            throw new StoreException("import " + source + ": " + e.getMessage(), e);
        }
    }

    /** An image in a source. */
    record SourceImage(List<Reference> names, Descriptor target) {
        static SourceImage of(Descriptor target) {
            Optional<Reference> name = LayoutPaths.nameIn(target.annotations());
            return new SourceImage(name.map(List::of).orElse(List.of()), target);
        }
    }

    /**
     * What a source may demand of this machine.
     *
     * @param maxEntries files in an archive, or blobs of a layout
     * @param maxTotalBytes of all content together, uncompressed where an archive is in gzip
     */
    public record Limits(int maxEntries, long maxTotalBytes) {
        /**
         * An image has at most 127 layers, of three files each in an old archive, so that this is hundreds of full images. The
         * largest images that people report, of models with their weights, have some tens of GiB.
         */
        public static final Limits DEFAULTS = new Limits(100_000, 256L << 30);

        /** @throws IllegalArgumentException if one isn't positive */
        public Limits {
            if (maxEntries < 1 || maxTotalBytes < 1) {
                throw new IllegalArgumentException("limits must be positive, got maxEntries %d and maxTotalBytes %d"
                        .formatted(maxEntries, maxTotalBytes));
            }
        }
    }
}
