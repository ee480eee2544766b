package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HedgeDelaysTest {
    private final HedgeDelays delays = new HedgeDelays(new HedgeBounds(Duration.ofMillis(10), Duration.ofSeconds(1)));

    private void answered(RequestKind kind, int count, int millis) {
        for (int i = 0; i < count; i++) {
            delays.answered(kind, Duration.ofMillis(millis));
        }
    }

    private void unanswered(int count, int millis) {
        for (int i = 0; i < count; i++) {
            delays.unanswered(RequestKind.BLOB, Duration.ofMillis(millis));
        }
    }

    private long millis(RequestKind kind) {
        return delays.of(kind).toMillis();
    }

    @Test
    void startsFromWhatIsUsual() {
        assertThat(delays.of(RequestKind.BLOB)).isEqualTo(HedgeDelays.UNKNOWN);
        answered(RequestKind.BLOB, HedgeDelays.ENOUGH - 1, 300);
        assertThat(delays.of(RequestKind.BLOB)).isEqualTo(HedgeDelays.UNKNOWN);
        answered(RequestKind.BLOB, 1, 300);
        assertThat(millis(RequestKind.BLOB)).isEqualTo(300);
    }

    @Test
    void isWhatNineInTenTookAtMost() {
        for (int i = 1; i <= 100; i++) {
            answered(RequestKind.BLOB, 1, 100 + i);
        }
        assertThat(millis(RequestKind.BLOB)).isEqualTo(190);
    }

    @Test
    void kindsOfWhichTooLittleWasSeenShareWhatWasSeenOfAll() {
        answered(RequestKind.BLOB, 30, 300);
        assertThat(millis(RequestKind.HEAD)).isEqualTo(300);
        answered(RequestKind.HEAD, HedgeDelays.ENOUGH, 20);
        assertThat(millis(RequestKind.HEAD)).isEqualTo(20);
        assertThat(millis(RequestKind.BLOB)).isEqualTo(300);
    }

    @Test
    void staysWithinTheBounds() {
        answered(RequestKind.BLOB, 50, 1);
        answered(RequestKind.HEAD, 50, 5000);
        assertThat(millis(RequestKind.BLOB)).isEqualTo(10);
        assertThat(millis(RequestKind.HEAD)).isEqualTo(1000);
    }

    @Test
    void learnsFromPeersThatNeverAnswer() {
        answered(RequestKind.BLOB, HedgeDelays.SAMPLE, 20);
        unanswered(HedgeDelays.SAMPLE / 10, 500);
        assertThat(millis(RequestKind.BLOB))
                .as("twelve of 128 are less than a tenth")
                .isEqualTo(20);
        unanswered(1, 500);
        assertThat(millis(RequestKind.BLOB)).isEqualTo(500);
    }

    @Test
    void quickFailuresDoNotMakePeersLookQuick() {
        answered(RequestKind.BLOB, HedgeDelays.SAMPLE, 300);
        unanswered(HedgeDelays.SAMPLE, 0);
        assertThat(millis(RequestKind.BLOB)).isEqualTo(300);
    }

    @Test
    void forgetsWhatWasLongAgo() {
        answered(RequestKind.BLOB, 1000, 500);
        answered(RequestKind.BLOB, HedgeDelays.SAMPLE, 20);
        assertThat(millis(RequestKind.BLOB)).isEqualTo(20);
    }

    @Test
    void boundsThatCrossAreRefused() {
        assertThatThrownBy(() -> new HedgeBounds(Duration.ofMillis(2), Duration.ofMillis(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longest must be at least shortest, which is PT0.002S, got PT0.001S");
        assertThatThrownBy(() -> new HedgeBounds(Duration.ZERO, Duration.ofMillis(1)))
                .hasMessageContaining("shortest must be positive, got PT0S");
    }
}
