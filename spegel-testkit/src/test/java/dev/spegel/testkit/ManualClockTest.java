package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class ManualClockTest {
    private final ManualClock clock = new ManualClock();

    @Test
    void standsStillUntilItIsMovedAndMovesAsOne() {
        long nanos = clock.getAsLong();
        Instant instant = clock.instant();
        assertThat(clock.getAsLong()).isEqualTo(nanos);
        ManualClock elsewhere = clock.withZone(ZoneId.of("Asia/Tokyo"));
        clock.advance(Duration.ofHours(1));
        assertThat(clock.getAsLong() - nanos).isEqualTo(Duration.ofHours(1).toNanos());
        assertThat(clock.instant()).isEqualTo(instant.plus(Duration.ofHours(1)));
        assertThat(elsewhere.instant()).isEqualTo(clock.instant());
        assertThat(elsewhere.getZone()).isEqualTo(ZoneId.of("Asia/Tokyo"));
    }

    @Test
    void wrapsSoonSoThatComparingInsteadOfSubtractingFails() {
        long before = clock.getAsLong();
        clock.advance(Duration.ofSeconds(2));
        assertThat(clock.getAsLong()).isLessThan(before);
    }

    @Test
    void doesNotMoveBack() {
        assertThatIllegalArgumentException().isThrownBy(() -> clock.advance(Duration.ofNanos(-1)));
    }
}
