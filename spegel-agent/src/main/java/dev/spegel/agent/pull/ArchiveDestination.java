package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Reference;
import dev.spegel.oci.store.OciArchiveWriter;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A tar of an OCI layout. */
record ArchiveDestination(Path path, boolean overwrite) implements Destination {
    ArchiveDestination {
        requireNonNull(path, "path");
    }

    @Override
    public PullReport fill(Reference image, Filling filling) throws IOException, InterruptedException {
        Path partial = Destination.partial(path);
        try {
            PullReport report = write(partial, filling);
            keep(partial);
            return report;
        } catch (FileSystemException e) {
            throw new PullException(path + " can't be written", e);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static PullReport write(Path partial, Filling filling) throws IOException, InterruptedException {
        FileChannel file = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OciArchiveWriter writer = OciArchiveWriter.to(Channels.newOutputStream(file));
        boolean finished = false;
        try {
            PullReport report = filling.into(new ArchiveTarget(writer));
            file.force(true); // before it has its name: a crash leaves no half archive
            finished = true;
            return report;
        } finally {
            if (finished) {
                writer.close();
            } else {
                file.close(); // an archive that was given up can't be ended in order
            }
        }
    }

    private void keep(Path partial) throws IOException {
        if (overwrite) {
            Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        try {
            Files.createLink(path, partial); // unlike a move, it fails if somebody has made the file meanwhile
        } catch (FileAlreadyExistsException e) {
            throw new PullException(path + " has come to be while the image was pulled, and stays as it is", e);
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.move(partial, path); // a file system without links
        }
    }

    @Override
    public String toString() {
        return "the archive " + path;
    }
}
