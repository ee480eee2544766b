package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.store.OciLayoutWriter.BlobBody;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Blobs on their way into a layout: files in a directory of their own, on the same file system, so that a rename brings them to
 * their place. Looks up content there first, then in the layout.
 */
final class StagedBlobs {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final Path directory;
    private final LayoutPaths paths;
    private final Map<Digest, Path> files = new HashMap<>();
    private long nextFile;

    private StagedBlobs(Path directory, LayoutPaths paths) {
        this.directory = directory;
        this.paths = paths;
    }

    /** Begins with an empty directory: what lies there is from a writer that crashed, since the lock is ours. */
    static StagedBlobs in(Path directory, LayoutPaths paths) throws IOException {
        Files.createDirectories(directory);
        StagedBlobs staged = new StagedBlobs(directory, paths);
        staged.drop();
        return staged;
    }

    Descriptor add(MediaType type, BlobBody body) throws StoreException {
        Path file = newFile();
        try {
            Written written = write(file, Digest.Algorithm.SHA256, body);
            keep(written.digest(), file);
            return Descriptor.of(type, written.digest(), written.sizeBytes());
        } catch (IOException e) {
            throw failed(file, "write a blob of type " + type, e);
        }
    }

    void add(Descriptor expected, BlobBody body) throws StoreException {
        Path file = newFile();
        try {
            Written written = write(file, expected.digest().algorithm(), body);
            if (written.sizeBytes() != expected.sizeBytes()) {
                throw new StoreException(
                        "the content has %d bytes, not %d".formatted(written.sizeBytes(), expected.sizeBytes()));
            }
            if (!written.digest().equals(expected.digest())) {
                throw new StoreException("the content has the digest " + written.digest());
            }
            keep(expected.digest(), file);
        } catch (IOException e) {
            throw failed(file, "write blob " + expected.digest(), e);
        }
    }

    /** The size of content, staged or in the layout. */
    Optional<Long> size(Digest digest) throws StoreException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(fileOf(digest), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? Optional.of(attributes.size()) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("look at blob " + digest, e);
        }
    }

    Optional<InputStream> read(Digest digest) throws StoreException {
        try {
            return Optional.of(Channels.newInputStream(LayoutPaths.open(fileOf(digest))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("read blob " + digest, e);
        }
    }

    /** Moves those of the blobs that are staged, in this order. When it returns, a crash can't undo it. */
    void moveIntoPlace(List<Digest> order) throws IOException {
        Set<Path> changed = new HashSet<>();
        for (Digest digest : order) {
            Path file = files.remove(digest);
            if (file != null) {
                Path parent = Files.createDirectories(paths.blobs(digest.algorithm()));
                Files.move(file, paths.blob(digest), StandardCopyOption.ATOMIC_MOVE);
                changed.add(parent);
            }
        }
        for (Path parent : changed) {
            forceDirectory(parent);
        }
    }

    /** Replaces {@code index.json} in one step: readers find the old content or the new, also after a crash. */
    void replaceIndex(byte[] content) throws IOException {
        Path file = newFile();
        write(file, Digest.Algorithm.SHA256, out -> out.write(content));
        Files.move(file, paths.index(), StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(paths.root());
    }

    /** Deletes what is staged. */
    void drop() throws IOException {
        files.clear();
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
    }

    private Path fileOf(Digest digest) {
        return files.getOrDefault(digest, paths.blob(digest));
    }

    private Path newFile() {
        return directory.resolve(Long.toString(nextFile++));
    }

    /** Two equal layers of an archive are one blob. */
    private void keep(Digest digest, Path file) throws IOException {
        Path before = files.put(digest, file);
        if (before != null) {
            Files.deleteIfExists(before);
        }
    }

    private static StoreException failed(Path file, String attempted, IOException cause) {
        StoreException failure = new StoreException(attempted + ": " + cause.getMessage(), cause);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }

    private static Written write(Path file, Digest.Algorithm algorithm, BlobBody body) throws IOException {
        MessageDigest hash = algorithm.newMessageDigest();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream out = new BufferedOutputStream(
                    new DigestOutputStream(Channels.newOutputStream(channel), hash), BUFFER_BYTES);
            body.writeTo(out);
            out.flush();
            channel.force(true);
            return new Written(Digest.of(algorithm, hash.digest()), channel.size());
        }
    }

    /** A rename survives a crash once its directory is on disk. Where a directory can't be opened, as on Windows, it needn't. */
    private static void forceDirectory(Path directory) throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private record Written(Digest digest, long sizeBytes) {}
}
