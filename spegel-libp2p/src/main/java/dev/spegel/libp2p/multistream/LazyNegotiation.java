package dev.spegel.libp2p.multistream;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Opens a stream for a protocol that the peer is known to speak, without waiting for its word: the proposal leaves in the same
 * write as the first bytes of the protocol, which saves a round trip.
 *
 * <p>Put {@link #prefix} before whatever is written; hand what arrives to {@link #receive} as in {@link Negotiation}. If the
 * answer is {@link Negotiation.Refused}, what was written after the proposal is lost and the stream is to be reset. If the
 * stream is closed before anything was written, the prefix is to be written still: the peer waits for a proposal.
 *
 * <p>For one thread.
 */
public final class LazyNegotiation {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final Negotiation negotiation;
    private boolean prefixTaken;

    /** @throws IllegalArgumentException if {@code protocol} isn't 1 to 1023 printable ASCII characters */
    public LazyNegotiation(String protocol) {
        negotiation = Negotiation.propose(List.of(protocol));
    }

    /** What goes before the next bytes: the proposal at the first call, nothing later. Read-only. */
    public ByteBuffer prefix() {
        if (prefixTaken) {
            return NOTHING.duplicate();
        }
        prefixTaken = true;
        return negotiation.opening();
    }

    /**
     * Reads the peer's answer, and no byte after it.
     *
     * @throws MultistreamException if the peer doesn't keep to multistream-select
     * @throws IllegalStateException if the answer was complete already
     */
    public Negotiation.Step receive(ByteBuffer in) {
        return negotiation.receive(in);
    }

    /**
     * Says that the peer has ended its side and nothing more arrives.
     *
     * @throws MultistreamException if it ended before its answer was complete
     */
    public void endOfInput() {
        negotiation.endOfInput();
    }
}
