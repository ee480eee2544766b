package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UploadPaceTest {
    private static final long MIB = 1024 * 1024;

    private final ManualClock clock = new ManualClock();
    private final UploadPace pace = new UploadPace(16 * MIB, clock);

    @Test
    void oneStreamKeepsToTheRate() {
        long start = clock.getAsLong();
        for (long sent = 0; sent < 32 * MIB; sent += UploadPace.PIECE_BYTES) {
            clock.advance(Duration.ofNanos(pace.sentNanos(UploadPace.PIECE_BYTES)));
        }
        assertThat(Duration.ofNanos(clock.getAsLong() - start))
                .isBetween(Duration.ofMillis(1999), Duration.ofSeconds(2));
    }

    @Test
    void allStreamsShareTheRate() {
        long wait = 0;
        for (int stream = 1; stream <= 8; stream++) {
            wait = pace.sentNanos(UploadPace.PIECE_BYTES);
        }
        assertThat(wait).isEqualTo(8 * 1_000_000_000L / 256); // a piece is a 256th of a second
    }

    @Test
    void littleIsMadeUpForAfterAPause() {
        clock.advance(Duration.ofMinutes(1));
        assertThat(pace.sentNanos(16 * MIB / 20)).as("50 ms worth").isZero();
        assertThat(pace.sentNanos(16 * MIB / 10)).isBetween(99_999_000L, 100_000_000L);
    }

    @Test
    void noLimitNeverWaits() {
        UploadPace free = new UploadPace(Long.MAX_VALUE, clock);
        assertThat(free.sentNanos(Long.MAX_VALUE)).isZero();
        assertThat(free.isLimited()).isFalse();
    }

    @Test
    void rateAtWhichStreamsWouldStallIsRefused() {
        assertThatThrownBy(() -> new UploadConfig(48, 48 * 16 * 1024 - 1, Duration.ZERO, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("48 streams need at least 786432 bytes per second", "got 786431");
        assertThatThrownBy(() -> new UploadConfig(48, MIB, Duration.ZERO, Duration.ofMillis(999)))
                .hasMessageContaining("retryAfter must be at least a second, got PT0.999S");
    }
}
