package dev.spegel.libp2p.host;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Quoted;
import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.libp2p.yamux.YamuxConfig;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * How a {@link Host} behaves.
 *
 * @param listen where to listen; empty only dials. The unspecified address stands for all of the machine's, port 0 for any
 * @param announced makes of the addresses that are bound those that peers are told. Of an unspecified address these are the
 *     machine's own but for loopback and link-local ones
 * @param agentVersion what peers are told of this program, at most {@link #MAX_AGENT_VERSION_BYTES}; may be empty
 * @param security ways of securing a connection, most wanted first; at least one
 * @param preSharedKey makes this a host of a private network: whoever hasn't the key can't connect. Noise and TLS are spoken within
 * @param maxConnections beyond that none is accepted, and idle ones are closed down to {@code keptConnections}
 * @param keptConnections see {@code maxConnections}
 * @param maxConnectionsPerPeer in both directions together
 * @param maxPendingConnections how many accepted connections may be in the making
 * @param dialLimit how long a dial may take, address by address, with private addresses
 * @param remoteDialLimit the same with public addresses
 * @param streamLimit how long it may take to agree on a stream's protocol, and to identify
 * @param yamux how streams behave
 */
public record HostConfig(
        List<InetSocketAddress> listen,
        UnaryOperator<List<Multiaddr>> announced,
        String agentVersion,
        List<Security> security,
        Optional<PreSharedKey> preSharedKey,
        int maxConnections,
        int keptConnections,
        int maxConnectionsPerPeer,
        int maxPendingConnections,
        Duration dialLimit,
        Duration remoteDialLimit,
        Duration streamLimit,
        YamuxConfig yamux) {
    /** A way of securing a connection. */
    public enum Security {
        /** Noise XX: one round trip less than {@link #TLS} with most peers. */
        NOISE,
        /** TLS 1.3 with a certificate that the peer's key vouches for. */
        TLS
    }

    /**
     * Of the agent version in UTF-8: what a name and a version need. With the most addresses and protocols that a host tells it still
     * fits into a message of 8192 bytes, the longest that peers read.
     */
    public static final int MAX_AGENT_VERSION_BYTES = 256;

    /**
     * Noise, then TLS; 192, 160 and 8 connections as go-libp2p (config/config.go, p2p/host/resource-manager/limit_defaults.go),
     * 128 in the making, 5 s and 15 s to dial (p2p/net/swarm/swarm.go), 5 s to identify (p2p/protocol/identify/id.go).
     */
    public static final HostConfig DEFAULTS = new Builder().build();

    /** @throws IllegalArgumentException if a bound isn't positive or is exceeded, or the bounds contradict each other */
    public HostConfig {
        listen = List.copyOf(listen);
        requireNonNull(announced, "announced");
        requireNonNull(agentVersion, "agentVersion");
        int agentVersionBytes = agentVersion.getBytes(StandardCharsets.UTF_8).length;
        if (agentVersionBytes > MAX_AGENT_VERSION_BYTES) {
            throw new IllegalArgumentException("agentVersion has at most %d bytes, got %d: %s"
                    .formatted(MAX_AGENT_VERSION_BYTES, agentVersionBytes, Quoted.of(agentVersion)));
        }
        security = List.copyOf(security);
        if (security.isEmpty() || Set.copyOf(security).size() < security.size()) {
            throw new IllegalArgumentException("security names at least one way and none twice, got " + security);
        }
        requireNonNull(preSharedKey, "preSharedKey");
        requirePositive(maxConnections, "maxConnections");
        requirePositive(keptConnections, "keptConnections");
        requirePositive(maxConnectionsPerPeer, "maxConnectionsPerPeer");
        requirePositive(maxPendingConnections, "maxPendingConnections");
        if (keptConnections > maxConnections) {
            throw new IllegalArgumentException("keptConnections is at most maxConnections, got %d and %d"
                    .formatted(keptConnections, maxConnections));
        }
        requirePositive(dialLimit, "dialLimit");
        requirePositive(remoteDialLimit, "remoteDialLimit");
        requirePositive(streamLimit, "streamLimit");
        requireNonNull(yamux, "yamux");
    }

    /** Starts from {@link #DEFAULTS}. */
    public static Builder builder() {
        return new Builder();
    }

    private static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }

    private static void requirePositive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }

    /** Makes a {@link HostConfig} with some settings changed. */
    public static final class Builder {
        private List<InetSocketAddress> listen = List.of();
        private UnaryOperator<List<Multiaddr>> announced = UnaryOperator.identity();
        private String agentVersion = "";
        private List<Security> security = List.of(Security.NOISE, Security.TLS);
        private Optional<PreSharedKey> preSharedKey = Optional.empty();
        private int maxConnections = 192;
        private int keptConnections = 160;
        private int maxConnectionsPerPeer = 8;
        private int maxPendingConnections = 128;
        private Duration dialLimit = Duration.ofSeconds(5);
        private Duration remoteDialLimit = Duration.ofSeconds(15);
        private Duration streamLimit = Duration.ofSeconds(5);
        private YamuxConfig yamux = YamuxConfig.DEFAULTS;

        private Builder() {}

        /** Sets {@link HostConfig#listen}. */
        public Builder listen(InetSocketAddress... addresses) {
            listen = List.of(addresses);
            return this;
        }

        /** Sets {@link HostConfig#announced}. */
        public Builder announced(UnaryOperator<List<Multiaddr>> choice) {
            announced = choice;
            return this;
        }

        /** Sets {@link HostConfig#agentVersion}. */
        public Builder agentVersion(String version) {
            agentVersion = version;
            return this;
        }

        /** Sets {@link HostConfig#security}. */
        public Builder security(Security... ways) {
            security = List.of(ways);
            return this;
        }

        /** Sets {@link HostConfig#preSharedKey}. */
        public Builder preSharedKey(PreSharedKey key) {
            preSharedKey = Optional.of(key);
            return this;
        }

        /** Sets {@link HostConfig#keptConnections} and {@link HostConfig#maxConnections}. */
        public Builder connections(int kept, int max) {
            keptConnections = kept;
            maxConnections = max;
            return this;
        }

        /** Sets {@link HostConfig#maxConnectionsPerPeer}. */
        public Builder maxConnectionsPerPeer(int max) {
            maxConnectionsPerPeer = max;
            return this;
        }

        /** Sets {@link HostConfig#maxPendingConnections}. */
        public Builder maxPendingConnections(int max) {
            maxPendingConnections = max;
            return this;
        }

        /** Sets {@link HostConfig#dialLimit} and {@link HostConfig#remoteDialLimit}. */
        public Builder dialLimits(Duration privateAddresses, Duration publicAddresses) {
            dialLimit = privateAddresses;
            remoteDialLimit = publicAddresses;
            return this;
        }

        /** Sets {@link HostConfig#streamLimit}. */
        public Builder streamLimit(Duration limit) {
            streamLimit = limit;
            return this;
        }

        /** Sets {@link HostConfig#yamux}. */
        public Builder yamux(YamuxConfig config) {
            yamux = config;
            return this;
        }

        /** @throws IllegalArgumentException as the record's constructor */
        public HostConfig build() {
            return new HostConfig(
                    listen,
                    announced,
                    agentVersion,
                    security,
                    preSharedKey,
                    maxConnections,
                    keptConnections,
                    maxConnectionsPerPeer,
                    maxPendingConnections,
                    dialLimit,
                    remoteDialLimit,
                    streamLimit,
                    yamux);
        }
    }
}
