package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a node shows when it asks a peer's registry that wants basic authentication: RFC 7617. */
public record BasicCredentials(String user, String password) {
    public BasicCredentials {
        requireNonNull(password, "password");
        if (user.contains(":")) {
            throw new IllegalArgumentException("a user name has no colon (RFC 7617, section 2), but one was given");
        }
    }

    /** The value of an {@code Authorization} header. */
    public String headerValue() {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "BasicCredentials[user=" + user + "]";
    }
}
