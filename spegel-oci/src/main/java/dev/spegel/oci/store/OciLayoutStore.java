package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of a directory in OCI image-layout form (image-spec v1.1.1, image-layout.md), followed as it changes, whoever
 * changes it.
 *
 * <p><b>Names.</b> A descriptor in {@code index.json} names its image by the annotation {@code io.containerd.image.name}, else by
 * {@code org.opencontainers.image.ref.name}, if that is a whole reference with its registry. Without one the image is served by
 * digest only. An {@code index.json} that is missing or damaged leaves the names as they were.
 *
 * <p><b>Content.</b> A blob is a regular file below {@code blobs/} whose name is a digest, whether or not {@code index.json} leads
 * to it. What is served has been checked, as far as that is cheap:
 * <ul>
 *   <li>up to 4 MiB, so all manifests, indexes and configs: read and hashed once, and again when the file changes;
 *   <li>larger: its size must be the one that a manifest or index here gives it. A large blob that nothing names isn't served until
 *       a manifest arrives that does. Hashing it as well would read some GiB for each image just when the disk is busiest, and
 *       once more at each start, to guard against bit rot that whoever pulls finds anyway, since every client compares digests.
 *       What {@link OciLayoutWriter} brings in has been hashed on the way.
 * </ul>
 * What fails a check is a {@linkplain #problems problem}: it is logged once and not served; the rest is. Where the file was changed
 * within the last {@link Settings#settleTime} it may be half written, so it isn't served and not yet a problem.
 *
 * <p><b>Threads.</b> Opening scans the layout on the calling thread. After that one task of the executor follows changes until the
 * store is closed; nothing else is started, but the JDK has a thread of its own for all that a process watches in its file system.
 */
public final class OciLayoutStore implements ContentStore {
    private static final Logger LOG = LoggerFactory.getLogger(OciLayoutStore.class);

    private final LayoutPaths paths;
    private final LayoutScanner scanner;
    private final WatchedContents contents;
    private final DirectoryWatch directoryWatch;
    private final Settings settings;
    private final ReentrantLock scanning = new ReentrantLock();
    private final Set<LayoutProblem> logged = new HashSet<>();
    private volatile LayoutState state = LayoutState.EMPTY;
    private volatile boolean closed;
    /** Why the layout can't be read, as long as it can't. Of the thread that follows. */
    private Optional<String> failure = Optional.empty();

    private OciLayoutStore(LayoutPaths paths, Settings settings, InstantSource clock) throws IOException {
        this.paths = paths;
        this.settings = settings;
        this.scanner = new LayoutScanner(paths.root(), settings.settleTime(), clock);
        this.contents = new WatchedContents(StoreSnapshot.EMPTY, settings.maxQueuedEvents());
        this.directoryWatch = new DirectoryWatch(paths);
    }

    /** Opens with {@link Settings#DEFAULTS}. */
    public static OciLayoutStore open(Path directory, Executor watcher) throws StoreException {
        return open(directory, watcher, Settings.DEFAULTS);
    }

    /**
     * Opens a layout and scans it. The directory must be there; that its parts are missing or damaged is a problem to report, no
     * reason to fail.
     *
     * @param watcher runs one task until the store is closed; interrupting that task closes the store
     * @throws StoreException if the directory can't be read or watched
     * @throws java.util.concurrent.RejectedExecutionException if {@code watcher} refuses the task
     */
    public static OciLayoutStore open(Path directory, Executor watcher, Settings settings) throws StoreException {
        return open(directory, watcher, settings, InstantSource.system());
    }

    static OciLayoutStore open(Path directory, Executor watcher, Settings settings, InstantSource clock)
            throws StoreException {
        requireNonNull(watcher, "watcher");
        if (!Files.isDirectory(directory)) {
            throw new StoreException("an OCI layout is a directory, which " + directory + " isn't");
        }
        try {
            OciLayoutStore store = new OciLayoutStore(new LayoutPaths(directory), settings, clock);
            try {
                store.scan();
                watcher.execute(store::follow);
            } catch (IOException | RuntimeException e) {
                store.close();
                throw e;
            }
            return store;
        } catch (IOException e) {
            throw new StoreException("open the OCI layout " + directory, e);
        }
    }

    /** What is wrong with the layout now. At most 1,000 are listed. */
    public List<LayoutProblem> problems() throws StoreException {
        requireOpen();
        return state.problems();
    }

    @Override
    public Optional<Digest> resolve(TagReference tag) throws StoreException {
        requireOpen();
        return Optional.ofNullable(contents.current().tags().get(tag));
    }

    @Override
    public Optional<Descriptor> describe(Digest digest) throws StoreException {
        requireOpen();
        Descriptor known = state.content().get(digest);
        if (known == null) {
            return Optional.empty();
        }
        try {
            BasicFileAttributes file =
                    Files.readAttributes(paths.blob(digest), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return file.isRegularFile() && file.size() == known.sizeBytes() ? Optional.of(known) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("look at " + paths.blob(digest), e);
        }
    }

    /** {@inheritDoc} It is always a {@link FileChannel}. */
    @Override
    public Optional<SeekableByteChannel> open(Digest digest) throws StoreException {
        requireOpen();
        Descriptor known = state.content().get(digest);
        if (known == null) {
            return Optional.empty();
        }
        try {
            FileChannel channel = LayoutPaths.open(paths.blob(digest));
            try {
                if (channel.size() == known.sizeBytes()) {
                    return Optional.of(channel);
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            channel.close(); // changed since it was checked, so the next scan decides
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("open " + paths.blob(digest), e);
        }
    }

    @Override
    public List<StoredImage> images() throws StoreException {
        requireOpen();
        return state.names().entrySet().stream()
                .map(name -> new StoredImage(name.getKey(), name.getValue()))
                .toList();
    }

    @Override
    public StoreWatch watch() throws StoreException {
        return contents.watch();
    }

    @Override
    public void close() {
        closed = true;
        contents.close();
        directoryWatch.close();
    }

    private void follow() {
        try {
            while (directoryWatch.awaitChange(state.unsettled() ? settings.settleTime() : settings.rescanInterval())) {
                try {
                    scan();
                    failure = Optional.empty();
                } catch (ClosedByInterruptException e) {
                    LOG.debug("OCI layout {}: interrupted", paths.root()); // and so the next wait ends the loop
                } catch (IOException e) {
                    unreadable(e);
                } catch (RuntimeException e) {
                    if (!closed) {
                        LOG.error("OCI layout {}: can't be read, what was known of it stays", paths.root(), e);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    /** Once, until it can be read again or for another reason can't: this is looked at every few seconds. */
    private void unreadable(IOException reason) {
        Optional<String> now = Optional.of(reason.toString());
        if (!closed && !now.equals(failure)) {
            failure = now;
            LOG.error("OCI layout {}: can't be read, what was known of it stays: {}", paths.root(), now.get());
        }
    }

    /** The state first, then the events: whoever reads of content finds it, and of what is gone finds nothing. */
    private void scan() throws IOException {
        scanning.lock();
        try {
            directoryWatch.register();
            LayoutState next = scanner.scan();
            state = next;
            contents.update(next.toSnapshot());
            logged.retainAll(next.problems());
            for (LayoutProblem problem : next.problems()) {
                if (logged.add(problem)) {
                    LOG.warn("OCI layout {}: {}", paths.root(), problem);
                }
            }
        } finally {
            scanning.unlock();
        }
    }

    private void requireOpen() throws StoreException {
        if (closed) {
            throw new StoreException("the store is closed");
        }
    }

    /**
     * How a layout is followed.
     *
     * @param rescanInterval how often to look without having been told of a change: network file systems tell of none, and a
     *     directory that is replaced as a whole may go unnoticed
     * @param settleTime how long after its last change a file that fails its check may be one that is being written
     * @param maxQueuedEvents what a watch keeps for its reader: {@link WatchedContents}
     */
    public record Settings(Duration rescanInterval, Duration settleTime, int maxQueuedEvents) {
        /** A scan of 10,000 blobs takes some 50 ms, so once a minute goes unnoticed; writers rarely pause for 2 s. */
        public static final Settings DEFAULTS =
                new Settings(Duration.ofMinutes(1), Duration.ofSeconds(2), WatchedContents.DEFAULT_MAX_QUEUED_EVENTS);

        /** @throws IllegalArgumentException if one isn't positive */
        public Settings {
            requirePositive(rescanInterval, "rescanInterval");
            requirePositive(settleTime, "settleTime");
            if (maxQueuedEvents < 1) {
                throw new IllegalArgumentException("maxQueuedEvents must be positive, got " + maxQueuedEvents);
            }
        }

        private static void requirePositive(Duration value, String name) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + " must be positive, got " + value);
            }
        }
    }
}
