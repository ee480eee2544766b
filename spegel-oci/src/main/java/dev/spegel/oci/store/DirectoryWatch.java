package dev.spegel.oci.store;

import dev.spegel.oci.Digest;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Waits for changes in the directories of a layout, and makes one of many that come together. */
final class DirectoryWatch implements AutoCloseable {
    /** Once nothing has changed for so long, a burst is taken to be over: an image's blobs are renamed within a few ms. */
    private static final Duration QUIET = Duration.ofMillis(10);

    /** Whoever writes a large file changes it all the time; others needn't wait for longer than this. */
    private static final Duration MAX_BURST = Duration.ofMillis(250);

    private final WatchService service;
    private final List<Path> directories = new ArrayList<>();
    private final Map<Path, WatchKey> keys = new HashMap<>();

    DirectoryWatch(LayoutPaths paths) throws IOException {
        service = paths.root().getFileSystem().newWatchService();
        directories.add(paths.root());
        directories.add(paths.blobs());
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            directories.add(paths.blobs(algorithm));
        }
    }

    /**
     * Watches those of the directories that are there. To be called before each look at them: what appears after that is told of
     * by its parent. Watching one twice changes nothing, and one that was replaced is watched from here on.
     */
    void register() throws IOException {
        try {
            for (Path directory : directories) {
                register(directory);
            }
        } catch (ClosedWatchServiceException e) {
            return; // closed meanwhile: the scan that follows is the last one, and harms nobody
        }
    }

    private void register(Path directory) throws IOException {
        WatchKey before = keys.get(directory);
        WatchKey now = null;
        if (Files.isDirectory(directory)) {
            try {
                now = directory.register(
                        service,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_DELETE,
                        StandardWatchEventKinds.ENTRY_MODIFY);
            } catch (NoSuchFileException | NotDirectoryException e) {
                now = null; // gone since we looked
            }
        }
        if (before != null && !before.equals(now)) {
            before.cancel();
        }
        if (now == null) {
            keys.remove(directory);
        } else {
            keys.put(directory, now);
        }
    }

    /** Waits for changes, at most for the limit. Returns false once this is closed. */
    boolean awaitChange(Duration limit) throws InterruptedException {
        try {
            WatchKey key = service.poll(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
            long start = System.nanoTime();
            while (key != null && System.nanoTime() - start < MAX_BURST.toNanos()) {
                key.pollEvents(); // what changed a scan finds out
                key.reset();
                key = service.poll(QUIET.toNanos(), TimeUnit.NANOSECONDS);
            }
            if (key != null) {
                key.reset();
            }
            return true;
        } catch (ClosedWatchServiceException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing a watch service does no I/O that could fail", e);
        }
    }
}
