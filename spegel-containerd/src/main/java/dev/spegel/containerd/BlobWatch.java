package dev.spegel.containerd;

import dev.spegel.oci.Digest;
import dev.spegel.oci.OciSyntaxException;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which files of a content directory appear, change and disappear. It is how all versions of containerd show that content was
 * committed, and how any of them shows that garbage was collected. Where the system drops events, everything is looked at.
 */
final class BlobWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BlobWatch.class);

    private final Hints hints;
    private final WatchService service;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Path, WatchKey> keys = new HashMap<>();
    private @Nullable Path root;

    BlobWatch(Hints hints) throws IOException {
        this.hints = hints;
        this.service = FileSystems.getDefault().newWatchService();
    }

    /**
     * Follows this directory and no other. To be called before each look at all of it: what appears after that is told of. Following
     * one twice changes nothing, and one that was replaced is followed from here on.
     */
    void follow(Path contentDirectory) throws IOException {
        lock.lock();
        try {
            if (!contentDirectory.equals(root)) {
                keys.values().forEach(WatchKey::cancel);
                keys.clear();
                root = contentDirectory;
            }
            registerAll(contentDirectory);
        } catch (ClosedWatchServiceException e) {
            return; // nobody will hear of it
        } finally {
            lock.unlock();
        }
    }

    private void registerAll(Path contentDirectory) throws IOException {
        Path parent = contentDirectory.getParent();
        if (parent != null) {
            register(parent, StandardWatchEventKinds.ENTRY_CREATE);
        }
        register(contentDirectory, StandardWatchEventKinds.ENTRY_CREATE);
        register(ContentDirectory.blobs(contentDirectory), StandardWatchEventKinds.ENTRY_CREATE);
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            register(
                    ContentDirectory.blobs(contentDirectory, algorithm),
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_DELETE,
                    StandardWatchEventKinds.ENTRY_MODIFY);
        }
    }

    private void register(Path directory, WatchEvent.Kind<?>... kinds) throws IOException {
        WatchKey before = keys.remove(directory);
        if (Files.isDirectory(directory)) {
            try {
                keys.put(directory, directory.register(service, kinds));
            } catch (NoSuchFileException | NotDirectoryException e) {
                keys.remove(directory); // gone since we looked; its parent tells when it is back
            }
        }
        if (before != null && !before.equals(keys.get(directory))) {
            before.cancel();
        }
    }

    /** Works until this is closed, or the thread is interrupted. */
    void run() throws InterruptedException {
        try {
            while (true) {
                WatchKey key = service.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    tell((Path) key.watchable(), event);
                }
                if (!key.reset()) {
                    hints.everything(); // the directory is gone; the look follows what is in its place
                }
            }
        } catch (ClosedWatchServiceException e) {
            return;
        }
    }

    private void tell(Path directory, WatchEvent<?> event) {
        if (!(event.context() instanceof Path name)) {
            log.debug("Changes below {} were lost, so everything is looked at", directory);
            hints.everything(); // OVERFLOW
        } else if (isAlgorithm(directory)) {
            digest(directory, name).ifPresent(hints::content);
        } else if (isWatched(directory.resolve(name))) {
            hints.everything(); // so that it is watched too
        }
    }

    private static Optional<Digest> digest(Path directory, Path name) {
        try {
            return Optional.of(
                    new Digest(Digest.Algorithm.named(directory.getFileName().toString()), name.toString()));
        } catch (OciSyntaxException e) {
            return Optional.empty(); // not containerd's
        }
    }

    private boolean isWatched(Path directory) {
        lock.lock();
        try {
            return root != null && (directory.equals(root) || directory.startsWith(ContentDirectory.blobs(root)));
        } finally {
            lock.unlock();
        }
    }

    private static boolean isAlgorithm(Path directory) {
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            if (directory.endsWith(Path.of("blobs", algorithm.toString()))) {
                return true;
            }
        }
        return false;
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
