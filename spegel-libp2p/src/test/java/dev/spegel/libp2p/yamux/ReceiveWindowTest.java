package dev.spegel.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceiveWindowTest {
    private static final int KIB = 1024;
    private static final long ROUND_TRIP = 1000;

    private final ReceiveWindow window = new ReceiveWindow(1024 * KIB, 0);

    private long consumeAll(int count, long nowNanos, long roundTripNanos) {
        assertThat(window.announce(count)).isTrue();
        window.deliver(count);
        return window.consume(count, nowNanos, roundTripNanos, growth -> true);
    }

    @Test
    void startsAt256KibAndNotAByteMore() {
        assertThat(window.announce(256 * KIB + 1)).isFalse();
        assertThat(window.announce(256 * KIB)).isTrue();
        assertThat(window.announce(0)).isTrue();
        assertThat(window.announce(1)).isFalse();
    }

    @Test
    void isFilledUpOnceHalfOfItIsConsumed() {
        assertThat(consumeAll(128 * KIB - 1, 9999, ROUND_TRIP)).isZero();
        assertThat(consumeAll(1, 9999, ROUND_TRIP)).isEqualTo(128 * KIB);
    }

    @Test
    void whatIsReceivedAndNotConsumedIsNotGivenAgain() {
        window.announce(256 * KIB);
        window.deliver(200 * KIB);
        assertThat(window.consume(127 * KIB, 9999, ROUND_TRIP, growth -> true)).isZero();
        assertThat(window.consume(3 * KIB, 9999, ROUND_TRIP, growth -> true)).isEqualTo(130 * KIB);
        assertThat(window.unconsumed()).isEqualTo(70 * KIB);
        assertThat(window.announce(130 * KIB + 1)).isFalse();
        assertThat(window.announce(130 * KIB)).isTrue();
    }

    @Test
    void doublesWhileUpdatesFollowWithinFourRoundTripsUpToItsLimit() {
        assertThat(consumeAll(128 * KIB, 3999, ROUND_TRIP)).isEqualTo((128 + 256) * KIB);
        assertThat(consumeAll(256 * KIB, 3999 + 4000, ROUND_TRIP)).isEqualTo(256 * KIB); // too late
        assertThat(consumeAll(256 * KIB, 3999 + 7999, ROUND_TRIP)).isEqualTo((256 + 512) * KIB);
        assertThat(consumeAll(512 * KIB, 3999 + 7999, ROUND_TRIP)).isEqualTo(512 * KIB); // at its limit
        assertThat(window.target()).isEqualTo(1024 * KIB);
    }

    @Test
    void staysAsItIsUntilARoundTripIsKnown() {
        assertThat(consumeAll(128 * KIB, 0, 0)).isEqualTo(128 * KIB);
    }

    @Test
    void staysAsItIsIfTheSessionHasNothingToGive() {
        window.announce(128 * KIB);
        window.deliver(128 * KIB);
        assertThat(window.consume(128 * KIB, 1, ROUND_TRIP, growth -> false)).isEqualTo(128 * KIB);
        assertThat(window.target()).isEqualTo(256 * KIB);
    }
}
