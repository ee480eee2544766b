package dev.spegel.containerd;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreSnapshot;
import dev.spegel.oci.store.StoreWatch;
import dev.spegel.oci.store.StoredImage;
import dev.spegel.oci.store.WatchedContents;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a containerd holds in one of its namespaces, followed as it changes. containerd 1.6 or later; it is only read.
 *
 * <p><b>Content</b> is read straight from containerd's content directory, as a {@link java.nio.channels.FileChannel}, if this process
 * sees it; otherwise over containerd's socket, which is slower. It shows as soon as its blob is committed, long before the image is
 * complete. What belongs to other namespaces only, isn't a regular file, or hasn't the size that containerd committed isn't served.
 *
 * <p><b>Tags</b> are the images whose name is a reference in full without a digest. Names that are none are left out and
 * {@linkplain ContainerdStatus#skippedNames counted}; their content is served by digest.
 *
 * <p><b>Outages.</b> containerd needn't run when the store is opened. Until it has answered for the first time, everything but
 * {@link #status} and {@link #close} fails with a {@link StoreException}. When it goes away later, what was known stays: tags
 * resolve, and content that lies on disk is served. Watches go on as well, and after the reconnection report what changed meanwhile.
 *
 * <p><b>Threads.</b> {@link #TASKS Two tasks} of the executor run until the store is closed. The connections share one thread of their own, named
 * {@code containerd-io}, and gRPC and the JDK's watch service each have theirs for the whole process.
 */
public final class ContainerdStore implements ContentStore {
    /** How many tasks of its executor a store takes, until it is closed. */
    public static final int TASKS = 2;

    private static final Logger log = LoggerFactory.getLogger(ContainerdStore.class);

    private final ContainerdClient client;
    private final Hints hints = new Hints();
    private final Holdings holdings = new Holdings();
    private final Documents documents = new Documents();
    private final Optional<BlobWatch> blobWatch;
    private final WatchedContents contents;
    private final Inventory inventory;
    private final Follower follower;
    private volatile boolean closed;

    private ContainerdStore(ContainerdConfig config) {
        client = new ContainerdClient(config);
        blobWatch = blobWatch(hints);
        contents = new WatchedContents(StoreSnapshot.EMPTY, config.maxQueuedEvents());
        inventory = new Inventory(config, client, holdings, documents, blobWatch);
        follower = new Follower(config, client, hints, inventory, holdings, contents);
    }

    /**
     * Opens a store, which connects to containerd in the background.
     *
     * @param tasks runs {@link #TASKS} at once until the store is closed; interrupting one of them closes the store
     * @throws java.util.concurrent.RejectedExecutionException if {@code tasks} refuses one
     */
    public static ContainerdStore open(ContainerdConfig config, Executor tasks) {
        requireNonNull(tasks, "tasks");
        ContainerdStore store = new ContainerdStore(config);
        try {
            store.blobWatch.ifPresent(watch -> tasks.execute(() -> store.watchBlobs(watch)));
            tasks.execute(store::follow);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        return store;
    }

    private static Optional<BlobWatch> blobWatch(Hints hints) {
        try {
            return Optional.of(new BlobWatch(hints));
        } catch (IOException e) {
            log.warn("No directory can be watched ({}); new content shows when its image does", e.getMessage());
            return Optional.empty();
        }
    }

    private void watchBlobs(BlobWatch watch) {
        try {
            watch.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    private void follow() {
        try {
            follower.run();
        } finally {
            close(); // nothing here is true any more once nobody follows
        }
    }

    /** How the store is doing now. Doesn't block, and works on a closed store too. */
    public ContainerdStatus status() {
        List<String> problems = new ArrayList<>();
        follower.failure().ifPresent(failure -> problems.add(String.valueOf(failure.getMessage())));
        problems.addAll(inventory.problems());
        return new ContainerdStatus(
                follower.isReady(),
                follower.isConnected(),
                follower.version(),
                inventory.readsFiles(),
                holdings.imageCount(),
                holdings.contentCount(),
                holdings.skippedNames(),
                holdings.damaged(),
                follower.connections(),
                client.events().current(),
                problems);
    }

    @Override
    public Optional<Digest> resolve(TagReference tag) throws StoreException {
        requireReady();
        return Optional.ofNullable(contents.current().tags().get(tag));
    }

    @Override
    public Optional<Descriptor> describe(Digest digest) throws StoreException {
        requireReady();
        BlobSource source = inventory.source();
        OptionalLong size = size(digest, source);
        if (size.isEmpty()) {
            return Optional.empty();
        }
        Optional<MediaType> type = documents.typeOf(digest, size.getAsLong(), source);
        return type.map(known -> Descriptor.of(known, digest, size.getAsLong()));
    }

    @Override
    public Optional<SeekableByteChannel> open(Digest digest) throws StoreException {
        requireReady();
        BlobSource source = inventory.source();
        OptionalLong size = size(digest, source);
        return size.isEmpty() ? Optional.empty() : source.open(digest, size.getAsLong());
    }

    /**
     * The size of content that is there, whole, and in this namespace. Only what watches that begin now would have in their snapshot:
     * what is newer shows here when it shows there.
     */
    private OptionalLong size(Digest digest, BlobSource source) throws StoreException {
        OptionalLong known =
                contents.current().content().contains(digest) ? holdings.size(digest) : OptionalLong.empty();
        OptionalLong found = known.isEmpty() && source.knowsNamespaces() ? known : source.sizeNow(digest);
        if (!found.equals(known)) {
            hints.content(digest);
            return OptionalLong.empty();
        }
        return known;
    }

    @Override
    public List<StoredImage> images() throws StoreException {
        requireReady();
        return holdings.images();
    }

    /** {@inheritDoc} An outage of containerd doesn't end it. */
    @Override
    public StoreWatch watch() throws StoreException {
        requireReady();
        return contents.watch();
    }

    @Override
    public void close() {
        closed = true;
        hints.close();
        contents.close();
        blobWatch.ifPresent(BlobWatch::close);
        client.close();
    }

    private void requireReady() throws StoreException {
        if (closed) {
            throw new StoreException("the store is closed");
        }
        if (!follower.isReady()) {
            Optional<StoreException> failure = follower.failure();
            throw failure.isPresent()
                    ? new StoreException(
                            "containerd hasn't answered yet: " + failure.get().getMessage(), failure.get())
                    : new StoreException("containerd hasn't answered yet");
        }
    }
}
