package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.RotatingCredentials;
import java.time.Duration;
import java.util.Optional;

/**
 * What an agent keeps in step with files while it runs.
 *
 * @param basicAuth where its credentials come from, if they can be replaced
 * @param interval how often it looks
 */
public record Upkeep(Optional<BasicAuth> basicAuth, Duration interval) {
    /** Reading two small files costs nothing beside the minute or two that a changed secret takes to a node. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);

    /**
     * How long replaced credentials stay good. The kubelet brings a changed secret to a node within its sync period, 1 min, and the
     * lifetime of its cache, another: so after 2 min all nodes have it. The rest is for clients that are
     * told later, and for a node that is busy or cut off for a while.
     */
    public static final Duration GRACE = Duration.ofMinutes(10);

    /** Nothing changes. */
    public static final Upkeep NONE = new Upkeep(Optional.empty(), DEFAULT_INTERVAL);

    public Upkeep {
        requireNonNull(basicAuth, "basicAuth");
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval must be positive, got " + interval);
        }
    }

    public Upkeep withBasicAuth(BasicAuth newBasicAuth) {
        return new Upkeep(Optional.of(newBasicAuth), interval);
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
