package dev.spegel.containerd;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.oci.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What documents say: their media type, which containerd keeps nowhere, and which content they name. Types are kept once they were
 * found; content never changes under its digest. Safe for use by many threads.
 */
final class Documents {
    /** With 5,000 images and their indexes and configs it is 15,000; an entry takes some 80 bytes, as digests are shared. */
    private static final int MAX_TYPES = 16_384;

    /** At up to 4 MiB each, and twice that while it is parsed: a 64 MiB heap must bear it beside the rest. */
    private static final int MAX_READ_AT_ONCE = 2;

    /** White space before the brace that a document starts with is rare; more than this nobody writes. */
    private static final int START_BYTES = 512;

    private final Semaphore reading = new Semaphore(MAX_READ_AT_ONCE);
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Digest, MediaType> types = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, MediaType> eldest) {
            return size() > MAX_TYPES;
        }
    };

    /** The media type of content of this size; empty if the source doesn't have it, or not in this size. */
    Optional<MediaType> typeOf(Digest digest, long sizeBytes, BlobSource source) throws StoreException {
        MediaType known = known(digest);
        if (known != null) {
            return Optional.of(known);
        }
        if (sizeBytes > StoredMediaType.MAX_DOCUMENT_BYTES) {
            return Optional.of(MediaType.OCTET_STREAM);
        }
        Optional<MediaType> found = read(digest, sizeBytes, source)
                .map(content -> content.length < sizeBytes ? MediaType.OCTET_STREAM : StoredMediaType.detect(content));
        found.ifPresent(type -> remember(digest, type));
        return found;
    }

    /** The content that a manifest or an index names; empty for anything else, also for one that is damaged or gone. */
    List<Digest> namedBy(Digest digest, long sizeBytes, BlobSource source) throws StoreException {
        Optional<MediaType> type = typeOf(digest, sizeBytes, source);
        if (type.isEmpty() || !type.get().isManifest()) {
            return List.of();
        }
        Optional<byte[]> content = read(digest, sizeBytes, source);
        if (content.isEmpty()) {
            return List.of();
        }
        try {
            List<Descriptor> named = type.get().isIndex()
                    ? ImageIndex.parse(content.get()).manifests()
                    : ImageManifest.parse(content.get()).blobs();
            return named.stream().map(Descriptor::digest).toList();
        } catch (OciSyntaxException e) {
            return List.of(); // containerd keeps what its digest says, whether or not that makes sense
        }
    }

    /** All of it, or only its start if that shows that it is no document. */
    private Optional<byte[]> read(Digest digest, long sizeBytes, BlobSource source) throws StoreException {
        try {
            reading.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted before %s could be read".formatted(digest), e);
        }
        try {
            Optional<SeekableByteChannel> opened = source.open(digest, sizeBytes);
            if (opened.isEmpty()) {
                return Optional.empty();
            }
            try (SeekableByteChannel channel = opened.get()) {
                byte[] start = new byte[(int) Math.min(START_BYTES, sizeBytes)];
                fill(ByteBuffer.wrap(start), channel);
                if (!StoredMediaType.mayBeDocument(start)) {
                    return Optional.of(start);
                }
                ByteBuffer content = ByteBuffer.allocate((int) sizeBytes).put(start);
                fill(content, channel);
                return Optional.of(content.array());
            }
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException("read " + digest, e);
        } finally {
            reading.release();
        }
    }

    private static void fill(ByteBuffer buffer, SeekableByteChannel channel) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException(
                        "it ends after %d bytes, which it didn't when it was opened".formatted(buffer.position()));
            }
        }
    }

    private @Nullable MediaType known(Digest digest) {
        lock.lock();
        try {
            return types.get(digest);
        } finally {
            lock.unlock();
        }
    }

    private void remember(Digest digest, MediaType type) {
        lock.lock();
        try {
            types.put(digest, type);
        } finally {
            lock.unlock();
        }
    }
}
