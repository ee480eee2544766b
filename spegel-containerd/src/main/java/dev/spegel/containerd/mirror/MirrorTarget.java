package dev.spegel.containerd.mirror;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.util.Set;

/**
 * A mirror that containerd shall ask: the agent of this node, or another.
 *
 * @param url {@code http://10.0.0.1:30020}, {@code http://[fd00::1]:30020}
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
     * Reads a URL; the brackets of an IPv6 address may be missing, as in {@code http://fd00::1:30020}.
     *
     * @throws IllegalArgumentException unless it is {@code http} or {@code https}, a host, and perhaps a port
     */
    public static MirrorTarget parse(String text) {
        return new MirrorTarget(RegistryUrl.parse("a mirror target", text).toString());
    }
}
