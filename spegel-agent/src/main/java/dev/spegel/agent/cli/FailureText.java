package dev.spegel.agent.cli;

import java.io.IOException;
import java.net.SocketException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What failed, in one line for people: what was attempted, and why it failed. */
final class FailureText {
    /** More only repeats itself. */
    private static final int MAX_CAUSES = 4;

    private FailureText() {}

    static String of(IOException failure) {
        StringBuilder text = new StringBuilder(own(failure));
        Throwable cause = failure.getCause();
        for (int depth = 0; depth < MAX_CAUSES && cause instanceof IOException why; depth++) {
            // What came from a connection our messages tell in words of their own, and most others tell the reason
            // already.
            boolean isNews =
                    why.getMessage() != null && !(why instanceof SocketException) && text.indexOf(own(why)) < 0;
            if (isNews) {
                text.append(": ").append(own(why));
            }
            cause = why.getCause();
        }
        return text.toString().replaceAll("\\s*\\R\\s*", " ");
    }

    /** The messages of Java's own exceptions on files are only paths. */
    private static String own(IOException failure) {
        if (failure instanceof FileSystemException file && file.getReason() == null) {
            if (file instanceof NoSuchFileException) {
                return "there is no " + file.getFile();
            }
            if (file instanceof AccessDeniedException) {
                return file.getFile() + ": permission denied";
            }
            if (file instanceof FileAlreadyExistsException) {
                return file.getFile() + " is there already";
            }
        }
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }
}
