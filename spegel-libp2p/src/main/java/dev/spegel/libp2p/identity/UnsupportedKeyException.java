package dev.spegel.libp2p.identity;

import dev.spegel.libp2p.multiformats.MalformedException;

/** A peer has a well-formed key of a kind that can't be verified here. */
public final class UnsupportedKeyException extends MalformedException {
    private static final long serialVersionUID = 1L;

    UnsupportedKeyException(String message) {
        super(message);
    }
}
