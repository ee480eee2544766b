package dev.spegel.registry;

import dev.spegel.routing.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.LongConsumer;

/** A peer that gives content: the checked headers of its answer, and the body as it arrives. Used by one thread. */
final class Source implements AutoCloseable {
    private final PeerLoads.Use use;
    private final ContentHeaders headers;
    private final PeerClient.Answer answer;
    private final long askedNanos;
    private final Duration limit;
    private final boolean replaceable;
    private final LongConsumer received;

    /**
     * @param askedNanos when the peer was asked, as {@link System#nanoTime}
     * @param limit how long it may make no progress
     * @param replaceable whether that is short, since another peer could go on instead
     * @param received is told of the bytes that come
     */
    Source(
            PeerLoads.Use use,
            ContentHeaders headers,
            PeerClient.Answer answer,
            long askedNanos,
            Duration limit,
            boolean replaceable,
            LongConsumer received) {
        this.use = use;
        this.headers = headers;
        this.answer = answer;
        this.askedNanos = askedNanos;
        this.limit = limit;
        this.replaceable = replaceable;
        this.received = received;
    }

    Peer peer() {
        return use.peer();
    }

    ContentHeaders headers() {
        return headers;
    }

    /** Where the peer was reached. */
    InetSocketAddress address() {
        return answer.address();
    }

    long askedNanos() {
        return askedNanos;
    }

    /** Reads at least one byte; what it throws, {@link PeerClient.Answer#read} says. */
    long read(Piece piece) throws IOException {
        long startNanos = System.nanoTime();
        long count = answer.read(piece.buffers(), limit);
        use.moved(count, System.nanoTime() - startNanos);
        received.accept(count);
        return count;
    }

    /** Whether this failure means that it was left before its time, and so may be asked again. */
    boolean leftEarly(IOException failure) {
        return replaceable && failure instanceof SocketTimeoutException;
    }

    /** Notes that the body broke off or stalled. */
    void broke() {
        use.troubled();
    }

    /** Closing twice is harmless. */
    @Override
    public void close() {
        answer.close();
        use.close();
    }
}
