package dev.spegel.containerd.mirror;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.util.Set;

/**
 * A mirror that containerd shall ask: the agent of this node, or another.
 *
 * <p>An IPv6 address may be in brackets or not, and is written as it is here. Without them, as in {@code http://fd00::1:30020}, all releases
 * from 1.6 on that we tried take it; the TOML parser of 1.6 and 1.7 refuses brackets in the name of a table, so that containerd ignores the
 * file. With them it is a URL by RFC 3986, and the form to take where containerd is so new that it insists on that.
 *
 * @param url {@code http://10.0.0.1:30020}, {@code http://fd00::1:30020}
 */
public record MirrorTarget(String url) {
    /** Addresses to listen on, not to connect to. */
    private static final Set<String> UNSPECIFIED = Set.of("0.0.0.0", "[::]");

    public MirrorTarget {
        requireNonNull(url, "url");
        RegistryUrl parsed = RegistryUrl.parse("a mirror target", url);
        if (UNSPECIFIED.contains(parsed.host())) {
            throw new IllegalArgumentException(
                    "a mirror target is an address that can be connected to, got " + Quoted.of(url));
        }
    }

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException unless it is {@code http} or {@code https}, a host, and perhaps a port
     */
    public static MirrorTarget parse(String text) {
        return new MirrorTarget(text);
    }

    /** With brackets where they belong, so that two ways to write one address are the same. */
    public String canonicalUrl() {
        return RegistryUrl.parse("a mirror target", url).toString();
    }

    boolean isEncrypted() {
        return canonicalUrl().startsWith("https://");
    }
}
