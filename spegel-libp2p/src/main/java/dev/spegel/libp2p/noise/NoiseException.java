package dev.spegel.libp2p.noise;

import java.io.IOException;

/**
 * A remote broke the rules of Noise, couldn't prove who it is, or sent what its key doesn't authenticate. Noise has no alerts:
 * all that's left to do is to close the connection.
 */
public final class NoiseException extends IOException {
    private static final long serialVersionUID = 1L;

    NoiseException(String message) {
        super(message);
    }

    NoiseException(String message, Throwable cause) {
        super(message, cause);
    }
}
