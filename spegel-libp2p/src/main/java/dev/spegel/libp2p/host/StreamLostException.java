package dev.spegel.libp2p.host;

import java.io.IOException;

/** A stream that was open has ended out of order: the peer reset it, or the connection is gone. */
public final class StreamLostException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param message what happened, and with whom */
    public StreamLostException(String message) {
        super(message);
    }
}
