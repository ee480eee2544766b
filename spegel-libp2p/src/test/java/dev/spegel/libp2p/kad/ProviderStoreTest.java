package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProviderStoreTest {
    private static final ProviderConfig CONFIG = new ProviderConfig(
            Duration.ofMinutes(19), Duration.ofHours(1), 10, 6, Duration.ofMinutes(15), Duration.ofMinutes(2));
    private static final long VALIDITY = CONFIG.validity().toNanos();

    private final Random random = new Random(2);
    private final ProviderStore store = new ProviderStore(CONFIG);
    private final PeerId peer = Peers.random(random);
    private final KadKey key = Peers.randomKey(random);

    @Test
    void aRecordCountsUntilItsValidityIsOver() {
        long start = Long.MAX_VALUE - 1; // the clock may wrap
        store.add(key, peer, start);

        assertThat(store.providers(key, start + VALIDITY - 1)).containsExactly(peer);
        assertThat(store.providers(key, start + VALIDITY)).isEmpty();
        assertThat(store.providers(Peers.randomKey(random), start)).isEmpty();
    }

    @Test
    void announcingAgainRenews() {
        store.add(key, peer, 0);
        store.add(key, peer, VALIDITY - 1);

        assertThat(store.providers(key, VALIDITY)).containsExactly(peer);
        assertThat(store.size()).isEqualTo(1);
    }

    @Test
    void sweepingForgetsWhatHasExpired() {
        store.add(key, peer, 0);
        PeerId later = Peers.random(random);
        store.add(key, later, 1);

        store.sweep(VALIDITY);

        assertThat(store.size()).isEqualTo(1);
        assertThat(store.providers(key, VALIDITY)).containsExactly(later);
    }

    @Test
    void onePeerHasItsShareAndNoMore() {
        for (int i = 0; i < 6; i++) {
            assertThat(store.add(Peers.randomKey(random), peer, 0)).isTrue();
        }

        assertThat(store.add(key, peer, 0)).isFalse();
        assertThat(store.add(key, Peers.random(random), 0)).isTrue();
        store.sweep(VALIDITY);
        assertThat(store.add(key, peer, VALIDITY)).isTrue();
    }

    @Test
    void allPeersTogetherAreBounded() {
        for (int i = 0; i < 10; i++) {
            assertThat(store.add(Peers.randomKey(random), Peers.random(random), 0))
                    .isTrue();
        }

        assertThat(store.add(key, Peers.random(random), 0)).isFalse();
        assertThat(store.size()).isEqualTo(10);
    }

    @Test
    void oneKeyIsBounded() {
        ProviderStore large = new ProviderStore(ProviderConfig.DEFAULTS);
        for (int i = 0; i < ProviderStore.MAX_PROVIDERS_PER_KEY; i++) {
            assertThat(large.add(key, Peers.random(random), 0)).isTrue();
        }

        assertThat(large.add(key, Peers.random(random), 0)).isFalse();
    }

    @Test
    void recordsMustBeRenewedBeforeTheyExpire() {
        Duration hour = Duration.ofHours(1);

        assertThatThrownBy(() -> ProviderConfig.DEFAULTS.withTimes(hour, hour, hour, Duration.ofMinutes(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("renewed while it's valid");
    }
}
