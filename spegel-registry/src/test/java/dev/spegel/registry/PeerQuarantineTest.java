package dev.spegel.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.routing.Peer;
import dev.spegel.testkit.ManualClock;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PeerQuarantineTest {
    private final ManualClock clock = new ManualClock();
    private final PeerQuarantine quarantine =
            new PeerQuarantine(new QuarantineTerms(Duration.ofMinutes(1), Duration.ofMinutes(5)), clock);

    private static Peer peer(int number) {
        return new Peer("peer-" + number, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    /** The peer lies when it is asked now. Returns for how long it is kept away from. */
    private Duration lie(int number) {
        assertThat(quarantine.add(peer(number), clock.getAsLong())).isTrue();
        return requireNonNull(quarantine.current().get(peer(number).id()));
    }

    @Test
    void peerStaysForTheTerm() {
        lie(1);
        assertThat(quarantine.contains(peer(1))).isTrue();
        assertThat(quarantine.contains(peer(2))).isFalse();
        clock.advance(Duration.ofSeconds(59));
        assertThat(quarantine.contains(peer(1))).isTrue();
        assertThat(quarantine.current()).isEqualTo(Map.of("peer-1", Duration.ofSeconds(1)));
        clock.advance(Duration.ofSeconds(1));
        assertThat(quarantine.contains(peer(1))).isFalse();
        assertThat(quarantine.size()).isZero();
    }

    @Test
    void termDoublesEachTimeUpToTheLongest() {
        for (int minutes : new int[] {1, 2, 4, 5, 5}) {
            assertThat(lie(1)).isEqualTo(Duration.ofMinutes(minutes));
            clock.advance(Duration.ofMinutes(10));
        }
    }

    @Test
    void lyingWithinTheTermBeginsALongerOne() {
        lie(1);
        clock.advance(Duration.ofSeconds(50));
        assertThat(lie(1)).isEqualTo(Duration.ofMinutes(2));
        assertThat(quarantine.size()).isEqualTo(1);
    }

    @Test
    void whatWasAskedForBeforeTheFirstLieShowedIsTheSameIncident() {
        long asked = clock.getAsLong();
        clock.advance(Duration.ofSeconds(10));
        lie(1);
        clock.advance(Duration.ofSeconds(10));
        assertThat(quarantine.add(peer(1), asked)).isFalse();
        assertThat(quarantine.current()).isEqualTo(Map.of("peer-1", Duration.ofSeconds(50)));
    }

    @Test
    void honestTransferEndsTheTermAndTheGrowth() {
        lie(1);
        clock.advance(Duration.ofSeconds(1));
        lie(1);
        quarantine.honest(peer(1));
        assertThat(quarantine.contains(peer(1))).isFalse();
        assertThat(lie(1)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void eldestLeavesWhenThereAreTooMany() {
        for (int i = 0; i <= PeerQuarantine.MAX_PEERS; i++) {
            lie(i);
        }
        assertThat(quarantine.size()).isEqualTo(PeerQuarantine.MAX_PEERS);
        assertThat(quarantine.contains(peer(0))).isFalse();
        assertThat(quarantine.contains(peer(PeerQuarantine.MAX_PEERS))).isTrue();
    }

    @Test
    void termsThatShrinkAreRefused() {
        assertThatThrownBy(() -> new QuarantineTerms(Duration.ofMinutes(2), Duration.ofMinutes(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longest must be at least first, which is PT2M, got PT1M");
        assertThatThrownBy(() -> new QuarantineTerms(Duration.ZERO, Duration.ofMinutes(1)))
                .hasMessageContaining("first must be positive, got PT0S");
    }
}
