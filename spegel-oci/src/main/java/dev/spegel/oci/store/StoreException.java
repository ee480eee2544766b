package dev.spegel.oci.store;

import java.io.IOException;

/** A content store failed: its disk, its socket, its process. Not for content that isn't there. */
public class StoreException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param message what was attempted, and why it failed */
    public StoreException(String message) {
        super(message);
    }

    /** @param message what was attempted */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
