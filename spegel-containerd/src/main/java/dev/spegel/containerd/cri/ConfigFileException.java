package dev.spegel.containerd.cri;

import java.io.IOException;

/** containerd's configuration can't be read, or can't be read with certainty. The message names the file. */
public final class ConfigFileException extends IOException {
    private static final long serialVersionUID = 1L;

    ConfigFileException(String message) {
        super(message);
    }

    ConfigFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
