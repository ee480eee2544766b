package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multistream.Negotiation;
import dev.spegel.libp2p.yamux.ResetCode;
import dev.spegel.libp2p.yamux.YamuxStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream that the peer has opened, for one of the protocols that are served here. */
final class InboundStream extends MuxedStream {
    private static final Logger log = LoggerFactory.getLogger(InboundStream.class);

    private final Map<String, Function<Stream, StreamHandler>> handlers;
    private final Negotiation negotiation;
    private String protocol = "no protocol yet";

    InboundStream(
            YamuxConnection connection, YamuxStream yamux, Map<String, Function<Stream, StreamHandler>> handlers) {
        super(connection, yamux);
        this.handlers = handlers;
        negotiation = Negotiation.answer(handlers.keySet());
    }

    /** Speaks first, as the specification lets both sides do: some diallers wait for it. */
    void open() {
        say(negotiation.opening());
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
        protocol = agreement;
        Function<Stream, StreamHandler> maker = handlers.get(agreement);
        if (maker == null) {
            throw new IllegalStateException("agreed on what isn't served: " + agreement);
        }
        try {
            handOver(maker.apply(this));
        } catch (RuntimeException e) {
            log.error("a fault of this side ends {}", this, e);
            reset(ResetCode.UNSPECIFIED);
        }
    }

    @Override
    void failed(String why) {
        log.debug("{} ended: {}", this, why);
    }
}
