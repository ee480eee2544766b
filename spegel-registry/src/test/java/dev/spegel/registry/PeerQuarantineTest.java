package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.routing.Peer;
import dev.spegel.testkit.ManualClock;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PeerQuarantineTest {
    private final ManualClock clock = new ManualClock();
    private final PeerQuarantine quarantine = new PeerQuarantine(Duration.ofMinutes(1), clock);

    private static Peer peer(int number) {
        return new Peer("peer-" + number, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    @Test
    void peerStaysForTheTerm() {
        quarantine.add(peer(1));
        assertThat(quarantine.contains(peer(1))).isTrue();
        assertThat(quarantine.contains(peer(2))).isFalse();
        clock.advance(Duration.ofSeconds(59));
        assertThat(quarantine.contains(peer(1))).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(quarantine.contains(peer(1))).isFalse();
    }

    @Test
    void lyingAgainBeginsTheTermAnew() {
        quarantine.add(peer(1));
        clock.advance(Duration.ofSeconds(50));
        quarantine.add(peer(1));
        clock.advance(Duration.ofSeconds(50));
        assertThat(quarantine.contains(peer(1))).isTrue();
        assertThat(quarantine.size()).isEqualTo(1);
    }

    @Test
    void eldestLeavesWhenThereAreTooMany() {
        for (int i = 0; i <= PeerQuarantine.MAX_PEERS; i++) {
            quarantine.add(peer(i));
        }
        assertThat(quarantine.size()).isEqualTo(PeerQuarantine.MAX_PEERS);
        assertThat(quarantine.contains(peer(0))).isFalse();
        assertThat(quarantine.contains(peer(PeerQuarantine.MAX_PEERS))).isTrue();
    }
}
