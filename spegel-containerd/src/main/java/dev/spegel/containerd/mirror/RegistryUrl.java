package dev.spegel.containerd.mirror;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a registry: {@code http} or {@code https}, a host, perhaps a port, and nothing else.
 *
 * @param host a name or an address, IPv6 in brackets
 */
record RegistryUrl(String scheme, String host, Optional<Integer> port) {
    /** RFC 3986, section 3.2.2. No user, path, query or fragment: the Go implementation refuses them too. */
    private static final Pattern GRAMMAR = Pattern.compile(
            "(?<scheme>https?)://(?:\\[(?<v6>[0-9A-Fa-f:.]{2,45})]|(?<bare6>[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]{0,43})(?=:[0-9]{1,5}$)"
                    + "|(?<name>[0-9A-Za-z](?:[0-9A-Za-z.-]{0,251}[0-9A-Za-z])?))(?::(?<port>[0-9]{1,5}))?");

    RegistryUrl {
        requireNonNull(scheme, "scheme");
        requireNonNull(host, "host");
        requireNonNull(port, "port");
    }

    /**
     * Reads one.
     *
     * <p>The brackets of an IPv6 address may be missing if a port follows: Helm charts write {@code http://$(NODE_IP):30020}.
     *
     * @param what names it in the message: "a mirror target"
     * @throws IllegalArgumentException if the text has another form
     */
    static RegistryUrl parse(String what, String text) {
        Matcher url = GRAMMAR.matcher(text);
        if (!url.matches()) {
            throw new IllegalArgumentException(what
                    + " is http:// or https:// with a host, a port if need be, and no path, got " + Quoted.of(text));
        }
        String v6 = url.group("v6") == null ? url.group("bare6") : url.group("v6");
        if (v6 != null && !isIpv6(v6)) {
            throw new IllegalArgumentException(what + " has an IPv6 address in brackets, got " + Quoted.of(text));
        }
        Optional<Integer> port = Optional.ofNullable(url.group("port")).map(Integer::valueOf);
        if (port.filter(number -> number < 1 || number > 65535).isPresent()) {
            throw new IllegalArgumentException("the port of " + what + " is 1 to 65535, got " + Quoted.of(text));
        }
        return new RegistryUrl(url.group("scheme"), v6 == null ? url.group("name") : "[" + v6 + "]", port);
    }

    private static boolean isIpv6(String text) {
        try {
            return text.contains(":")
                    && InetAddress.getByName("[" + text + "]") != null; // in brackets: no name service is asked
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** {@code host} or {@code host:port}, as images name a registry. */
    String authority() {
        return port.map(number -> host + ":" + number).orElse(host);
    }

    @Override
    public String toString() {
        return scheme + "://" + authority();
    }
}
