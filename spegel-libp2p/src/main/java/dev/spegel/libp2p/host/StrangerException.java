package dev.spegel.libp2p.host;

import java.io.IOException;

/** The other side doesn't belong to this node's network: one of them has a pre-shared key that the other has not. */
final class StrangerException extends IOException {
    private static final long serialVersionUID = 1;

    StrangerException(String message) {
        super(message);
    }
}
