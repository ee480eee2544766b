package dev.spegel.containerd.mirror;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * The ways in which a file system is changed here, so that a test can let each of them be the last. What a method has made is on the
 * disk, and not only in memory, when it returns; that a name has changed is once its directory is {@linkplain #sync synced}.
 */
interface Disk {
    void createDirectory(Path directory, Set<PosixFilePermission> mode) throws IOException;

    /** Makes a new file. */
    void write(Path file, byte[] content, Set<PosixFilePermission> mode) throws IOException;

    /** Copies a file, or a symbolic link as a link, with its mode and owner. */
    void copy(Path from, Path to) throws IOException;

    /** In one step: whoever looks sees the old or the new. Replaces a file. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file, a symbolic link or an empty directory. */
    void delete(Path path) throws IOException;

    void sync(Path directory) throws IOException;
}
