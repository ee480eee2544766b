package dev.spegel.agent.pull;

import java.io.IOException;

/** An image can't be pulled: the mirror doesn't have it, doesn't answer, or sends something else. */
public class PullException extends IOException {
    private static final long serialVersionUID = 1L;

    PullException(String message) {
        super(message);
    }

    PullException(String message, Throwable cause) {
        super(message, cause);
    }
}
