package dev.spegel.registry;

import dev.spegel.routing.Peer;
import dev.spegel.routing.PeerLoads;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A peer that gives content: the checked headers of its answer, and the body as it arrives. */
final class Source implements AutoCloseable {
    private final Peer peer;
    private final ContentHeaders headers;
    private final PeerClient.Answer answer;
    private final PeerLoads.Use use;

    Source(Peer peer, ContentHeaders headers, PeerClient.Answer answer, PeerLoads.Use use) {
        this.peer = peer;
        this.headers = headers;
        this.answer = answer;
        this.use = use;
    }

    Peer peer() {
        return peer;
    }

    ContentHeaders headers() {
        return headers;
    }

    /** Reads at least one byte; what it throws, {@link PeerClient.Answer#read} says. */
    int read(ByteBuffer target) throws IOException {
        return answer.read(target);
    }

    /** Closing twice is harmless. */
    @Override
    public void close() {
        answer.close();
        use.close();
    }
}
