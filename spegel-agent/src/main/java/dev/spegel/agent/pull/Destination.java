package dev.spegel.agent.pull;

import dev.spegel.oci.Quoted;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;

/**
 * A place in the file system that an image is pulled to. Until the image is there whole, the place is what it was; what a pull that
 * is killed leaves lies beside it, in a file or directory that begins with a dot and ends in {@code .partial}.
 */
public sealed interface Destination permits LayoutDestination, ArchiveDestination {
    /** Pulls into a target. */
    @FunctionalInterface
    interface Filling {
        PullReport into(PullTarget target) throws IOException, InterruptedException;
    }

    /**
     * Has the image pulled, and keeps it if that succeeds.
     *
     * @throws IOException if the place can't be written, or has the name already and mayn't lose it, or the filling fails
     */
    PullReport fill(Reference image, Filling filling) throws IOException, InterruptedException;

    /** Where it is, absolute. */
    Path path();

    /** For people: what it is, and where. */
    @Override
    String toString();

    /**
     * The place with this path: a name that ends in {@code .tar} is an archive, any other a layout directory.
     *
     * @param overwrite whether an archive, or an image's name in a layout, may be replaced
     * @throws IllegalArgumentException with a sentence, if something is there that doesn't fit
     */
    static Destination at(Path path, boolean overwrite) {
        Path absolute = path.toAbsolutePath().normalize();
        Path fileName = absolute.getFileName();
        Path parent = absolute.getParent();
        if (fileName == null || parent == null) {
            throw new IllegalArgumentException("the root directory can't be a layout");
        }
        if (!Files.isDirectory(parent)) {
            throw new IllegalArgumentException("there is no directory " + Quoted.of(parent.toString()));
        }
        String name = fileName.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".tar.gz") || name.endsWith(".tgz") || name.endsWith(".tar.zst")) {
            throw new IllegalArgumentException(
                    "layers are compressed already: name a .tar, or a directory, got " + Quoted.of(path.toString()));
        }
        boolean isThere = Files.exists(absolute, LinkOption.NOFOLLOW_LINKS);
        if (name.endsWith(".tar")) {
            if (isThere && !Files.isRegularFile(absolute, LinkOption.NOFOLLOW_LINKS)) {
                throw new IllegalArgumentException(Quoted.of(path.toString()) + " is there, and is no file");
            }
            if (isThere && !overwrite) {
                throw new IllegalArgumentException(
                        Quoted.of(path.toString()) + " is there already; --overwrite replaces it");
            }
            return new ArchiveDestination(absolute, overwrite);
        }
        if (isThere && !Files.isDirectory(absolute)) {
            throw new IllegalArgumentException(
                    Quoted.of(path.toString()) + " is there, and is no directory; an archive's name ends in .tar");
        }
        return new LayoutDestination(absolute, overwrite);
    }

    /** A path beside this one, on the same file system, where nothing is. */
    static Path partial(Path path) {
        return path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID() + ".partial");
    }
}
