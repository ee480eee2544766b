package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.yamux.ResetCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads what a peer says about itself up to the end of the stream. */
final class IdentifyReader implements StreamHandler {
    private final IdentifyDecoder decoder = new IdentifyDecoder();
    private final CompletableFuture<Identify> result = new CompletableFuture<>();

    /** Completes on the event loop; nothing of the stream is left to do then. */
    CompletableFuture<Identify> result() {
        return result;
    }

    @Override
    public void received(Stream stream, ByteBuffer bytes) {
        int count = bytes.remaining();
        try {
            decoder.read(bytes);
            stream.consumed(count);
        } catch (MalformedException e) {
            refuse(stream, e);
        }
    }

    @Override
    public void halfClosed(Stream stream) {
        try {
            Identify identify = decoder.end();
            stream.closeWrite();
            result.complete(identify);
        } catch (MalformedException e) {
            refuse(stream, e);
        }
    }

    @Override
    public void closed(Stream stream, Optional<StreamLostException> failure) {
        IOException reason =
                failure.isPresent() ? failure.get() : new IOException("the stream ended before all was said");
        result.completeExceptionally(reason);
    }

    private void refuse(Stream stream, MalformedException reason) {
        stream.reset(ResetCode.PROTOCOL_VIOLATION);
        result.completeExceptionally(new IOException("can't read what a peer says about itself", reason));
    }
}
