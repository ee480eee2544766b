package dev.spegel.libp2p.identity;

import java.io.IOException;

/**
 * Somebody else than was expected answered. When this is thrown the other's key has been seen but not necessarily proved; to
 * dial again and expect {@link #actual} proves it.
 */
public final class PeerIdMismatchException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient PeerId expected;
    private final transient PeerId actual;

    /** Both IDs end up in the message. */
    public PeerIdMismatchException(PeerId expected, PeerId actual) {
        super("expected to meet peer %s, met %s".formatted(expected, actual));
        this.expected = expected;
        this.actual = actual;
    }

    /** Whom the caller wanted to reach. */
    public PeerId expected() {
        return expected;
    }

    /** Who claims to be there. */
    public PeerId actual() {
        return actual;
    }
}
