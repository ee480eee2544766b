package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private final RateLimit limit = new RateLimit(2, Duration.ofNanos(10));

    @Test
    void allowsABurstAndThenOneAnInterval() {
        assertThat(limit.allows(0)).isTrue();
        assertThat(limit.allows(0)).isTrue();
        assertThat(limit.allows(9)).isFalse();
        assertThat(limit.allows(10)).isTrue();
        assertThat(limit.allows(19)).isFalse();
        assertThat(limit.allows(20)).isTrue();
    }

    @Test
    void savesUpNoMoreThanABurst() {
        assertThat(limit.allows(0)).isTrue();
        assertThat(limit.allows(1_000_000)).isTrue();
        assertThat(limit.allows(1_000_000)).isTrue();
        assertThat(limit.allows(1_000_000)).isFalse();
    }
}
