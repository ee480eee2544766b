package dev.spegel.containerd;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * containerd's content directory: a file {@code blobs/<algorithm>/<hash>} for each content of all namespaces. containerd checks size
 * and digest before it gives a file that name, so what has it is whole; what has changed since shows by its size. Links are refused,
 * since containerd makes none.
 */
final class ContentDirectory implements BlobSource {
    private final Path root;

    ContentDirectory(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    static Path blobs(Path root) {
        return root.resolve("blobs");
    }

    static Path blobs(Path root, Digest.Algorithm algorithm) {
        return blobs(root).resolve(algorithm.toString());
    }

    /**
     * Why content can't be read from here; empty if it can. A directory that nothing was put into yet is fine, and so is one that is
     * missing where it could be made: containerd 2 makes it for its first content.
     */
    Optional<String> problem() {
        for (Path directory : new Path[] {root, blobs(root), blobs(root, Digest.Algorithm.SHA256)}) {
            try {
                requireUsable(directory);
            } catch (NoSuchFileException e) {
                Path parent = root.getParent();
                return directory.equals(root) && (parent == null || !Files.isDirectory(parent))
                        ? Optional.of("isn't visible from here")
                        : Optional.empty();
            } catch (NotDirectoryException e) {
                return Optional.of("can't be read: " + directory + " isn't a directory");
            } catch (AccessDeniedException e) {
                return Optional.of("can't be read: no permission to go into %s, which takes root or CAP_DAC_READ_SEARCH"
                        .formatted(directory));
            } catch (IOException e) {
                return Optional.of("can't be read: " + e);
            }
        }
        return Optional.empty();
    }

    /** Only the root itself may be a link: an operator may have moved it to another disk. */
    private void requireUsable(Path directory) throws IOException {
        LinkOption[] options =
                directory.equals(root) ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
        if (!Files.readAttributes(directory, BasicFileAttributes.class, options).isDirectory()) {
            throw new NotDirectoryException(directory.toString());
        }
        if (!Files.isReadable(directory) || !Files.isExecutable(directory)) {
            throw new AccessDeniedException(directory.toString());
        }
    }

    @Override
    public boolean knowsNamespaces() {
        return false;
    }

    @Override
    public OptionalLong sizeNow(Digest digest) throws StoreException {
        Path file = file(digest);
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? OptionalLong.of(attributes.size()) : OptionalLong.empty();
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw new StoreException("look at " + file, e);
        }
    }

    /** {@inheritDoc} It is always a {@link FileChannel}. */
    @Override
    public Optional<SeekableByteChannel> open(Digest digest, long sizeBytes) throws StoreException {
        if (sizeNow(digest).isEmpty()) { // also if it is a pipe, which would have us wait for a writer
            return Optional.empty();
        }
        Path file = file(digest);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            try {
                if (channel.size() == sizeBytes) {
                    return Optional.of(channel);
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            channel.close();
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("open " + file, e);
        }
    }

    private Path file(Digest digest) {
        return blobs(root, digest.algorithm()).resolve(digest.encoded());
    }
}
