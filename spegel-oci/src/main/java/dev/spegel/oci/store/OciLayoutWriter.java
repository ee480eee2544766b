package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Reference;
import dev.spegel.oci.StoredMediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes into an OCI layout directory so that a reader, also one that looks meanwhile or after a crash, sees all of an image or
 * nothing of it.
 *
 * <p>What is added lies aside, hashed while it is written, until {@link #commit}. That checks that the named images are complete,
 * moves what they consist of to its place, each blob before the manifest that names it, and at last replaces
 * {@code index.json}. {@link #close} without a commit drops what was added.
 *
 * <p>One writer at a time: a lock on a file in the layout keeps other writers of this kind out, of this process or another.
 * Programs that know nothing of the lock mustn't write meanwhile; readers need no lock. For one thread.
 */
public final class OciLayoutWriter implements AutoCloseable {
    private static final String LOCK_FILE = ".writer.lock";
    private static final String STAGING_DIRECTORY = ".incoming";
    private static final int BUFFER_BYTES = 128 * 1024;

    private final LayoutPaths paths;
    private final FileChannel lockFile;
    private final StagedBlobs staged;
    private final Map<Reference, Optional<Descriptor>> names = new LinkedHashMap<>();

    private OciLayoutWriter(LayoutPaths paths, FileChannel lockFile, StagedBlobs staged) {
        this.paths = paths;
        this.lockFile = lockFile;
        this.staged = staged;
    }

    /**
     * Opens a layout, which is created if the directory is missing or empty.
     *
     * @throws StoreException if another writer is at work there, or the directory can't be written
     */
    public static OciLayoutWriter open(Path directory) throws StoreException {
        LayoutPaths paths = new LayoutPaths(directory);
        try {
            Files.createDirectories(directory);
            FileChannel lockFile = lock(directory);
            try {
                createLayout(paths);
                return new OciLayoutWriter(
                        paths, lockFile, StagedBlobs.in(directory.resolve(STAGING_DIRECTORY), paths));
            } catch (IOException | RuntimeException e) {
                lockFile.close();
                throw e;
            }
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException("open the OCI layout " + directory + " for writing", e);
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel file = FileChannel.open(
                directory.resolve(LOCK_FILE),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        FileLock lock = null;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            // held by this process; the same answer as for another one
        } finally {
            if (lock == null) {
                file.close();
            }
        }
        if (lock == null) {
            throw new StoreException("another writer is at work in the OCI layout " + directory);
        }
        return file; // closing it releases the lock
    }

    private static void createLayout(LayoutPaths paths) throws IOException {
        Files.createDirectories(paths.blobs(Digest.Algorithm.SHA256));
        try {
            Files.writeString(paths.marker(), LayoutPaths.MARKER_CONTENT, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            return; // whether it says something sensible is for readers to report
        }
    }

    /**
     * Adds what {@code body} writes, under its SHA-256 digest.
     *
     * @throws StoreException if writing fails; what {@code body} throws is its cause
     */
    public Descriptor add(MediaType type, BlobBody body) throws StoreException {
        requireNonNull(type, "type");
        return staged.add(type, body);
    }

    /** Adds these bytes under their SHA-256 digest. */
    public Descriptor add(MediaType type, byte[] content) throws StoreException {
        return add(type, out -> out.write(content));
    }

    /**
     * Adds the content that this describes, unless it is there. The stream is read to its end or just past the size that the
     * descriptor says, and isn't closed.
     *
     * @throws StoreException if it has another size or digest, or reading or writing fails
     */
    public void add(Descriptor expected, InputStream content) throws StoreException {
        if (!contains(expected)) {
            staged.add(expected, out -> copy(content, out, expected.sizeBytes()));
        }
    }

    private static void copy(InputStream content, OutputStream out, long sizeBytes) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = 0;
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            total += count;
            if (total > sizeBytes) {
                throw new StoreException("the content is longer than the " + sizeBytes + " bytes that it should have");
            }
            out.write(buffer, 0, count);
        }
    }

    /** Whether this content is in the layout already, or added. Its size is looked at, not its bytes. */
    public boolean contains(Descriptor content) throws StoreException {
        return staged.size(content.digest()).equals(Optional.of(content.sizeBytes()));
    }

    /**
     * Opens content of the layout, committed or not.
     *
     * @return empty if it isn't there
     */
    public Optional<InputStream> read(Digest digest) throws StoreException {
        return staged.read(digest);
    }

    /** What the name points to in the layout, as of the last commit. */
    public Optional<Descriptor> named(Reference name) throws StoreException {
        try {
            return readIndex().manifests().stream()
                    .filter(manifest ->
                            LayoutPaths.nameIn(manifest.annotations()).equals(Optional.of(name)))
                    .findFirst();
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException("read the OCI layout " + paths.root(), e);
        }
    }

    /** Has the name point to this from the commit on, and no longer to anything else. */
    public void name(Reference name, Descriptor target) {
        requireNonNull(name, "name");
        names.put(name, Optional.of(target));
    }

    /** Takes the name away with the commit. The content stays. */
    public void unname(Reference name) {
        requireNonNull(name, "name");
        names.put(name, Optional.empty());
    }

    /** Takes back what {@link #name} or {@link #unname} said of this name since the last commit. */
    void forget(Reference name) {
        names.remove(name);
    }

    /**
     * Makes the named images visible. What was added and is no part of them is dropped. The writer can then be used for more.
     *
     * <p>Of an index, manifests may be missing (a copy of some platforms is usual), but not all of them.
     *
     * @throws StoreException if an image isn't complete, a size in a manifest is wrong, the layout's own {@code index.json} can't
     *     be read (it isn't replaced then), or writing fails
     */
    public void commit() throws StoreException {
        try {
            ImageIndex index = renamed(readIndex());
            List<Digest> order = new ArrayList<>();
            for (Optional<Descriptor> target : names.values()) {
                if (target.isPresent()) {
                    order.addAll(ImageGraph.completeOrder(target.get(), staged));
                }
            }
            staged.moveIntoPlace(order);
            staged.replaceIndex(index.toJson());
            names.clear();
            staged.drop();
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException("write the OCI layout " + paths.root(), e);
        }
    }

    private ImageIndex readIndex() throws IOException {
        byte[] json;
        try {
            json = LayoutPaths.read(paths.index(), StoredMediaType.MAX_DOCUMENT_BYTES)
                    .orElseThrow(() -> new StoreException(paths.index() + " is larger than an index may be"));
        } catch (NoSuchFileException e) {
            return ImageIndex.of(List.of());
        }
        try {
            return ImageIndex.parse(json);
        } catch (OciSyntaxException e) {
            throw new StoreException("the layout's " + paths.index() + " is damaged, and stays as it is", e);
        }
    }

    private ImageIndex renamed(ImageIndex before) {
        List<Descriptor> manifests = new ArrayList<>();
        for (Descriptor manifest : before.manifests()) {
            Optional<Reference> name = LayoutPaths.nameIn(manifest.annotations());
            if (name.isEmpty() || !names.containsKey(name.get())) {
                manifests.add(manifest);
            }
        }
        names.forEach((name, target) -> target.ifPresent(t -> manifests.add(LayoutPaths.named(t, name))));
        return new ImageIndex(
                before.mediaType(), before.artifactType(), manifests, before.subject(), before.annotations());
    }

    /** Drops what wasn't committed and lets the next writer in. Closing twice is harmless. */
    @Override
    public void close() throws StoreException {
        try (lockFile) {
            if (lockFile.isOpen()) {
                staged.drop();
            }
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException("close the OCI layout " + paths.root(), e);
        }
    }

    /** Writes the content of a blob, all of it, and leaves the stream open. */
    @FunctionalInterface
    public interface BlobBody {
        /** Called once. A failure leaves nothing of the blob in the layout. */
        void writeTo(OutputStream out) throws IOException;
    }
}
