package dev.spegel.routing.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.spegel.routing.Backoff;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DhtRouterConfigTest {
    @Test
    void theDefaultsAreThoseOfTheGoImplementation() {
        DhtRouterConfig config = DhtRouterConfig.builder(5000).build();
        assertThat(config.dht().protocol()).isEqualTo("/spegel/kad/1.0.0");
        assertThat(config.dht().server()).isTrue();
        assertThat(config.host().listen()).containsExactly(new InetSocketAddress(5001));
        assertThat(config.peerPort()).isEqualTo(5001);
        assertThat(config.dht().kad().providers().validity()).isEqualTo(Duration.ofMinutes(19));
        assertThat(config.dht().kad().providers().interval()).isEqualTo(Duration.ofMinutes(15));
        assertThat(config.searches().foundLifetime()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void peersListenOnTheSamePortUnlessSaidOtherwise() {
        assertThat(DhtRouterConfig.builder(5000)
                        .listen(new InetSocketAddress(7001))
                        .build()
                        .peerPort())
                .isEqualTo(7001);
        assertThat(DhtRouterConfig.builder(5000)
                        .listen(new InetSocketAddress(0))
                        .build()
                        .peerPort())
                .isEqualTo(5001);
        assertThat(DhtRouterConfig.builder(5000)
                        .listen(new InetSocketAddress(7001))
                        .peerPort(8001)
                        .build()
                        .peerPort())
                .isEqualTo(8001);
    }

    @Test
    void aClientListensNowhere() {
        DhtRouterConfig config = DhtRouterConfig.builder(5000).client().build();
        assertThat(config.dht().server()).isFalse();
        assertThat(config.host().listen()).isEmpty();
    }

    @Test
    void refusesNonsense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DhtRouterConfig.builder(0).build())
                .withMessage("registryPort is 1 to 65535, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DhtRouterConfig.builder(5000).peerPort(65536).build())
                .withMessageContaining("peerPort");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DhtRouterConfig.builder(5000)
                        .host(host -> host.listen())
                        .build())
                .withMessageContaining("a server listens somewhere");
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BootstrapTimes(second, second, second, Duration.ZERO))
                .withMessageContaining("longestBackoff");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BootstrapTimes(second, second, second, second.dividedBy(2)))
                .withMessageContaining("at most");
    }

    /** Go-libp2p takes 16 connections from one address, and then one each 5 s. */
    @Test
    void bootstrapRoundsAreNeverMoreThanAGoNodeBears() {
        BootstrapTimes times = BootstrapTimes.DEFAULTS;
        for (int seed = 0; seed < 1000; seed++) {
            Backoff backoff = new Backoff(times.firstBackoff(), times.longestBackoff(), new Random(seed));
            double tokens = 16;
            for (int round = 0; round < 200; round++) {
                tokens -= 1;
                assertThat(tokens)
                        .as("tokens left, seed %d, round %d", seed, round)
                        .isNotNegative();
                double seconds = backoff.next().toNanos() / 1e9;
                tokens = Math.min(16, tokens + seconds / 5);
            }
        }
    }
}
