package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DialBackoffTest {
    private static final PeerId PEER = KeyPair.generate().peerId();
    private static final InetSocketAddress ADDRESS = MemoryNetwork.socket("/ip4/10.0.0.1/tcp/5001");

    private final DialBackoff backoff = new DialBackoff();
    private long now = Long.MAX_VALUE - 1000; // about to wrap, as the platform's clock may

    private Duration waitAfterFailure() {
        now += backoff.waitOf(PEER, ADDRESS, now).toNanos();
        backoff.failed(PEER, ADDRESS, now);
        return backoff.waitOf(PEER, ADDRESS, now);
    }

    @Test
    void growsWithTheSquareOfTheFailures() {
        assertThat(waitAfterFailure()).isEqualTo(Duration.ofSeconds(5));
        assertThat(waitAfterFailure()).isEqualTo(Duration.ofSeconds(6));
        assertThat(waitAfterFailure()).isEqualTo(Duration.ofSeconds(9));
        assertThat(waitAfterFailure()).isEqualTo(Duration.ofSeconds(14));
    }

    @Test
    void isAtMostFiveMinutes() {
        for (int i = 0; i < 30; i++) {
            waitAfterFailure();
        }

        assertThat(waitAfterFailure()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void endsByItself() {
        waitAfterFailure();
        now += Duration.ofSeconds(5).toNanos();

        assertThat(backoff.waitOf(PEER, ADDRESS, now)).isZero();
    }

    @Test
    void startsAfreshAfterALongRest() {
        waitAfterFailure();
        waitAfterFailure();
        now += Duration.ofMinutes(1).toNanos();

        assertThat(waitAfterFailure()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void concernsOneAddressOfOnePeer() {
        waitAfterFailure();

        assertThat(backoff.waitOf(PEER, MemoryNetwork.socket("/ip4/10.0.0.1/tcp/5002"), now))
                .isZero();
        assertThat(backoff.waitOf(KeyPair.generate().peerId(), ADDRESS, now)).isZero();
    }

    @Test
    void remembersABoundedNumberOfPeersAndAddresses() {
        for (int i = 0; i < DialBackoff.MAX_ADDRESSES_PER_PEER + 1; i++) {
            backoff.failed(PEER, new InetSocketAddress(ADDRESS.getAddress(), i + 1), now);
        }
        assertThat(backoff.waitOf(PEER, new InetSocketAddress(ADDRESS.getAddress(), 1), now))
                .isZero();
        assertThat(backoff.waitOf(PEER, new InetSocketAddress(ADDRESS.getAddress(), 2), now))
                .isPositive();

        for (int i = 0; i < DialBackoff.MAX_PEERS; i++) {
            backoff.failed(KeyPair.generate().peerId(), ADDRESS, now);
        }
        assertThat(backoff.size()).isEqualTo(DialBackoff.MAX_PEERS);
        assertThat(backoff.waitOf(PEER, new InetSocketAddress(ADDRESS.getAddress(), 2), now))
                .isZero();
    }
}
