package dev.spegel.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Two sessions, joined by a pipe that loses nothing and cuts anywhere, do random things. jqwik prints the seed of a failure. */
class YamuxPropertiesTest {
    private static final int STEPS = 2_000;
    private static final YamuxConfig SMALL = YamuxConfig.builder()
            .maxInboundStreams(8)
            .maxOutboundStreams(12)
            .acceptBacklog(4)
            .maxUnsentBytesPerStream(50_000)
            .maxUnsentBytes(120_000)
            .maxReceivedBytes(3 * ReceiveWindow.INITIAL)
            .build();

    @Property(tries = 60)
    void bytesArriveWholeAndInOrderWindowsHoldAndNothingIsLeft(@ForAll long seed) {
        Random random = new Random(seed);
        YamuxConfig config = random.nextBoolean() ? YamuxConfig.DEFAULTS : SMALL;
        PeerModel dialer = PeerModel.dialer(config, random);
        PeerModel listener = PeerModel.listener(config, random);
        long nowNanos = 0;
        for (int step = 0; step < STEPS; step++) {
            nowNanos += random.nextInt(2_000_000);
            PeerModel one = random.nextBoolean() ? dialer : listener;
            PeerModel other = one == dialer ? listener : dialer;
            if (random.nextInt(3) == 0) {
                one.act(nowNanos);
            } else {
                one.moveTo(other, nowNanos);
            }
            one.check();
            other.check();
        }
        // Everybody reads on, writes no more and ends what it can: all bytes must come through and all streams go.
        dialer.wind(listener);
        listener.wind(dialer);
        for (int round = 0; dialer.isBusy() || listener.isBusy(); round++) {
            assertThat(round).as("rounds until nothing moves").isLessThan(20_000);
            nowNanos += 100_000;
            dialer.finishWriting(nowNanos);
            listener.finishWriting(nowNanos);
            dialer.moveTo(listener, nowNanos);
            listener.moveTo(dialer, nowNanos);
        }
        dialer.checkNothingIsLeft();
        listener.checkNothingIsLeft();
        dialer.checkAgainst(listener);
        listener.checkAgainst(dialer);

        dialer.checkStillPings(listener, nowNanos + Duration.ofSeconds(30).toNanos());
    }
}
