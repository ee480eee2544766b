package dev.spegel.registry;

import java.io.IOException;

/** The client doesn't take the answer any more. Normal: containerd's parallel fetch hangs up early all the time. */
final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGoneException(IOException cause) {
        super("the client is gone: " + cause.getMessage(), cause);
    }
}
