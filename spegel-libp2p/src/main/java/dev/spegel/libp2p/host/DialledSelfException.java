package dev.spegel.libp2p.host;

import java.io.IOException;

/** A dial has reached the node that dialled. */
public final class DialledSelfException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param message which address it was */
    public DialledSelfException(String message) {
        super(message);
    }
}
