package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.oci.TagReference;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A store in the heap, for tests and small fixed content. It does no I/O and never blocks.
 *
 * <p>It holds what it is given without asking whether that makes sense together: a tag may name content that isn't there.
 */
public final class MemoryStore implements ContentStore {
    private final Map<Digest, Blob> blobs = new ConcurrentHashMap<>();
    private final WatchedContents contents;
    private volatile boolean closed;

    /** An empty store. */
    public MemoryStore() {
        this(WatchedContents.DEFAULT_MAX_QUEUED_EVENTS);
    }

    /**
     * An empty store.
     *
     * @param maxQueuedEvents what a watch keeps for its reader: {@link WatchedContents}
     * @throws IllegalArgumentException if {@code maxQueuedEvents} isn't positive
     */
    public MemoryStore(int maxQueuedEvents) {
        contents = new WatchedContents(StoreSnapshot.EMPTY, maxQueuedEvents);
    }

    /** A store of these blobs, each under its SHA-256 digest. */
    public static MemoryStore of(byte[]... blobs) {
        MemoryStore store = new MemoryStore();
        for (byte[] blob : blobs) {
            store.put(blob);
        }
        return store;
    }

    /** Adds a copy of these bytes under their SHA-256 digest, which it returns. Adding them again changes nothing. */
    public Digest put(byte[] content) {
        byte[] copy = content.clone();
        Digest digest = Digest.ofSha256(copy);
        put(digest, copy);
        return digest;
    }

    /**
     * Adds a copy of these bytes under this digest.
     *
     * @throws IllegalArgumentException if it isn't theirs
     */
    public void put(Digest digest, byte[] content) {
        if (!digest.matches(content)) {
            throw new IllegalArgumentException("the content doesn't have the digest " + digest);
        }
        Blob blob = new Blob(Descriptor.of(StoredMediaType.detect(content), digest, content.length), content.clone());
        changeContent(held -> {
            blobs.put(digest, blob);
            held.add(digest);
        });
    }

    /** Makes the tag name this digest, which needn't be there, instead of what it named before. */
    public void tag(TagReference tag, Digest digest) {
        requireNonNull(tag, "tag");
        requireNonNull(digest, "digest");
        contents.update(before -> {
            Map<TagReference, Digest> tags = new HashMap<>(before.tags());
            tags.put(tag, digest);
            return new StoreSnapshot(before.content(), tags);
        });
    }

    /** Takes the tag away, if it is there. */
    public void untag(TagReference tag) {
        requireNonNull(tag, "tag");
        contents.update(before -> {
            Map<TagReference, Digest> tags = new HashMap<>(before.tags());
            tags.remove(tag);
            return new StoreSnapshot(before.content(), tags);
        });
    }

    /** Takes the content away, if it is there. Tags that name it stay. */
    public void remove(Digest digest) {
        requireNonNull(digest, "digest");
        changeContent(held -> {
            blobs.remove(digest);
            held.remove(digest);
        });
    }

    @Override
    public Optional<Digest> resolve(TagReference tag) throws StoreException {
        requireOpen();
        return Optional.ofNullable(contents.current().tags().get(tag));
    }

    @Override
    public Optional<Descriptor> describe(Digest digest) throws StoreException {
        requireOpen();
        return Optional.ofNullable(blobs.get(digest)).map(Blob::descriptor);
    }

    @Override
    public Optional<SeekableByteChannel> open(Digest digest) throws StoreException {
        requireOpen();
        return Optional.ofNullable(blobs.get(digest)).map(Blob::open);
    }

    /** {@inheritDoc} A tag whose content isn't there is left out, since nothing is known of its size. */
    @Override
    public List<StoredImage> images() throws StoreException {
        requireOpen();
        List<StoredImage> images = new ArrayList<>();
        contents.current().tags().forEach((tag, digest) -> {
            Blob blob = blobs.get(digest);
            if (blob != null) {
                Reference name =
                        new Reference(tag.registry(), tag.repository(), Optional.of(tag.tag()), Optional.empty());
                images.add(new StoredImage(name, blob.descriptor()));
            }
        });
        return List.copyOf(images);
    }

    @Override
    public StoreWatch watch() throws StoreException {
        return contents.watch();
    }

    @Override
    public void close() {
        closed = true;
        contents.close();
    }

    /** The bytes change under the same lock as the announcement, and before it: who reads of content finds it. */
    private void changeContent(Consumer<Set<Digest>> change) {
        contents.update(before -> {
            Set<Digest> held = new HashSet<>(before.content());
            change.accept(held);
            return new StoreSnapshot(held, before.tags());
        });
    }

    private void requireOpen() throws StoreException {
        if (closed) {
            throw new StoreException("the store is closed");
        }
    }

    /** Not a record, so that the array stays inside: {@link BytesChannel} only reads it. */
    private static final class Blob {
        private final Descriptor descriptor;
        private final byte[] content;

        Blob(Descriptor descriptor, byte[] content) {
            this.descriptor = descriptor;
            this.content = content;
        }

        Descriptor descriptor() {
            return descriptor;
        }

        SeekableByteChannel open() {
            return new BytesChannel(content);
        }
    }
}
