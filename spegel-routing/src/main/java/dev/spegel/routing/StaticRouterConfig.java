package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Whom a {@link StaticRouter} asks, and how.
 *
 * @param peers the registries of all nodes, 1 to {@link #MAX_PEERS}
 * @param self where this node's own registry listens, so that it can stand in the list too; with the wildcard address every
 *     address of this machine is its own. Empty if the list doesn't have it
 * @param credentials shown to every peer: the newest pair, and the others to one that refuses it
 * @param tls what connections to peers are made with, asked for each; empty for plain ones
 * @param peerLimit how long one peer may take over one question, name look-up and connecting included
 * @param foundLifetime how long the peers found for a key are given to those who ask next
 * @param missLifetime the same where nobody had it
 * @param maxCachedKeys how many answers are kept; the ones least recently asked for go first
 * @param maxSearches how many keys may be asked for at once; a look-up of one more ends at once, with nothing found
 */
public record StaticRouterConfig(
        List<PeerAddress> peers,
        Optional<InetSocketAddress> self,
        Optional<Credentials> credentials,
        Optional<Supplier<SSLContext>> tls,
        Duration peerLimit,
        Duration foundLifetime,
        Duration missLifetime,
        int maxCachedKeys,
        int maxSearches) {
    /** Every question goes to every peer; beyond a handful of machines a DHT is the better router. */
    public static final int MAX_PEERS = 64;

    public StaticRouterConfig {
        peers = peers.stream().distinct().toList();
        requireNonNull(credentials, "credentials");
        requireNonNull(tls, "tls");
        if (peers.isEmpty() || peers.size() > MAX_PEERS) {
            throw new IllegalArgumentException(
                    "a static router has 1 to %d peers, got %d".formatted(MAX_PEERS, peers.size()));
        }
        if (self.isPresent() && self.get().isUnresolved()) {
            throw new IllegalArgumentException("self must be resolved, got " + self.get());
        }
        requirePositive(peerLimit, "peerLimit");
        requirePositive(foundLifetime, "foundLifetime");
        requirePositive(missLifetime, "missLifetime");
        requirePositive(maxCachedKeys, "maxCachedKeys");
        requirePositive(maxSearches, "maxSearches");
    }

    /** One with these peers and the defaults of {@link Builder}. */
    public static StaticRouterConfig of(List<PeerAddress> peers) {
        return new Builder(peers).build();
    }

    private static void requirePositive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }

    private static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }

    /** Starts from the defaults. For one thread. */
    public static final class Builder {
        private final List<PeerAddress> peers;
        private Optional<InetSocketAddress> self = Optional.empty();
        private Optional<Credentials> credentials = Optional.empty();
        private Optional<Supplier<SSLContext>> tls = Optional.empty();

        /** A LAN answers in milliseconds; this lets one lost SYN be sent again (RFC 6298, section 2.1: after 1 s). */
        private Duration peerLimit = Duration.ofMillis(1500);

        /** As the Go implementation keeps the result of a DHT query. */
        private Duration foundLifetime = Duration.ofSeconds(5);

        /**
         * Long enough for the several requests of one pull for what nobody has, HEAD and then GET, to share an answer; short
         * enough for the next pull to find what another node has fetched meanwhile.
         */
        private Duration missLifetime = Duration.ofMillis(500);

        /** Some pulls of large images at once, at well under 1 KiB a key with a handful of peers. */
        private int maxCachedKeys = 1000;

        /** Some pulls at once, three layers each as containerd does it; with ten peers 640 small requests in flight. */
        private int maxSearches = 64;

        /** Starts with what {@link StaticRouterConfig#of} has. */
        public Builder(List<PeerAddress> peers) {
            this.peers = List.copyOf(peers);
        }

        /** Sets {@link StaticRouterConfig#self}. */
        public Builder self(InetSocketAddress address) {
            self = Optional.of(address);
            return this;
        }

        /** Sets {@link StaticRouterConfig#credentials}. */
        public Builder credentials(Credentials shown) {
            credentials = Optional.of(shown);
            return this;
        }

        /** Plain connections unless set. */
        public Builder tls(Supplier<SSLContext> context) {
            tls = Optional.of(context);
            return this;
        }

        /** 1.5 s unless set. */
        public Builder peerLimit(Duration limit) {
            peerLimit = limit;
            return this;
        }

        /** 5 s unless set. */
        public Builder foundLifetime(Duration lifetime) {
            foundLifetime = lifetime;
            return this;
        }

        /** 500 ms unless set. */
        public Builder missLifetime(Duration lifetime) {
            missLifetime = lifetime;
            return this;
        }

        /** 1000 unless set. */
        public Builder maxCachedKeys(int keys) {
            maxCachedKeys = keys;
            return this;
        }

        /** 64 unless set. */
        public Builder maxSearches(int searches) {
            maxSearches = searches;
            return this;
        }

        /** @throws IllegalArgumentException if a setting is out of its range */
        public StaticRouterConfig build() {
            return new StaticRouterConfig(
                    peers, self, credentials, tls, peerLimit, foundLifetime, missLifetime, maxCachedKeys, maxSearches);
        }
    }
}
