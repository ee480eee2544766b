package dev.spegel.routing;

import java.io.IOException;

/** The network of routers can't be reached, or refused what was asked. */
public class RoutingException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param message what was attempted, and why it failed */
    public RoutingException(String message) {
        super(message);
    }

    /** @param message what was attempted */
    public RoutingException(String message, Throwable cause) {
        super(message, cause);
    }
}
