package dev.spegel.containerd.mirror;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A real disk. A failure says what was tried. */
final class NioDisk implements Disk {
    private final boolean forcing;

    /** @param forcing false for tests that look at the order of steps only, and make very many of them */
    NioDisk(boolean forcing) {
        this.forcing = forcing;
    }

    @Override
    public void createDirectory(Path directory, Set<PosixFilePermission> mode) throws IOException {
        attempt("create directory", directory, () -> {
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(
                    directory, mode); // which, unlike an attribute of creation, the umask doesn't change
        });
    }

    @Override
    public void write(Path file, byte[] content, Set<PosixFilePermission> mode) throws IOException {
        attempt("write", file, () -> {
            // Closed to others from the start: it may hold credentials.
            Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            try (FileChannel channel = FileChannel.open(
                    file,
                    options,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                Files.setPosixFilePermissions(file, mode);
                force(channel);
            }
        });
    }

    @Override
    public void copy(Path from, Path to) throws IOException {
        attempt("copy", from, () -> {
            Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            if (Files.isRegularFile(to, LinkOption.NOFOLLOW_LINKS)) {
                try (FileChannel channel = FileChannel.open(to, StandardOpenOption.READ)) {
                    force(channel);
                }
            }
        });
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        attempt("put in place", to, () -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
    }

    @Override
    public void delete(Path path) throws IOException {
        attempt("delete", path, () -> Files.delete(path));
    }

    @Override
    public void sync(Path directory) throws IOException {
        attempt("sync", directory, () -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                force(channel);
            }
        });
    }

    private void force(FileChannel channel) throws IOException {
        if (forcing) {
            channel.force(true);
        }
    }

    private static void attempt(String what, Path path, Attempt attempt) throws MirrorConfigurationException {
        try {
            attempt.run();
        } catch (IOException e) {
            throw MirrorConfigurationException.because(what + " " + path, e);
        }
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws IOException;
    }
}
