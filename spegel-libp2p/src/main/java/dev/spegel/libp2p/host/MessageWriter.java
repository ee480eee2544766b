package dev.spegel.libp2p.host;

import dev.spegel.libp2p.yamux.ResetCode;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Writes one message to a stream and ends it; what the peer may have to say is of no interest. */
final class MessageWriter implements StreamHandler {
    private final ByteBuffer message;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    MessageWriter(byte[] message) {
        this.message = ByteBuffer.wrap(message);
    }

    /** Completes when the stream has ended, in whatever way. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** To be called once, with the open stream. */
    void write(Stream stream) {
        stream.write(message);
        if (!message.hasRemaining()) {
            stream.closeWrite();
        }
    }

    @Override
    public void writable(Stream stream) {
        write(stream);
    }

    @Override
    public void received(Stream stream, ByteBuffer bytes) {
        stream.reset(ResetCode.PROTOCOL_VIOLATION);
        ended.complete(null);
    }

    @Override
    public void halfClosed(Stream stream) {
        // A peer may end its side before it has read this one.
    }

    @Override
    public void closed(Stream stream, Optional<StreamLostException> failure) {
        ended.complete(null);
    }
}
