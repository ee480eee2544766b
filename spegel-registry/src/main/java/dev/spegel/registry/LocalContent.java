package dev.spegel.registry;

import dev.spegel.oci.ByteRange;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;
import org.eclipse.jetty.server.Response;

/** Serves what the store holds. */
final class LocalContent {
    private static final String SERVED_BY = "local";

    private final ContentStore store;
    private final TransferBuffers buffers;
    private final TransferConfig config;

    LocalContent(ContentStore store, TransferBuffers buffers, TransferConfig config) {
        this.store = store;
        this.buffers = buffers;
        this.config = config;
    }

    /**
     * Answers from the store.
     *
     * @throws StoreException if the store fails before anything is sent
     */
    Outcome serve(ContentRequest request, Response response) throws IOException, InterruptedException {
        Optional<Digest> digest = request.digest();
        if (digest.isEmpty() && request.tag().isPresent()) {
            digest = store.resolve(request.tag().get());
        }
        Optional<Descriptor> described = digest.isEmpty() ? Optional.empty() : store.describe(digest.get());
        if (described.isEmpty()) {
            return new Outcome.Absent();
        }
        if (described.get().mediaType().isManifest() != request.forManifest()) {
            return new Outcome.OtherKind();
        }
        Optional<SeekableByteChannel> opened = store.open(described.get().digest());
        if (opened.isEmpty()) {
            return new Outcome.Absent(); // removed since it was described
        }
        try (SeekableByteChannel channel = opened.get()) {
            return send(request, response, described.get(), channel);
        }
    }

    private Outcome send(ContentRequest request, Response response, Descriptor content, SeekableByteChannel channel)
            throws IOException, InterruptedException {
        long size = channel.size(); // of what is open, whatever happens to the name meanwhile
        Optional<ByteRange> part = request.range().flatMap(range -> range.within(size));
        if (request.range().isPresent() && part.isEmpty()) {
            return new Outcome.RangeNotSatisfiable(size);
        }
        ContentHeaders headers = new ContentHeaders(content.mediaType(), content.digest(), size, part);
        Body body = new Body(response);
        if (request.head() || headers.length() == 0) {
            headers.putInto(response, request, SERVED_BY);
            body.end();
            return new Outcome.Sent();
        }
        Optional<TransferBuffers.Lease> lease = buffers.acquire(config.bufferWait());
        if (lease.isEmpty()) {
            return new Outcome.Busy();
        }
        try (TransferBuffers.Lease buffer = lease.get()) {
            headers.putInto(response, request, SERVED_BY);
            copy(channel.position(headers.first()), headers.length(), buffer.first(), body);
        }
        return new Outcome.Sent();
    }

    private static void copy(SeekableByteChannel channel, long length, ByteBuffer buffer, Body body)
            throws IOException {
        long left = length;
        while (left > 0) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), left));
            int count;
            try {
                count = channel.read(buffer);
                if (count < 0) {
                    throw new EOFException("the file has become %d bytes shorter".formatted(left));
                }
            } catch (IOException e) {
                throw BrokenBodyException.incomplete("read from the store: " + e.getMessage(), e);
            }
            left -= count;
            body.write(left == 0, buffer.flip());
        }
    }
}
