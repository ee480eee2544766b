package dev.spegel.registry;

import dev.spegel.routing.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A peer that gives content: the checked headers of its answer, and the body as it arrives. Used by one thread. */
final class Source implements AutoCloseable {
    private final PeerLoads.Use use;
    private final ContentHeaders headers;
    private final PeerClient.Answer answer;
    private final long askedNanos;

    /** @param askedNanos when the peer was asked, as {@link System#nanoTime} */
    Source(PeerLoads.Use use, ContentHeaders headers, PeerClient.Answer answer, long askedNanos) {
        this.use = use;
        this.headers = headers;
        this.answer = answer;
        this.askedNanos = askedNanos;
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
    int read(ByteBuffer target) throws IOException {
        long startNanos = System.nanoTime();
        int count = answer.read(target);
        use.moved(count, System.nanoTime() - startNanos);
        return count;
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
