package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.mirror.MirrorConfiguration;
import dev.spegel.routing.RotatingCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What an agent keeps in step with files while it runs.
 *
 * @param basicAuth where its credentials come from, if they can be replaced
 * @param mirrors what containerd is told, which includes the credentials
 * @param interval how often it looks
 */
public record Upkeep(Optional<BasicAuth> basicAuth, Optional<Mirrors> mirrors, Duration interval) {
    /** Reading a few small files costs nothing beside the minute or two that a changed secret takes to a node. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);

    /**
     * How long replaced credentials stay good. The kubelet brings a changed secret to a node within its sync period, 1 min, and the
     * lifetime of its cache, another: so after 2 min all nodes have it. The rest is for containerd, which
     * is told after 4 min, and for a node that is busy or cut off for a while.
     */
    public static final Duration GRACE = Duration.ofMinutes(10);

    /** Nothing changes. */
    public static final Upkeep NONE = new Upkeep(Optional.empty(), Optional.empty(), DEFAULT_INTERVAL);

    public Upkeep {
        requireNonNull(basicAuth, "basicAuth");
        requireNonNull(mirrors, "mirrors");
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval must be positive, got " + interval);
        }
    }

    /**
     * The mirrors that containerd asks, written at the start and whenever other credentials are due.
     *
     * @param directory containerd's {@code config_path}
     * @param configuration without credentials
     */
    public record Mirrors(Path directory, MirrorConfiguration configuration) {
        public Mirrors {
            requireNonNull(directory, "directory");
            requireNonNull(configuration, "configuration");
        }
    }

    /**
     * Credentials that follow files.
     *
     * @param credentials those of the registry, which change with the files
     */
    public record BasicAuth(BasicAuthFiles files, RotatingCredentials credentials) {
        public BasicAuth {
            requireNonNull(files, "files");
            requireNonNull(credentials, "credentials");
        }
    }
}
