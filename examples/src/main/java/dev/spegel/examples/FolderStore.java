package dev.spegel.examples;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Reference;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreSnapshot;
import dev.spegel.oci.store.StoreWatch;
import dev.spegel.oci.store.StoredImage;
import dev.spegel.oci.store.WatchedContents;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A store of one's own: each piece of content is a file in one folder, named by its digest; the tags are kept in memory. What goes
 * in and out goes through this object. It passes the testkit's {@code ContentStoreContract}.
 */
public final class FolderStore implements ContentStore {
    private final Path folder;
    private final WatchedContents contents;
    private volatile boolean closed;

    /**
     * Opens a folder that holds nothing else.
     *
     * @param maxQueuedEvents what a watch keeps for its reader: {@link WatchedContents}
     */
    public FolderStore(Path folder, int maxQueuedEvents) throws StoreException {
        this.folder = requireNonNull(folder, "folder");
        Set<Digest> held = new HashSet<>();
        try (var files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".part"))
                    .forEach(name -> held.add(Digest.parse(name.replace('-', ':'))));
        } catch (IOException e) {
            throw new StoreException("list " + folder, e);
        }
        contents = new WatchedContents(new StoreSnapshot(held, Map.of()), maxQueuedEvents);
    }

    /** Adds content that has this digest. Readers see it once all of it is there. */
    public void put(Digest digest, byte[] content) throws StoreException {
        if (!digest.matches(content)) {
            throw new IllegalArgumentException("the content doesn't have the digest " + digest);
        }
        Path part = folder.resolve(digest.encoded() + ".part");
        try {
            Files.write(part, content);
            Files.move(part, file(digest), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StoreException("write " + digest, e);
        }
        contents.update(before -> new StoreSnapshot(plus(before.content(), digest), before.tags()));
    }

    /** Takes content away. Whoever reads it reads it to its end. */
    public void remove(Digest digest) throws StoreException {
        try {
            Files.deleteIfExists(file(digest));
        } catch (IOException e) {
            throw new StoreException("delete " + digest, e);
        }
        contents.update(before -> {
            Set<Digest> held = new HashSet<>(before.content());
            held.remove(digest);
            return new StoreSnapshot(held, before.tags());
        });
    }

    /** Has the tag name this digest, or nothing. */
    public void tag(TagReference tag, Optional<Digest> digest) {
        contents.update(before -> {
            Map<TagReference, Digest> tags = new HashMap<>(before.tags());
            tags.remove(tag);
            digest.ifPresent(target -> tags.put(tag, target));
            return new StoreSnapshot(before.content(), tags);
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
        try {
            long size = Files.size(file(digest));
            // Only a document says itself what it is; none is larger than this.
            MediaType type = size > StoredMediaType.MAX_DOCUMENT_BYTES
                    ? MediaType.OCTET_STREAM
                    : StoredMediaType.detect(Files.readAllBytes(file(digest)));
            return Optional.of(Descriptor.of(type, digest, size));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("read " + digest, e);
        }
    }

    @Override
    public Optional<SeekableByteChannel> open(Digest digest) throws StoreException {
        requireOpen();
        try {
            return Optional.of(FileChannel.open(file(digest))); // a FileChannel lets the registry use sendfile
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("open " + digest, e);
        }
    }

    @Override
    public List<StoredImage> images() throws StoreException {
        List<StoredImage> images = new ArrayList<>();
        for (Map.Entry<TagReference, Digest> entry : contents.current().tags().entrySet()) {
            TagReference tag = entry.getKey();
            Reference name = new Reference(tag.registry(), tag.repository(), Optional.of(tag.tag()), Optional.empty());
            describe(entry.getValue()).ifPresent(target -> images.add(new StoredImage(name, target)));
        }
        requireOpen();
        return images;
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

    private Path file(Digest digest) {
        return folder.resolve(digest.toString().replace(':', '-'));
    }

    private void requireOpen() throws StoreException {
        if (closed) {
            throw new StoreException("the store is closed");
        }
    }

    private static Set<Digest> plus(Set<Digest> held, Digest digest) {
        Set<Digest> all = new HashSet<>(held);
        all.add(digest);
        return all;
    }
}
