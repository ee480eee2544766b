package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multistream.LazyNegotiation;
import dev.spegel.libp2p.multistream.Negotiation;
import dev.spegel.libp2p.yamux.ResetCode;
import dev.spegel.libp2p.yamux.YamuxStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * A stream that this side has opened. The proposal leaves at the end of the turn of the event loop in which that was, and with it,
 * in one frame, what the user of a stream of a known protocol writes at once. It doesn't wait longer for that: a user who only
 * reads, or is slow to write, has the peer's word sooner this way.
 */
final class OutboundStream extends MuxedStream {
    private final String protocol;
    private final StreamHandler handler;
    private final LazyNegotiation negotiation;
    private final CompletableFuture<Stream> opened = new CompletableFuture<>();

    OutboundStream(YamuxConnection connection, YamuxStream yamux, String protocol, StreamHandler handler) {
        super(connection, yamux);
        this.protocol = protocol;
        this.handler = handler;
        negotiation = new LazyNegotiation(protocol);
    }

    /** @param known whether the stream is there at once, and not only when the peer has agreed */
    CompletableFuture<Stream> open(boolean known) {
        say(negotiation.prefix());
        if (known) {
            give();
        } else {
            var unused = opened.whenComplete((stream, failure) -> {
                if (failure instanceof CancellationException) {
                    executor().execute(() -> reset(ResetCode.UNSPECIFIED));
                }
            });
        }
        return opened;
    }

    private void give() {
        handOver(handler);
        opened.complete(this);
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    Negotiation.Step negotiate(ByteBuffer bytes) {
        return negotiation.receive(bytes);
    }

    @Override
    void endNegotiation() {
        negotiation.endOfInput();
    }

    @Override
    void agreed(String agreement) {
        if (!opened.isDone()) {
            give();
        }
    }

    @Override
    void failed(String why) {
        opened.completeExceptionally(new IOException("open %s: %s".formatted(this, why)));
    }
}
