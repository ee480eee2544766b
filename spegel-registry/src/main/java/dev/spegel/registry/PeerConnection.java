package dev.spegel.registry;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;

/**
 * A TCP connection that blocks, with limits. A blocking channel is the fastest way to move bytes here, but knows no timeouts: so each
 * call sets a time by which it must be done, and a task on a shared timer closes the channel if it isn't.
 *
 * <p>Used by one thread at a time; closed from any.
 */
final class PeerConnection implements AutoCloseable {
    private static final long NONE = Long.MAX_VALUE;

    /** Its time was up, and the timer closes the channel. */
    private static final long PASSED = Long.MIN_VALUE;

    private final InetSocketAddress address;
    private final SocketChannel channel;
    private final ScheduledExecutorService timer;
    /** By when the call under way must be done. */
    private final AtomicLong endNanos = new AtomicLong(NONE);
    /** When the timer looks next. */
    private volatile long checkNanos = NONE;

    private Wire wire;
    private long idleSinceNanos;

    private PeerConnection(InetSocketAddress address, SocketChannel channel, ScheduledExecutorService timer) {
        this.address = address;
        this.channel = channel;
        this.timer = timer;
        wire = new Plain(channel);
    }

    static PeerConnection open(InetSocketAddress address, Duration limit, ScheduledExecutorService timer)
            throws IOException {
        PeerConnection connection = new PeerConnection(address, SocketChannel.open(), timer);
        try {
            connection.within(limit, () -> connection.channel.connect(address) ? 0 : -1);
            return connection;
        } catch (IOException e) {
            connection.close();
            throw new IOException("connect to %s: %s".formatted(address, e.getMessage()), e);
        }
    }

    /** Speaks TLS from here on; the peer's certificate must be for the address, or what the context wants instead. */
    void secure(SSLContext context, Duration limit) throws IOException {
        within(limit, () -> {
            wire = TlsWire.handshake(channel.socket(), address, context);
            return 0;
        });
    }

    InetSocketAddress address() {
        return address;
    }

    void write(ByteBuffer bytes, Duration limit) throws IOException {
        while (bytes.hasRemaining()) {
            within(limit, () -> wire.write(bytes));
        }
    }

    /** Reads at least one byte; {@code limit} is from now. */
    long read(ByteBuffer[] targets, Duration limit) throws IOException {
        long count = within(limit, () -> wire.read(targets));
        if (count < 0) {
            throw new EOFException("the peer closed the connection");
        }
        return count;
    }

    void markIdle(long nowNanos) {
        idleSinceNanos = nowNanos;
    }

    boolean idleLongerThan(Duration limit, long nowNanos) {
        return nowNanos - idleSinceNanos > limit.toNanos();
    }

    /** Whether the peer has neither closed this idle connection nor sent what nobody asked for, be it encrypted. */
    boolean isStillClean() {
        try {
            channel.configureBlocking(false);
            int count = channel.read(ByteBuffer.allocate(1));
            channel.configureBlocking(true);
            return count == 0;
        } catch (IOException e) {
            return false; // reset by the peer, which is an answer too
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is lost: all that was wanted from this connection has been read, or given up.
        }
    }

    private long within(Duration limit, IoCall call) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        endNanos.set(end);
        // Mostly a check is due before that, and looks again when it comes: so a read of a long body costs no new task.
        if (checkNanos == NONE || end - checkNanos < 0) {
            scheduleCheck(end);
        }
        long result;
        try {
            result = call.run();
        } catch (IOException e) {
            if (!endNanos.compareAndSet(end, NONE)) {
                throw timeout(limit);
            }
            throw e;
        }
        if (!endNanos.compareAndSet(end, NONE)) { // it was done in the moment in which its time was up
            throw timeout(limit);
        }
        return result;
    }

    private static SocketTimeoutException timeout(Duration limit) {
        return new SocketTimeoutException("no progress for " + limit.toMillis() + " ms");
    }

    @SuppressWarnings("FutureReturnValueIgnored") // check() throws nothing that one would want to see
    private void scheduleCheck(long atNanos) {
        checkNanos = atNanos;
        try {
            timer.schedule(this::check, atNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            close(); // the client is closed; the call under way breaks
        }
    }

    /** Runs on the timer. */
    private void check() {
        checkNanos = NONE; // before endNanos is read: who sets that meanwhile then sees that no check is due
        long end = endNanos.get();
        if (end != NONE && end != PASSED) {
            if (end - System.nanoTime() > 0) {
                scheduleCheck(end);
            } else if (endNanos.compareAndSet(end, PASSED)) {
                close();
            }
        }
    }

    private interface IoCall {
        long run() throws IOException;
    }

    /** What bytes pass through on their way. */
    interface Wire {
        /** Reads at least one byte, if the targets have room; -1 at the end. */
        long read(ByteBuffer[] targets) throws IOException;

        /** Writes at least one byte, if there is one. */
        long write(ByteBuffer bytes) throws IOException;
    }

    private record Plain(SocketChannel channel) implements Wire {
        @Override
        public long read(ByteBuffer[] targets) throws IOException {
            return channel.read(targets);
        }

        @Override
        public long write(ByteBuffer bytes) throws IOException {
            return channel.write(bytes);
        }
    }
}
