package dev.spegel.agent.inspect;

import java.io.IOException;

/** There is no agent where one was asked. */
public final class AgentAbsentException extends IOException {
    private static final long serialVersionUID = 1L;

    AgentAbsentException(String message) {
        super(message);
    }

    AgentAbsentException(String message, Throwable cause) {
        super(message, cause);
    }
}
