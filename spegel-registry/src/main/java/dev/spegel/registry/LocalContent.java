package dev.spegel.registry;

import dev.spegel.oci.ByteRange;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** Serves what the store holds. */
final class LocalContent {
    static final String SERVED_BY = "local";

    /** Below that, one write of headers and body together is cheaper. */
    private static final int MIN_SENDFILE_BYTES = 128 * 1024;

    private final ContentStore store;
    private final TransferBuffers buffers;
    private final SlowReaders slowReaders;
    private final Uploads uploads;
    private final RegistryConfig config;
    private final RegistryMetrics metrics;

    LocalContent(
            ContentStore store,
            TransferBuffers buffers,
            SlowReaders slowReaders,
            Uploads uploads,
            RegistryConfig config,
            RegistryMetrics metrics) {
        this.store = store;
        this.buffers = buffers;
        this.slowReaders = slowReaders;
        this.uploads = uploads;
        this.config = config;
        this.metrics = metrics;
    }

    /**
     * Answers from the store.
     *
     * @throws StoreException if the store fails before anything is sent
     */
    Outcome serve(ContentRequest content, Request request, Response response) throws IOException, InterruptedException {
        Optional<Digest> digest = content.digest();
        if (digest.isEmpty() && content.tag().isPresent()) {
            digest = store.resolve(content.tag().get());
        }
        Optional<Descriptor> described = digest.isEmpty() ? Optional.empty() : store.describe(digest.get());
        if (described.isEmpty()) {
            return new Outcome.Absent();
        }
        if (described.get().mediaType().isManifest() != content.forManifest()) {
            return new Outcome.OtherKind();
        }
        Optional<SeekableByteChannel> opened = store.open(described.get().digest());
        if (opened.isEmpty()) {
            return new Outcome.Absent(); // removed since it was described
        }
        try (SeekableByteChannel channel = opened.get()) {
            return send(content, described.get(), channel, request, response);
        }
    }

    private Outcome send(
            ContentRequest content,
            Descriptor described,
            SeekableByteChannel channel,
            Request request,
            Response response)
            throws IOException, InterruptedException {
        long size = channel.size(); // of what is open, whatever happens to the name meanwhile
        Optional<ByteRange> part = content.range().flatMap(range -> range.within(size));
        if (content.range().isPresent() && part.isEmpty()) {
            return new Outcome.RangeNotSatisfiable(size);
        }
        ContentHeaders headers = new ContentHeaders(described.mediaType(), described.digest(), size, part);
        if (content.head()
                && content.asker() == Asker.REDIRECTED
                && headers.length() >= MIN_SENDFILE_BYTES
                && uploads.full()) {
            return new Outcome.Busy(); // another peer may have a place free for the client
        }
        if (content.head() || headers.length() == 0) {
            headers.putInto(response, content, SERVED_BY);
            new Body(response).end();
            return new Outcome.Sent();
        }
        if (!content.asker().isOtherNode()) {
            return send(content, headers, channel, Throttle.NONE, request, response);
        }
        if (headers.length() < MIN_SENDFILE_BYTES) { // a manifest or config: nothing to save, and a pull waits for it
            return send(content, headers, channel, Throttle.NONE, request, response);
        }
        Optional<Uploads.Stream> stream = uploads.begin();
        if (stream.isEmpty()) {
            slowReaders.refused();
            return new Outcome.Busy();
        }
        try (Uploads.Stream throttle = stream.get()) {
            return send(content, headers, channel, throttle, request, response);
        }
    }

    private Outcome send(
            ContentRequest content,
            ContentHeaders headers,
            SeekableByteChannel channel,
            Throttle throttle,
            Request request,
            Response response)
            throws IOException, InterruptedException {
        Optional<TransferBuffers.Lease> lease = buffers.acquire(
                headers.length(),
                content.asker().isOtherNode()
                        ? config.upload().queueLimit()
                        : config.transfer().bufferWait());
        if (lease.isEmpty()) {
            slowReaders.refused();
            return new Outcome.Busy();
        }
        RegistryMetrics.Flow flow =
                content.asker().isOtherNode() ? RegistryMetrics.Flow.UPLOADED : RegistryMetrics.Flow.SERVED;
        Throttle counted = throttle.telling(bytes -> metrics.moved(flow, bytes));
        try (TransferBuffers.Lease buffer = lease.get()) {
            headers.putInto(response, content, SERVED_BY);
            metrics.storeGives(request);
            boolean large = headers.length() >= MIN_SENDFILE_BYTES;
            Optional<Sendfile> sendfile = channel instanceof FileChannel && large
                    ? Sendfile.on(request, response, slowReaders.watch())
                    : Optional.empty();
            if (sendfile.isPresent()) {
                sendfile.get().send((FileChannel) channel, headers.first(), headers.length(), buffer.first(), counted);
            } else {
                Body body = large ? Body.throughJetty(response, slowReaders.watch()) : new Body(response);
                copy(channel.position(headers.first()), headers.length(), buffer.first(), counted, body);
            }
        }
        return new Outcome.Sent();
    }

    private static void copy(SeekableByteChannel channel, long length, ByteBuffer buffer, Throttle throttle, Body body)
            throws IOException {
        long left = length;
        while (left > 0) {
            buffer.clear().limit((int) Math.min(Math.min(buffer.capacity(), throttle.pieceBytes()), left));
            int count = read(channel, buffer);
            left -= count;
            body.write(left == 0, buffer.flip());
            throttle.sent(count);
        }
    }

    /** Fills the buffer from this position on. */
    static void fill(FileChannel file, long position, ByteBuffer buffer) throws BrokenBodyException {
        long next = position;
        try {
            while (buffer.hasRemaining()) {
                int count = file.read(buffer, next);
                if (count < 0) {
                    throw new EOFException("the file now ends at byte %d".formatted(next));
                }
                next += count;
            }
        } catch (IOException e) {
            throw BrokenBodyException.incomplete("read from the store: " + e.getMessage(), e);
        }
    }

    private static int read(SeekableByteChannel channel, ByteBuffer buffer) throws BrokenBodyException {
        try {
            int count = channel.read(buffer);
            if (count < 0) {
                throw new EOFException("the content now ends at byte %d".formatted(channel.position()));
            }
            return count;
        } catch (IOException e) {
            throw BrokenBodyException.incomplete("read from the store: " + e.getMessage(), e);
        }
    }
}
