package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.registry.RegistryConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * All that an agent must be told.
 *
 * @param registryAddress where to serve the registry; port 0 lets the system choose
 * @param metricsAddress where to serve metrics; port 0 lets the system choose
 * @param tls for the registry, from and to other nodes; empty for plain HTTP
 * @param shutdownGrace how long transfers may go on after {@link Agent#close()}
 * @param debugWeb whether to serve the debug page beside the metrics
 * @param upkeep what it keeps in step with files
 */
public record AgentConfig(
        InetSocketAddress registryAddress,
        InetSocketAddress metricsAddress,
        StoreConfig store,
        RouterConfig router,
        RegistryConfig registry,
        Optional<TlsConfig> tls,
        Duration shutdownGrace,
        boolean debugWeb,
        Upkeep upkeep) {
    /**
     * What Kubernetes gives a pod between SIGTERM and SIGKILL ({@code terminationGracePeriodSeconds}) unless told otherwise: to wait
     * longer would be of no use there.
     */
    public static final Duration DEFAULT_SHUTDOWN_GRACE = Duration.ofSeconds(30);

    public AgentConfig {
        requireResolved(registryAddress, "registryAddress");
        requireResolved(metricsAddress, "metricsAddress");
        requireNonNull(store, "store");
        requireNonNull(router, "router");
        requireNonNull(registry, "registry");
        requireNonNull(tls, "tls");
        requireNonNull(upkeep, "upkeep");
        if (shutdownGrace.isNegative() || shutdownGrace.isZero()) {
            throw new IllegalArgumentException("shutdownGrace must be positive, got " + shutdownGrace);
        }
    }

    /** Nothing changes while it runs. */
    public AgentConfig(
            InetSocketAddress registryAddress,
            InetSocketAddress metricsAddress,
            StoreConfig store,
            RouterConfig router,
            RegistryConfig registry,
            Optional<TlsConfig> tls,
            Duration shutdownGrace,
            boolean debugWeb) {
        this(registryAddress, metricsAddress, store, router, registry, tls, shutdownGrace, debugWeb, Upkeep.NONE);
    }

    /** With the debug page, without TLS, and nothing changes while it runs. */
    public AgentConfig(
            InetSocketAddress registryAddress,
            InetSocketAddress metricsAddress,
            StoreConfig store,
            RouterConfig router,
            RegistryConfig registry,
            Duration shutdownGrace) {
        this(registryAddress, metricsAddress, store, router, registry, Optional.empty(), shutdownGrace, true);
    }

    private static void requireResolved(InetSocketAddress address, String name) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(name + " must be resolved, got " + address);
        }
    }
}
