package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.testkit.ManualClock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HedgeScheduleTest {
    private static final Duration DELAY = Duration.ofMillis(50);

    private final ManualClock clock = new ManualClock();
    private final HedgeSchedule schedule = new HedgeSchedule(DELAY, clock.getAsLong());

    private boolean isDue() {
        return schedule.isDue(clock.getAsLong());
    }

    private void ask() {
        assertThat(isDue()).isTrue();
        schedule.asked(clock.getAsLong());
    }

    private OptionalLong waitNanos() {
        return schedule.waitNanos(clock.getAsLong());
    }

    @Test
    void firstIsDueAtOnceAndOthersWhenTheDelayHasPassed() {
        ask();
        assertThat(isDue()).isFalse();
        assertThat(waitNanos()).hasValue(DELAY.toNanos());
        clock.advance(DELAY.minusNanos(1));
        assertThat(isDue()).isFalse();
        clock.advance(Duration.ofNanos(1));
        ask();
        assertThat(isDue()).isFalse();
    }

    @Test
    void onlyAFewAreAskedAtATime() {
        for (int i = 0; i < HedgeSchedule.MAX_IN_FLIGHT; i++) {
            ask();
            clock.advance(DELAY);
        }
        assertThat(isDue()).isFalse();
        assertThat(waitNanos()).isEmpty();
        schedule.failed(clock.getAsLong());
        ask();
    }

    @Test
    void oneThatFailsIsReplacedAtOnce() {
        ask();
        schedule.failed(clock.getAsLong());
        ask();
    }

    @Test
    void whereNobodyIsLeftItIsTriedAgainAfterADelay() {
        ask();
        clock.advance(DELAY);
        schedule.nobody(clock.getAsLong());
        assertThat(isDue()).isFalse();
        assertThat(waitNanos()).hasValue(DELAY.toNanos());
    }

    /** Races in virtual time, with delays that are learnt from them. */
    @Nested
    class Learning {
        private final HedgeDelays delays = new HedgeDelays(HedgeBounds.DEFAULTS);
        private final Random random = new Random(7);
        private int asked;

        /** One race for a blob, of peers whose headers take so long. Returns how long it took. */
        private Duration race(LongSupplier headersMillis) {
            long start = clock.getAsLong();
            HedgeSchedule race = new HedgeSchedule(delays.of(RequestKind.BLOB), start);
            PriorityQueue<long[]> inFlight = new PriorityQueue<>((a, b) -> Long.compare(a[1] - b[1], 0)); // start, end
            while (true) {
                while (race.isDue(clock.getAsLong())) {
                    long now = clock.getAsLong();
                    inFlight.add(new long[] {now, now + headersMillis.getAsLong() * 1_000_000});
                    asked++;
                    race.asked(now);
                }
                long[] first = inFlight.element();
                long untilAnswer = first[1] - clock.getAsLong();
                long step =
                        Math.min(untilAnswer, race.waitNanos(clock.getAsLong()).orElse(untilAnswer));
                clock.advance(Duration.ofNanos(step));
                long now = clock.getAsLong();
                if (now == first[1]) {
                    delays.answered(RequestKind.BLOB, Duration.ofNanos(now - first[0]));
                    inFlight.remove();
                    inFlight.forEach(loser -> delays.unanswered(RequestKind.BLOB, Duration.ofNanos(now - loser[0])));
                    return Duration.ofNanos(now - start);
                }
            }
        }

        private long aboutMillis(long millis) {
            return millis - millis / 20 + random.nextLong(millis / 10 + 1);
        }

        private int askedIn(int races, LongSupplier headersMillis) {
            int before = asked;
            for (int i = 0; i < races; i++) {
                race(headersMillis);
            }
            return asked - before;
        }

        @ParameterizedTest
        @ValueSource(ints = {20, 400, 800})
        void slowAnswersNeitherMultiplyNorLock(int millis) {
            // At first each race asks as many as it may; then the delay is learnt, from few of them.
            assertThat(askedIn(1000, () -> aboutMillis(millis)))
                    .as("requests for 1000 answers")
                    .isBetween(1000, 1000 + 150 + HedgeDelays.ENOUGH * HedgeSchedule.MAX_IN_FLIGHT);
            assertThat(delays.of(RequestKind.BLOB))
                    .isBetween(Duration.ofMillis(millis), Duration.ofMillis(millis * 11L / 10));
        }

        @Test
        void slowerThanTheLongestDelayIsBoundedStill() {
            assertThat(askedIn(1000, () -> aboutMillis(2500))).isLessThanOrEqualTo(1000 * HedgeSchedule.MAX_IN_FLIGHT);
            assertThat(delays.of(RequestKind.BLOB)).isEqualTo(HedgeBounds.DEFAULTS.longest());
        }

        @Test
        void hedgingStillWorksAfterSlowTimes() {
            askedIn(500, () -> aboutMillis(400));
            LongSupplier firstHangs = new LongSupplier() {
                private boolean first = true;

                @Override
                public long getAsLong() {
                    boolean hangs = first;
                    first = false;
                    return hangs ? 3000 : 400;
                }
            };
            assertThat(race(firstHangs)).isBetween(Duration.ofMillis(800), Duration.ofMillis(850));
            askedIn(500, () -> 1);
            assertThat(delays.of(RequestKind.BLOB)).isEqualTo(HedgeBounds.DEFAULTS.shortest());
        }
    }
}
