package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** A user name and a password for basic authentication, RFC 7617; by itself, {@link Credentials} that stay as they are. */
public record BasicCredentials(String user, String password) implements Credentials {
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

    @Override
    public List<BasicCredentials> accepted() {
        return List.of(this);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "BasicCredentials[user=" + user + "]";
    }
}
