package dev.spegel.containerd.mirror;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** containerd's mirror configuration can't be read, or can't be changed. The message names the file. */
public final class MirrorConfigurationException extends IOException {
    private static final long serialVersionUID = 1L;

    MirrorConfigurationException(String message) {
        super(message);
    }

    private MirrorConfigurationException(String message, IOException cause) {
        super(message, cause);
    }

    /** @param attempted what was tried, with the file, as in {@code write "/etc/x"} */
    static MirrorConfigurationException because(String attempted, IOException cause) {
        return cause instanceof MirrorConfigurationException already
                ? already
                : new MirrorConfigurationException(attempted + ": " + reason(cause), cause);
    }

    /** The messages of these exceptions are just the file's name. */
    private static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NoSuchFileException) {
            return "there is no such file or directory";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "something is there already";
        }
        if (failure instanceof NotDirectoryException) {
            return "that is no directory";
        }
        if (failure instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return String.valueOf(failure.getMessage());
    }
}
