package dev.spegel.routing;

import dev.spegel.oci.Quoted;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a peer's registry is, as an operator writes it: {@code host:port}, an IPv6 address in brackets.
 *
 * @param host a name or an IPv4 or IPv6 address, without brackets
 * @param port 1 to 65535
 */
public record PeerAddress(String host, int port) {
    /** RFC 3986, section 3.2.2, as far as it makes sense for a host of one's own. */
    private static final Pattern HOST_PORT = Pattern.compile(
            "(?:\\[(?<v6>[0-9A-Fa-f:.]{2,45}(?:%[0-9A-Za-z._-]{1,15})?)]|(?<host>[0-9A-Za-z_.-]{1,253})):"
                    + "(?<port>[0-9]{1,5})");

    public PeerAddress {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("a peer's address has a host, got an empty one");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("a peer's port is 1 to 65535, got " + port);
        }
    }

    /**
     * Reads {@code host:port}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static PeerAddress parse(String text) {
        Matcher matcher = HOST_PORT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a peer's address is host:port, IPv6 in brackets, got " + Quoted.of(text));
        }
        String host = matcher.group("v6") == null ? matcher.group("host") : matcher.group("v6");
        return new PeerAddress(host, Integer.parseInt(matcher.group("port")));
    }

    /** Returns {@code host:port}, an IPv6 address in brackets. */
    @Override
    public String toString() {
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}
