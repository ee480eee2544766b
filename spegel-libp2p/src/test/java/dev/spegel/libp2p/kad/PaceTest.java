package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long RECORD = SECOND / Pace.RECORDS_PER_SECOND;

    /** Clocks have arbitrary origins, and wrap. */
    private static final long START = Long.MAX_VALUE - SECOND / 2;

    private final Pace pace = new Pace(START);

    /** Sends batches of this size, each as soon as it may, and tells how many went. */
    private int batchesUntil(long endNanos, int records) {
        int batches = 0;
        long now = START;
        while (true) {
            if (pace.readyNanos() - now > 0) {
                now = pace.readyNanos();
            }
            if (now - endNanos >= 0) {
                return batches;
            }
            pace.sent(records, now);
            batches++;
        }
    }

    @Test
    void aBurstGoesAtOnce() {
        for (int i = 0; i < Pace.BURST_RECORDS; i++) {
            assertThat(pace.readyNanos() - START).isLessThanOrEqualTo(0);
            pace.sent(1, START);
        }
        assertThat(pace.readyNanos() - START).isEqualTo(RECORD);
    }

    @Test
    void inTheLongRunTheRateIsKept() {
        int records = batchesUntil(START + 10 * SECOND, 256) * 256;
        assertThat(records - 10 * Pace.RECORDS_PER_SECOND).isBetween(0, Pace.BURST_RECORDS + 256);
    }

    @Test
    void aBatchLargerThanABurstGoesAndIsPaidForAfterwards() {
        pace.sent(3 * Pace.BURST_RECORDS, START);
        assertThat(pace.readyNanos() - START).isEqualTo((2 * Pace.BURST_RECORDS + 1) * RECORD);
    }

    @Test
    void quietTimeEarnsNoMoreThanABurst() {
        pace.sent(Pace.BURST_RECORDS, START);
        long later = START + 100 * SECOND;
        pace.sent(Pace.BURST_RECORDS, later);
        assertThat(pace.readyNanos() - later).isEqualTo(RECORD);
    }

    @Test
    void whoDoesNotWaitIsCaught() {
        pace.sent(Pace.BURST_RECORDS, START);
        assertThatThrownBy(() -> pace.sent(1, START))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("%d ns early", RECORD);
    }
}
