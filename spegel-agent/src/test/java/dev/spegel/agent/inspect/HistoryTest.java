package dev.spegel.agent.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.inspect.HistoryReport.Minute;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    private static final Minute HIT = new Minute(1, 0, 0, 0, 0);

    /** Near the end of what a {@code long} holds: nanoTime may begin anywhere. */
    private static final long START = Long.MAX_VALUE - 5 * MINUTE;

    private final History history = new History(START);

    private static Minute bytes(long count) {
        return new Minute(0, 0, count, 0, 0);
    }

    private List<Long> bytesByMinute(long nowNanos) {
        return history.minutes(nowNanos).stream().map(Minute::fromPeers).toList();
    }

    @Test
    void theFirstMinuteIsThereFromTheStart() {
        assertThat(history.minutes(START)).containsExactly(Minute.QUIET);
    }

    @Test
    void eachMinuteCountsItsOwn() {
        history.add(START, HIT);
        history.add(START + MINUTE - 1, HIT);
        history.add(START + 3 * MINUTE, HIT);
        assertThat(history.minutes(START + 3 * MINUTE)).containsExactly(HIT.plus(HIT), Minute.QUIET, Minute.QUIET, HIT);
    }

    @Test
    void anHourIsKept() {
        history.add(START, HIT);
        assertThat(history.minutes(START + 59 * MINUTE)).hasSize(60).startsWith(HIT);
        assertThat(history.minutes(START + 60 * MINUTE)).hasSize(60).doesNotContain(HIT);
    }

    @Test
    void aPauseOfHoursForgetsAll() {
        history.add(START, HIT);
        history.add(START + 500 * MINUTE, HIT);
        assertThat(history.minutes(START + 500 * MINUTE))
                .hasSize(60)
                .endsWith(HIT)
                .containsOnlyOnce(HIT);
    }

    @Test
    void aTransfersBytesAreSpreadOverItsMinutes() {
        history.spread(START + 2 * MINUTE + MINUTE / 2, 2 * MINUTE, 400, HistoryTest::bytes);
        assertThat(bytesByMinute(START + 2 * MINUTE + MINUTE / 2)).containsExactly(100L, 200L, 100L);
    }

    @Test
    void noByteIsLostToRounding() {
        history.spread(START + 2 * MINUTE + MINUTE / 3, 2 * MINUTE, 1001, HistoryTest::bytes);
        assertThat(bytesByMinute(START + 3 * MINUTE).stream()
                        .mapToLong(each -> each)
                        .sum())
                .isEqualTo(1001);
    }

    @Test
    void aTransferWithinAMinuteCountsThere() {
        history.spread(START + MINUTE + 10, 5, 7, HistoryTest::bytes);
        history.spread(START + MINUTE + 10, 0, 7, HistoryTest::bytes);
        assertThat(bytesByMinute(START + MINUTE + 10)).containsExactly(0L, 14L);
    }

    @Test
    void whatATransferMovedBeforeTheHourIsForgotten() {
        history.spread(START + 100 * MINUTE, 100 * MINUTE, 1000, HistoryTest::bytes);
        assertThat(bytesByMinute(START + 100 * MINUTE))
                .hasSize(60)
                .startsWith(10L, 10L)
                .endsWith(10L, 0L);
    }
}
