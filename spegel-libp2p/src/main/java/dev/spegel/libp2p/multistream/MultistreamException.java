package dev.spegel.libp2p.multistream;

import dev.spegel.libp2p.multiformats.MalformedException;

/** The peer didn't keep to multistream-select: a token too long, not ended, or not expected. The connection or stream is of no use. */
public final class MultistreamException extends MalformedException {
    private static final long serialVersionUID = 1L;

    MultistreamException(String message) {
        super(message);
    }
}
