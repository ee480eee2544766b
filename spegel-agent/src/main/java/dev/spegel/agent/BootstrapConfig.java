package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.bootstrap.BootstrapPeer;
import dev.spegel.routing.bootstrap.Bootstrapper;
import dev.spegel.routing.bootstrap.DnsBootstrap;
import dev.spegel.routing.bootstrap.HttpBootstrap;
import dev.spegel.routing.bootstrap.StaticBootstrap;
import dev.spegel.routing.tls.TlsFiles;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** How a node of the DHT meets the first others. */
public sealed interface BootstrapConfig {
    /**
     * Makes what finds them; asks nobody yet.
     *
     * @param executor runs what blocks: name look-ups, handshakes, the reading of answers
     */
    Bootstrapper open(Executor executor);

    /** Where this node tells others how to find it; empty for nowhere. */
    default Optional<InetSocketAddress> identityAddress() {
        return Optional.empty();
    }

    /** The lowest addresses of a name. */
    record Dns(String domain) implements BootstrapConfig {
        /** @throws IllegalArgumentException if that's no host name */
        public Dns {
            new DnsBootstrap(domain, Runnable::run);
        }

        @Override
        public Bootstrapper open(Executor executor) {
            return new DnsBootstrap(domain, executor);
        }
    }

    /**
     * Those that a web server names.
     *
     * @param url {@code http} or {@code https}
     * @param tls with what to connect to it
     * @param identityAddress where this node serves {@code /id}; port 0 lets the system choose
     */
    record Http(URI url, TlsFiles tls, Optional<InetSocketAddress> identityAddress) implements BootstrapConfig {
        /** @throws IllegalArgumentException if it's another URL */
        public Http {
            requireNonNull(identityAddress, "identityAddress");
            new HttpBootstrap(url, tls, Runnable::run);
        }

        @Override
        public Bootstrapper open(Executor executor) {
            return new HttpBootstrap(url, tls, executor);
        }
    }

    /** These; each a multiaddr that ends in {@code /p2p/} and its ID. */
    record StaticPeers(List<String> multiaddrs) implements BootstrapConfig {
        /**
         * @throws dev.spegel.libp2p.multiformats.MalformedException if one is malformed or has no ID
         * @throws IllegalArgumentException if there are none or too many
         */
        public StaticPeers {
            multiaddrs = List.copyOf(multiaddrs);
            StaticBootstrap.parse(multiaddrs);
        }

        @Override
        public Bootstrapper open(Executor executor) {
            return StaticBootstrap.parse(multiaddrs);
        }
    }

    /** Nobody: the first node of a network, which waits for others to come. */
    record Nobody() implements BootstrapConfig {
        @Override
        public Bootstrapper open(Executor executor) {
            return new Bootstrapper() {
                /** Takes all the time that it is given: there is nothing to try again soon. */
                @Override
                public List<BootstrapPeer> find(Duration limit) throws InterruptedException {
                    TimeUnit.NANOSECONDS.sleep(limit.toNanos());
                    return List.of();
                }

                @Override
                public String toString() {
                    return "whoever comes by itself";
                }
            };
        }
    }
}
