package dev.spegel.oci.store;

import dev.spegel.oci.Digest;
import dev.spegel.oci.OciSyntaxException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Lists the files of a layout that have a digest for a name. Others, such as half-written ones, aren't the layout's. */
final class BlobDirectories {
    /**
     * A big node keeps some 10,000 blobs; with this many the lists here and in the store's watches take about 50 MiB, which is
     * what the agent can spare of the 128 MiB that it is given.
     */
    static final int MAX_BLOBS = 100_000;

    private final LayoutPaths paths;

    BlobDirectories(LayoutPaths paths) {
        this.paths = paths;
    }

    Map<Digest, FileStamp> list(Report report) throws IOException {
        Map<Digest, FileStamp> files = new HashMap<>();
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            list(algorithm, files, report);
        }
        return files;
    }

    private void list(Digest.Algorithm algorithm, Map<Digest, FileStamp> files, Report report) throws IOException {
        Path directory = paths.blobs(algorithm);
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                report.problem(directory, "isn't a directory", FileTime.fromMillis(0));
            }
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                Optional<Digest> digest = digest(algorithm, entry.getFileName().toString());
                if (digest.isPresent() && files.size() == MAX_BLOBS) {
                    report.problem(
                            directory,
                            "holds more than %d blobs; the rest isn't served".formatted(MAX_BLOBS),
                            FileTime.fromMillis(0));
                    return;
                }
                if (digest.isPresent()) {
                    stamp(entry, report).ifPresent(stamp -> files.put(digest.get(), stamp));
                }
            }
        } catch (NoSuchFileException e) {
            return; // removed since we looked; the next scan sees it
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static Optional<FileStamp> stamp(Path file, Report report) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // removed since it was listed
        }
        if (!attributes.isRegularFile()) {
            report.problem(
                    file,
                    attributes.isSymbolicLink() ? "is a symbolic link" : "isn't a regular file",
                    attributes.lastModifiedTime());
            return Optional.empty();
        }
        return Optional.of(FileStamp.of(attributes));
    }

    private static Optional<Digest> digest(Digest.Algorithm algorithm, String fileName) {
        if (fileName.length() != algorithm.hexLength()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Digest(algorithm, fileName));
        } catch (OciSyntaxException e) {
            return Optional.empty();
        }
    }

    /** Hears of what can't be served. */
    @FunctionalInterface
    interface Report {
        /** @param modified when the trouble came about, as far as the file tells */
        void problem(Path path, String reason, FileTime modified);
    }
}
