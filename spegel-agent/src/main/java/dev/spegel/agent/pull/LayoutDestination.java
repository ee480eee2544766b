package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Reference;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** An OCI layout directory: one that is there, to which the image is added, or a new one. */
record LayoutDestination(Path path, boolean overwrite) implements Destination {
    LayoutDestination {
        requireNonNull(path, "path");
        if (Files.isDirectory(path) && !Files.exists(marker(path)) && !isEmpty(path)) {
            throw new IllegalArgumentException(path + " has files, and is no OCI layout: name another directory");
        }
    }

    /** image-spec v1.1.1, image-layout.md#oci-layout-file. */
    private static Path marker(Path directory) {
        return directory.resolve("oci-layout");
    }

    private static boolean isEmpty(Path directory) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        } catch (IOException e) {
            throw new IllegalArgumentException(directory + " can't be read: " + e.getMessage(), e);
        }
    }

    @Override
    public PullReport fill(Reference image, Filling filling) throws IOException, InterruptedException {
        try {
            return Files.exists(marker(path)) ? add(image, filling) : create(filling);
        } catch (FileSystemException e) {
            throw new PullException(path + " can't be written", e);
        }
    }

    /** The writer lets nobody see half an image. */
    private PullReport add(Reference image, Filling filling) throws IOException, InterruptedException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(path)) {
            if (!overwrite && writer.named(image).isPresent()) {
                throw new PullException(
                        "%s has an image %s already; --overwrite has the name mean the new one".formatted(path, image));
            }
            return filling.into(new LayoutTarget(writer));
        }
    }

    private PullReport create(Filling filling) throws IOException, InterruptedException {
        Path partial = Files.createDirectory(Destination.partial(path));
        try {
            PullReport report;
            try (OciLayoutWriter writer = OciLayoutWriter.open(partial)) {
                report = filling.into(new LayoutTarget(writer));
            }
            // Onto an empty directory, too; where anything else has come to be meanwhile it fails: rename(2).
            Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
            return report;
        } finally {
            DirectoryTree.delete(partial);
        }
    }

    @Override
    public String toString() {
        return "the OCI layout " + path;
    }
}
