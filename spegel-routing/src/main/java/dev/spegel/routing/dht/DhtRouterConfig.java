package dev.spegel.routing.dht;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.host.HostConfig;
import dev.spegel.libp2p.kad.KadConfig;
import dev.spegel.libp2p.kad.KadDhtConfig;
import dev.spegel.libp2p.kad.ProviderConfig;
import dev.spegel.routing.SearchLimits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How a {@link DhtRouter} behaves. What isn't said to be otherwise is as in the Go implementation, with which it forms one network.
 *
 * @param host where it listens, and its limits. What it announces gets one more address for each IP, see {@code registryPort}
 * @param dht which network it is, and whether this node answers others and can be found, or only asks
 * @param registryPort where this node's registry listens, 1 to 65535. Others are told; and peers that don't tell theirs, as those
 *     of the Go implementation, are taken to use the same
 * @param registryTls whether this node's registry speaks TLS
 * @param peerPort the TCP port of a bootstrap peer that is named without one, 1 to 65535
 * @param searches how results are shared
 * @param bootstrap when to look for the first peers
 */
public record DhtRouterConfig(
        HostConfig host,
        KadDhtConfig dht,
        int registryPort,
        boolean registryTls,
        int peerPort,
        SearchLimits searches,
        BootstrapTimes bootstrap) {
    /** The Go implementation's, which has no flag for it. */
    public static final String PREFIX = "/spegel";

    /** The port of the Go implementation's {@code --router-addr}. */
    public static final int DEFAULT_PORT = 5001;

    /**
     * Records live for 19 minutes, 15 + 2 × 2, and addresses for an hour; each record is renewed after 15 minutes, or up to 2 later.
     */
    public static final ProviderConfig PROVIDERS = ProviderConfig.DEFAULTS.withTimes(
            Duration.ofMinutes(19), Duration.ofHours(1), Duration.ofMinutes(15), Duration.ofMinutes(2));

    private static final KadDhtConfig DHT = new KadDhtConfig(PREFIX, true, KadConfig.DEFAULTS.withProviders(PROVIDERS));

    /** @throws IllegalArgumentException if a setting is out of its range */
    public DhtRouterConfig {
        requireNonNull(host, "host");
        requireNonNull(dht, "dht");
        requireNonNull(searches, "searches");
        requireNonNull(bootstrap, "bootstrap");
        requirePort(registryPort, "registryPort");
        requirePort(peerPort, "peerPort");
        if (dht.server() && host.listen().isEmpty()) {
            throw new IllegalArgumentException("a server listens somewhere, got no address");
        }
    }

    /** Starts from the defaults: a server that listens on every address, port {@link #DEFAULT_PORT}. */
    public static Builder builder(int registryPort) {
        return new Builder(registryPort);
    }

    private static void requirePort(int port, String name) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("%s is 1 to 65535, got %d".formatted(name, port));
        }
    }

    /** Starts from the defaults. For one thread. */
    public static final class Builder {
        private final HostConfig.Builder host = HostConfig.builder().listen(new InetSocketAddress(DEFAULT_PORT));
        private final int registryPort;
        private boolean registryTls;
        private KadDhtConfig dht = DHT;
        private int peerPort = DEFAULT_PORT;
        private SearchLimits searches = SearchLimits.DEFAULTS;
        private BootstrapTimes bootstrap = BootstrapTimes.DEFAULTS;

        private Builder(int registryPort) {
            this.registryPort = registryPort;
        }

        /** Where to listen; each with port 0 for any. Unless that is 0, the first's port becomes {@link DhtRouterConfig#peerPort}. */
        public Builder listen(InetSocketAddress first, InetSocketAddress... more) {
            InetSocketAddress[] all = new InetSocketAddress[1 + more.length];
            all[0] = first;
            System.arraycopy(more, 0, all, 1, more.length);
            host.listen(all);
            if (first.getPort() != 0) {
                peerPort = first.getPort();
            }
            return this;
        }

        /** Listens nowhere, answers nobody and can't be found: only asks. */
        public Builder client() {
            host.listen();
            dht = dht.withServer(false);
            return this;
        }

        /** Changes other settings of the host: its agent version, numbers of connections, limits. */
        public Builder host(Consumer<HostConfig.Builder> change) {
            change.accept(host);
            return this;
        }

        /** Says that this node's registry speaks TLS. */
        public Builder registryTls(boolean spoken) {
            registryTls = spoken;
            return this;
        }

        /** {@link #PREFIX} unless set. */
        public Builder prefix(String prefix) {
            dht = dht.withPrefix(prefix);
            return this;
        }

        /** {@link KadConfig#DEFAULTS} with {@link #PROVIDERS} unless set. */
        public Builder kad(KadConfig kad) {
            dht = dht.withKad(kad);
            return this;
        }

        /** Call it after {@link #listen}. */
        public Builder peerPort(int port) {
            peerPort = port;
            return this;
        }

        /** {@link SearchLimits#DEFAULTS} unless set. */
        public Builder searches(SearchLimits limits) {
            searches = limits;
            return this;
        }

        /** {@link BootstrapTimes#DEFAULTS} unless set. */
        public Builder bootstrap(BootstrapTimes times) {
            bootstrap = times;
            return this;
        }

        /** @throws IllegalArgumentException if a setting is out of its range */
        public DhtRouterConfig build() {
            return new DhtRouterConfig(host.build(), dht, registryPort, registryTls, peerPort, searches, bootstrap);
        }
    }
}
