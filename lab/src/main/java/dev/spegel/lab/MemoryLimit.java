package dev.spegel.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A limit to the memory of whatever runs under it, page cache included, as containers have one: a control group of Linux, in the first
 * version (cgroups(7), {@code memory.limit_in_bytes}) or the second ({@code memory.max}). Swap is none. It takes root.
 *
 * <p>Closing it takes the group away, for which what ran under it must have ended.
 */
public final class MemoryLimit implements AutoCloseable {
    private static final Path MOUNTS = Path.of("/sys/fs/cgroup");

    /** The kernel takes a process out of its group a moment after its parent knows of its end. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private static final long POLL_MILLIS = 20;

    private final Path group;
    private final boolean second;

    private MemoryLimit(Path group, boolean second) {
        this.group = group;
        this.second = second;
    }

    /** What keeps this system from limiting memory; empty if nothing does. */
    public static Optional<String> unavailable() {
        try {
            create("try", 16L << 20).close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("no control group that limits memory can be made: " + e.getMessage());
        }
    }

    /** Makes a group with this limit, which nobody is in. */
    public static MemoryLimit create(String name, long bytes) throws IOException {
        return create(MOUNTS, "spegel-" + ProcessHandle.current().pid() + "-" + name, bytes);
    }

    /** @param mounts where the system shows its control groups */
    static MemoryLimit create(Path mounts, String name, long bytes) throws IOException {
        Path first = mounts.resolve("memory");
        boolean second = !Files.isDirectory(first);
        Path root = second ? mounts : first;
        if (second) {
            Path controllers = root.resolve("cgroup.controllers");
            if (!Files.exists(controllers)
                    || !List.of(Files.readString(controllers).strip().split(" ", -1))
                            .contains("memory")) {
                throw new IOException("there is no memory controller in " + mounts);
            }
            Files.writeString(root.resolve("cgroup.subtree_control"), "+memory");
        }
        MemoryLimit limit = new MemoryLimit(Files.createDirectory(root.resolve(name)), second);
        boolean made = false;
        try {
            limit.set(bytes);
            made = true;
            return limit;
        } finally {
            if (!made) {
                limit.close();
            }
        }
    }

    private void set(long bytes) throws IOException {
        if (second) {
            write("memory.max", bytes);
            write("memory.swap.max", 0);
        } else {
            write("memory.limit_in_bytes", bytes);
            write("memory.memsw.limit_in_bytes", bytes);
        }
    }

    /** How much of memory and swap there may be; a kernel without swap accounting lacks the file for that. */
    private void write(String file, long value) throws IOException {
        Path path = group.resolve(file);
        if (Files.exists(path) || !file.contains("sw")) {
            Files.writeString(path, Long.toString(value));
        }
    }

    /** How to start a program under the limit. It takes the place of what starts it: its process ID is the one that the caller sees. */
    public List<String> command(List<String> command) {
        List<String> limited = new ArrayList<>(List.of(
                "sh",
                "-c",
                "echo $$ >\"$0\" && exec \"$@\"",
                group.resolve("cgroup.procs").toString()));
        limited.addAll(command);
        return limited;
    }

    /** How many of those under it the kernel has killed for want of memory. */
    public long kills() throws IOException {
        return Files.readAllLines(group.resolve(second ? "memory.events" : "memory.oom_control")).stream()
                .filter(line -> line.startsWith("oom_kill "))
                .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                .findFirst()
                .orElseThrow(
                        () -> new IOException("the kernel doesn't say how many processes it has killed in " + group));
    }

    @Override
    public void close() throws IOException {
        long endNanos = System.nanoTime() + CLOSE_LIMIT.toNanos();
        while (true) {
            try {
                Files.deleteIfExists(group);
                return;
            } catch (IOException e) {
                if (System.nanoTime() - endNanos > 0) {
                    throw e;
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted before " + group + " was empty", e);
            }
        }
    }
}
