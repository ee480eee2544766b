package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettlingTest {
    private final Settling settling = new Settling();

    private List<Long> looks(long fromNanos) {
        List<Long> millis = new ArrayList<>();
        for (long nowNanos = fromNanos;
                settling.wakeIn(nowNanos) < Long.MAX_VALUE;
                nowNanos += settling.wakeIn(nowNanos)) {
            if (settling.next(nowNanos)) {
                millis.add(Duration.ofNanos(nowNanos - fromNanos).toMillis());
            }
        }
        return millis;
    }

    @Test
    void nothingIsLookedForBeforeAPeerIsMet() {
        assertThat(settling.next(0)).isFalse();
        assertThat(settling.wakeIn(0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void itLooksEverMoreRarelyAndThenNoMore() {
        settling.begin(Long.MAX_VALUE - 5);
        assertThat(looks(Long.MAX_VALUE - 5)).containsExactly(250L, 1250L, 5250L, 21_250L, 85_250L);
    }

    @Test
    void afterTheEndItMayBeginAgain() {
        settling.begin(0);
        settling.end();
        assertThat(looks(0)).isEmpty();
        settling.begin(0);
        assertThat(looks(0)).hasSize(Settling.MAX_LOOKS);
    }
}
