package dev.spegel.libp2p.multistream;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/**
 * One side of agreeing on a protocol: bytes in, bytes out.
 *
 * <p>Send {@link #opening} at once, without waiting for the peer, as some listeners speak only after the dialler. Hand what
 * arrives to {@link #receive} until it answers {@link Agreed} or {@link Refused}; send what each step says. It never takes a
 * byte that belongs to the protocol agreed on: what is left in the buffer is for the next layer.
 *
 * <p>Has no deadline of its own; the caller needs one (go-libp2p: 10 s for a stream, 15 s for a connection). For one thread.
 */
public sealed interface Negotiation permits DialerNegotiation, ListenerNegotiation {
    /**
     * The side that proposes, most wanted first. All of them can be refused.
     *
     * @throws IllegalArgumentException if there is none, one appears twice, or one isn't 1 to 1023 printable ASCII characters
     */
    static Negotiation propose(List<String> protocols) {
        return new DialerNegotiation(protocols);
    }

    /**
     * The side that answers; protocols match if they are equal, character by character. It never answers {@link Refused}: the
     * peer may always propose something else, up to {@value ListenerNegotiation#MAX_PROPOSALS} times.
     *
     * @throws IllegalArgumentException if there is none, or one isn't 1 to 1023 printable ASCII characters
     */
    static Negotiation answer(Collection<String> protocols) {
        return new ListenerNegotiation(protocols);
    }

    /** What to send first; read-only, the same at each call. */
    ByteBuffer opening();

    /**
     * Reads as many tokens as there are, up to the agreement.
     *
     * @throws MultistreamException if the peer doesn't keep to the protocol; the negotiation is over
     * @throws IllegalStateException if the negotiation was over already
     */
    Step receive(ByteBuffer in);

    /**
     * Says that the peer has ended its side and nothing more arrives.
     *
     * @throws MultistreamException if the negotiation isn't over
     */
    void endOfInput();

    /** Where the negotiation stands. */
    sealed interface Step {
        /** What to send now, perhaps nothing; read-only. */
        ByteBuffer toSend();
    }

    /** All input was taken and more is needed. */
    record Pending(ByteBuffer toSend) implements Step {}

    /** Both sides speak {@code protocol} from here on, after {@code toSend}. */
    record Agreed(String protocol, ByteBuffer toSend) implements Step {}

    /** The peer speaks none of the protocols proposed. */
    record Refused() implements Step {
        @Override
        public ByteBuffer toSend() {
            return ByteBuffer.allocate(0);
        }
    }
}
