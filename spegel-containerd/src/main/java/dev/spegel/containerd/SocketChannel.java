package dev.spegel.containerd;

import dev.spegel.containerd.internal.ContentGrpc;
import dev.spegel.containerd.internal.ReadContentRequest;
import dev.spegel.containerd.internal.ReadContentResponse;
import dev.spegel.oci.Digest;
import dev.spegel.oci.store.StoreException;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Content that comes over the socket as it is read, since its file can't be seen from here.
 *
 * <p>containerd sends up to 1 MiB a message, and the next only when that was taken: at most two messages and what HTTP/2 lets
 * through lie here. The connection is this channel's own, since one that isn't read would hold up whatever shares its window.
 * While a stream runs, containerd keeps the file open; so what is read from the start to the end is whole even if the content is
 * removed meanwhile. Going back, or skipping ahead, asks anew and fails if the content is gone.
 *
 * <p>Safe for use by many threads, one at a time.
 */
final class SocketChannel implements SeekableByteChannel {
    private final Digest digest;
    private final long sizeBytes;
    private final ManagedChannel connection;
    private final ScheduledExecutorService timer;
    private final Duration callLimit;
    private final ContainerdClient.FailureText failures;
    private final Runnable release;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean closed = new AtomicBoolean();
    private long position;
    private Context.@Nullable CancellableContext stream;
    private @Nullable Iterator<ReadContentResponse> messages;
    private ByteBuffer message = ByteBuffer.allocate(0);
    /** Where in the content the next byte of the stream is. */
    private long streamPosition;

    SocketChannel(
            Digest digest,
            long sizeBytes,
            ManagedChannel connection,
            ScheduledExecutorService timer,
            Duration callLimit,
            ContainerdClient.FailureText failures,
            Runnable release) {
        this.digest = digest;
        this.sizeBytes = sizeBytes;
        this.connection = connection;
        this.timer = timer;
        this.callLimit = callLimit;
        this.failures = failures;
        this.release = release;
    }

    /** Begins to read at the start. Returns false if the content isn't there. */
    boolean begin() throws StoreException {
        lock.lock();
        try {
            startStream(0);
            takeMessage();
            return true;
        } catch (StoreException e) {
            if (e.getCause() instanceof StatusRuntimeException status
                    && status.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return false;
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(ByteBuffer destination) throws IOException {
        lock.lock();
        try {
            requireOpen();
            if (position >= sizeBytes) {
                return -1;
            }
            if (!destination.hasRemaining()) {
                return 0;
            }
            if (messages == null || position != streamPosition) {
                startStream(position);
            }
            while (!message.hasRemaining()) {
                if (!takeMessage()) {
                    throw new StoreException("%s ends after %d bytes, though containerd says that it has %d"
                            .formatted(digest, streamPosition, sizeBytes));
                }
            }
            int count = Math.min(message.remaining(), destination.remaining());
            destination.put(message.slice(message.position(), count));
            message.position(message.position() + count);
            streamPosition += count;
            position = streamPosition;
            return count;
        } finally {
            lock.unlock();
        }
    }

    private void startStream(long from) {
        endStream();
        Context.CancellableContext context = Context.current().withCancellation();
        stream = context;
        ReadContentRequest request = ReadContentRequest.newBuilder()
                .setDigest(digest.toString())
                .setOffset(from)
                .build();
        Context before = context.attach();
        try {
            messages = ContentGrpc.newBlockingStub(connection).read(request);
        } finally {
            context.detach(before);
        }
        message = ByteBuffer.allocate(0);
        streamPosition = from;
    }

    /** Waits for the next message, but not for ever. Returns false at the end. */
    private boolean takeMessage() throws StoreException {
        Iterator<ReadContentResponse> running = messages;
        Context.CancellableContext context = stream;
        if (running == null || context == null) {
            throw new IllegalStateException("no stream was started");
        }
        Future<?> stalled = timer.schedule(
                () -> context.cancel(new TimeoutException("nothing came for " + callLimit)),
                callLimit.toNanos(),
                TimeUnit.NANOSECONDS);
        try {
            if (!running.hasNext()) {
                return false;
            }
            message = running.next().getData().asReadOnlyByteBuffer();
            return true;
        } catch (StatusRuntimeException e) {
            endStream();
            throw failures.of("read " + digest, e);
        } finally {
            stalled.cancel(false);
        }
    }

    private void endStream() {
        Context.CancellableContext running = stream;
        if (running != null) {
            running.cancel(null);
        }
        stream = null;
        messages = null;
        message = ByteBuffer.allocate(0);
    }

    @Override
    public long position() throws IOException {
        lock.lock();
        try {
            requireOpen();
            return position;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        if (newPosition < 0) {
            throw new IllegalArgumentException("a position isn't negative, got " + newPosition);
        }
        lock.lock();
        try {
            requireOpen();
            position = newPosition;
            return this;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return sizeBytes;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return !closed.get();
    }

    /** Doesn't wait for a read that is under way, which fails. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release.run();
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed.get()) {
            throw new ClosedChannelException();
        }
    }
}
