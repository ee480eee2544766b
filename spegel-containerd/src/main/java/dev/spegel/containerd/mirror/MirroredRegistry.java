package dev.spegel.containerd.mirror;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A registry whose images containerd shall look for on a mirror first.
 *
 * @param host as images name it, with its port: {@code docker.io}, {@code localhost:5000}, {@code [::1]:5000}; or {@code _default}
 * @param server where the registry itself is, which is asked last; none for {@code _default}, where containerd knows it
 */
public record MirroredRegistry(String host, Optional<String> server) {
    /** The directory that containerd takes for every registry that has none: containerd's docs/hosts.md. */
    static final String DEFAULT_HOST = "_default";

    /** All registries. */
    public static final MirroredRegistry ALL = new MirroredRegistry(DEFAULT_HOST, Optional.empty());

    private static final String DOCKER_HUB = "docker.io";
    private static final String DOCKER_HUB_SERVER = "https://registry-1.docker.io";

    /** Where Docker Hub is. Images name it docker.io, so a directory for one of these would never be looked into. */
    private static final Set<String> DOCKER_HUB_SERVERS = Set.of("registry-1.docker.io", "index.docker.io");

    public MirroredRegistry {
        requireNonNull(server, "server");
        if (host.isEmpty() || host.contains("/") || host.startsWith(".")) {
            throw new IllegalArgumentException("a registry is a host with its port, got " + Quoted.of(host));
        }
    }

    /**
     * Reads {@code https://ghcr.io}, {@code http://registry.lan:5000}, {@code docker.io} (which means {@code https://docker.io}), or
     * {@code *} or {@code _default} for all.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static MirroredRegistry parse(String text) {
        if (text.equals("*") || text.equals(DEFAULT_HOST)) {
            return ALL;
        }
        if (text.contains("*")) {
            throw new IllegalArgumentException(
                    "hosts.toml knows no patterns: a mirrored registry is one host, or * alone for all, got "
                            + Quoted.of(text));
        }
        RegistryUrl url = RegistryUrl.parse("a mirrored registry", text.contains("://") ? text : "https://" + text);
        if (DOCKER_HUB_SERVERS.contains(url.host())) {
            throw new IllegalArgumentException(
                    "images of Docker Hub are of docker.io: write that in place of " + Quoted.of(text));
        }
        String server = url.toString().equals("https://" + DOCKER_HUB) ? DOCKER_HUB_SERVER : url.toString();
        return new MirroredRegistry(url.authority(), Optional.of(server));
    }

    /** The directories that containerd looks for, the first that exists wins: {@code hostPaths} in its remotes/docker/config. */
    static List<String> directories(String host) {
        int colon = host.lastIndexOf(':');
        return colon > 0
                ? List.of(host.substring(0, colon) + "_" + host.substring(colon + 1) + "_", host, DEFAULT_HOST)
                : List.of(host, DEFAULT_HOST);
    }

    boolean isAll() {
        return host.equals(DEFAULT_HOST);
    }
}
