package dev.spegel.containerd.mirror;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Set;

/** A disk that ends at one of its steps, as a machine that loses its power: nothing that is tried afterwards happens. */
final class CrashingDisk implements Disk {
    private final Disk disk = new NioDisk(false);
    private final int lastStep;
    private final boolean torn;
    private int steps;

    /**
     * @param lastStep the step that doesn't happen, counted from 1
     * @param torn whether half of it happens, where it is one that can be halved
     */
    CrashingDisk(int lastStep, boolean torn) {
        this.lastStep = lastStep;
        this.torn = torn;
    }

    /** One that only counts. */
    static CrashingDisk never() {
        return new CrashingDisk(Integer.MAX_VALUE, false);
    }

    int steps() {
        return steps;
    }

    private void step(Step half) throws IOException {
        steps++;
        if (steps >= lastStep) {
            if (steps == lastStep && torn) {
                half.run();
            }
            throw new IOException("the power is off");
        }
    }

    @Override
    public void createDirectory(Path directory, Set<PosixFilePermission> mode) throws IOException {
        step(() -> {});
        disk.createDirectory(directory, mode);
    }

    @Override
    public void write(Path file, byte[] content, Set<PosixFilePermission> mode) throws IOException {
        step(() -> disk.write(file, Arrays.copyOf(content, content.length / 2), mode));
        disk.write(file, content, mode);
    }

    @Override
    public void copy(Path from, Path to) throws IOException {
        step(() -> {
            disk.copy(from, to);
            if (Files.isRegularFile(to, LinkOption.NOFOLLOW_LINKS)) {
                try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
                    channel.truncate(channel.size() / 2);
                }
            }
        });
        disk.copy(from, to);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        step(() -> {});
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        step(() -> {});
        disk.delete(path);
    }

    @Override
    public void sync(Path directory) throws IOException {
        step(() -> {});
        disk.sync(directory);
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }
}
