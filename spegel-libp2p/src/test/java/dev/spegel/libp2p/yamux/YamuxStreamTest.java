package dev.spegel.libp2p.yamux;

import static dev.spegel.libp2p.yamux.FrameHeader.ACK;
import static dev.spegel.libp2p.yamux.FrameHeader.FIN;
import static dev.spegel.libp2p.yamux.FrameHeader.RST;
import static dev.spegel.libp2p.yamux.FrameHeader.SYN;
import static dev.spegel.libp2p.yamux.FrameHeader.Type.DATA;
import static dev.spegel.libp2p.yamux.FrameHeader.Type.PING;
import static dev.spegel.libp2p.yamux.FrameHeader.Type.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.yamux.YamuxEvent.Data;
import dev.spegel.libp2p.yamux.YamuxEvent.HalfClosed;
import dev.spegel.libp2p.yamux.YamuxEvent.StreamAccepted;
import dev.spegel.libp2p.yamux.YamuxEvent.StreamClosed;
import dev.spegel.libp2p.yamux.YamuxEvent.StreamOpened;
import dev.spegel.libp2p.yamux.YamuxEvent.StreamReset;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What happens on the streams of a session. */
class YamuxStreamTest {
    private static final int WINDOW = ReceiveWindow.INITIAL;
    private static final String GO_AWAY_PROTOCOL_ERROR = "000300000000000000000001";

    private final Probe probe = Probe.dialer(YamuxConfig.DEFAULTS);
    private final YamuxSession session = probe.session;

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count);
    }

    @Nested
    class Opening {
        @Test
        void aDialersStreamsAreOddAndAnnouncedAtOnce() {
            YamuxStream first = session.openStream(probe.nowNanos).orElseThrow();
            YamuxStream second = session.openStream(probe.nowNanos).orElseThrow();
            assertThat(List.of(first.id(), second.id())).containsExactly(1L, 3L);
            assertThat(first.isInbound()).isFalse();
            assertThat(probe.frames()).containsExactly("000100010000000100000000", "000100010000000300000000");
        }

        @Test
        void aListenersStreamsAreEven() {
            Probe listener = Probe.listener(YamuxConfig.DEFAULTS);
            assertThat(listener.open().id()).isEqualTo(2);
            assertThat(listener.open().id()).isEqualTo(4);
        }

        @Test
        void dataMayBeWrittenBeforeThePeerAccepts() {
            YamuxStream stream = session.openStream(probe.nowNanos).orElseThrow();
            stream.write(bytes(3));
            assertThat(probe.frames()).containsExactly("000100010000000100000000", "000000000000000100000003");
        }

        @Test
        void thePeersAcceptanceIsToldOnce() {
            YamuxStream stream = session.openStream(probe.nowNanos).orElseThrow();
            probe.send("000100020000000100000000");
            probe.send("000100020000000100000000");
            assertThat(probe.events()).containsExactly(new StreamAccepted(stream));
        }

        @Test
        void isRefusedAtTheLimitUntilAStreamIsGone() {
            Probe few = Probe.dialer(YamuxConfig.builder().maxOutboundStreams(2).build());
            YamuxStream first = few.open();
            few.open();
            assertThat(few.session.openStream(0)).isEmpty();
            first.reset(ResetCode.UNSPECIFIED);
            assertThat(few.session.openStream(0)).isPresent();
        }

        @Test
        void isRefusedAt256StreamsThatThePeerHasNotAccepted() {
            Probe many =
                    Probe.dialer(YamuxConfig.builder().maxOutboundStreams(1000).build());
            for (int i = 0; i < StreamTable.MAX_UNACCEPTED; i++) {
                assertThat(many.session.openStream(0)).isPresent();
            }
            assertThat(many.session.openStream(0)).isEmpty();
            many.send(WINDOW_UPDATE, ACK, 1, 0);
            assertThat(many.session.openStream(0)).isPresent();
        }

        @Test
        void aStreamResetBeforeItsAnnouncementLeavesNoTrace() {
            YamuxStream stream = session.openStream(probe.nowNanos).orElseThrow();
            stream.write(bytes(3));
            stream.reset(ResetCode.UNSPECIFIED);
            assertThat(probe.frames()).isEmpty();
            assertThat(session.openStream(probe.nowNanos).orElseThrow().id()).isEqualTo(3);
        }
    }

    @Nested
    class Accepting {
        @Test
        void happensOnceWhenTheEventIsTaken() {
            probe.send("000100010000000200000000");
            assertThat(probe.frames()).isEmpty();
            assertThat(probe.events()).singleElement().isInstanceOfSatisfying(StreamOpened.class, opened -> {
                assertThat(opened.stream().id()).isEqualTo(2);
                assertThat(opened.stream().isInbound()).isTrue();
            });
            assertThat(probe.frames()).containsExactly("000100020000000200000000");
        }

        @Test
        void dataMayComeWithTheOpening() {
            probe.sendData(2, SYN | FIN, 5);
            List<YamuxEvent> events = probe.events();
            assertThat(events).hasSize(3);
            assertThat(events.get(0)).isInstanceOf(StreamOpened.class);
            assertThat(events.get(1))
                    .isInstanceOfSatisfying(
                            Data.class, data -> assertThat(data.bytes()).isEqualTo(bytes(5)));
            assertThat(events.get(2)).isInstanceOf(HalfClosed.class);
        }

        @Test
        void streamsBeyondTheBacklogAreReset() {
            Probe few = Probe.dialer(YamuxConfig.builder().acceptBacklog(1).build());
            few.send(WINDOW_UPDATE, SYN, 2, 0);
            few.send(WINDOW_UPDATE, SYN, 4, 0);
            assertThat(few.events()).singleElement().isInstanceOf(StreamOpened.class);
            assertThat(few.frames()).containsExactly("000100080000000400001002", "000100020000000200000000");
            few.opened(6);
        }

        @Test
        void streamsBeyondTheLimitAreResetAndTheirDataSkipped() {
            Probe few = Probe.dialer(YamuxConfig.builder().maxInboundStreams(1).build());
            YamuxStream first = few.opened(2);
            few.sendData(4, SYN, 1000);
            assertThat(few.events()).isEmpty();
            assertThat(few.frames()).containsExactly("000100080000000400001002");
            first.reset(ResetCode.UNSPECIFIED);
            assertThat(few.opened(6).isOpen()).isTrue();
        }

        @Test
        void aPeerThatOpensWithoutEndAndTakesNoRefusalLosesItsSession() {
            Probe few = Probe.dialer(YamuxConfig.builder().maxInboundStreams(1).build());
            few.opened(2);
            for (int i = 0; i < Outbox.MAX_RESETS; i++) {
                few.send(WINDOW_UPDATE, SYN, 4 + 2L * i, 0);
            }
            assertThat(few.session.endReason()).isEmpty();
            few.send(WINDOW_UPDATE, SYN, 100_000, 0);
            assertThat(few.endReason().cause()).isEqualTo(EndReason.Cause.PEER_EXCESS);
            assertThat(few.frames()).containsExactly("000300000000000000001001");
        }
    }

    @Nested
    class Writing {
        private final YamuxStream stream = probe.open();

        @Test
        void stopsAtThePeersWindowAndGoesOnByWhatAnUpdateAdds() {
            assertThat(stream.write(bytes(WINDOW))).isEqualTo(WINDOW);
            probe.frames();
            assertThat(stream.unsentBytes()).isZero();
            assertThat(stream.write(bytes(1000))).isEqualTo(1000);
            assertThat(probe.frames()).isEmpty();
            probe.send(WINDOW_UPDATE, 0, 1, 600);
            assertThat(probe.frames()).containsExactly("000000000000000100000258");
            probe.send(WINDOW_UPDATE, 0, 1, 600);
            assertThat(probe.frames()).containsExactly("000000000000000100000190");
        }

        @Test
        void aWindowDoesNotOverflow() {
            probe.send(WINDOW_UPDATE, 0, 1, 0xffff_ffffL);
            probe.send(WINDOW_UPDATE, 0, 1, 0xffff_ffffL);
            stream.write(bytes(7));
            assertThat(probe.frames()).containsExactly("000000000000000100000007");
            assertThat(session.endReason()).isEmpty();
        }

        @Test
        void takesWhatThereIsRoomForAndTellsOfNewRoom() {
            assertThat(stream.write(bytes(WINDOW + 1))).isEqualTo(WINDOW);
            assertThat(stream.write(bytes(1))).isZero();
            assertThat(stream.unsentBytes()).isEqualTo(WINDOW);
            probe.frames();
            assertThat(probe.events()).containsExactly(new YamuxEvent.Writable(stream));
        }

        @Test
        void theSessionsRoomIsSharedAndFreedWithAStream() {
            YamuxConfig config = YamuxConfig.builder()
                    .maxUnsentBytesPerStream(1000)
                    .maxUnsentBytes(1500)
                    .build();
            Probe small = Probe.dialer(config);
            YamuxStream first = small.open();
            YamuxStream second = small.open();
            assertThat(first.write(bytes(1000))).isEqualTo(1000);
            assertThat(second.write(bytes(1000))).isEqualTo(500);
            small.send(WINDOW_UPDATE, RST, first.id(), 0);
            assertThat(small.events())
                    .containsExactly(new YamuxEvent.Writable(second), new StreamReset(first, 0, true));
            assertThat(second.write(bytes(1000))).isEqualTo(500);
        }

        @Test
        void streamsTakeTurns() {
            YamuxStream other = probe.open();
            stream.write(bytes(40_000));
            other.write(bytes(3));
            assertThat(probe.frames())
                    .containsExactly(
                            "000000000000000100004000",
                            "000000000000000300000003",
                            "000000000000000100004000",
                            "000000000000000100001c40");
        }

        @Test
        void answersToPingsGoBeforeData() {
            stream.write(bytes(3));
            probe.send(PING, SYN, 0, 77);
            assertThat(probe.frames()).containsExactly("00020002000000000000004d", "000000000000000100000003");
        }

        @Test
        void framesAreCutToTheRoomThereIs() {
            stream.write(bytes(10));
            ByteBuffer out = bytes(FrameHeader.SIZE + 4);
            session.writeTo(out, probe.nowNanos);
            assertThat(out.hasRemaining()).isFalse();
            session.writeTo(bytes(FrameHeader.SIZE), probe.nowNanos);
            assertThat(probe.frames()).containsExactly("000000000000000100000006");
        }
    }

    @Nested
    class Receiving {
        private final YamuxStream stream = probe.opened(2);

        @Test
        void theWindowIsUpdatedByWhatIsConsumed() {
            probe.sendData(2, 0, WINDOW);
            assertThat(probe.frames()).isEmpty();
            probe.pass(Duration.ofSeconds(1));
            stream.consumed(WINDOW / 2 - 1, probe.nowNanos);
            assertThat(probe.frames()).isEmpty();
            stream.consumed(1, probe.nowNanos);
            assertThat(probe.frames()).containsExactly("000100000000000200020000");
            assertThat(session.endReason()).isEmpty();
        }

        @Test
        void updatesThatWaitAreSentAsOne() {
            probe.sendData(2, 0, WINDOW);
            probe.pass(Duration.ofSeconds(1));
            stream.consumed(WINDOW / 2, probe.nowNanos);
            probe.pass(Duration.ofSeconds(1));
            stream.consumed(WINDOW / 2, probe.nowNanos);
            assertThat(probe.frames()).containsExactly("000100000000000200040000");
        }

        @Test
        void aFastStreamsWindowGrowsWhileTheSumAllows() {
            Probe small = Probe.dialer(
                    YamuxConfig.builder().maxReceivedBytes(3 * WINDOW).build());
            YamuxStream fast = small.opened(2);
            for (int i = 0; i < 3; i++) {
                small.sendData(2, 0, WINDOW);
                fast.consumed(WINDOW, small.nowNanos);
            }
            assertThat(small.frames()).containsExactly("000100000000000200100000");
            assertThat(fast.windowBytes()).isEqualTo(2 * WINDOW);
        }

        @Test
        void aByteBeyondTheWindowEndsTheSession() {
            probe.sendData(2, 0, WINDOW);
            probe.send(DATA, 0, 2, 1);
            assertThat(probe.frames()).containsExactly(GO_AWAY_PROTOCOL_ERROR);
            assertThat(probe.endReason().detail()).contains("receive window of stream 2 exceeded");
        }

        @Test
        void aFrameIsNotWaitedForWhole() {
            probe.send("000000000000000200000003" + "aabb");
            assertThat(probe.events()).containsExactly(new Data(stream, ByteBuffer.wrap(new byte[] {
                (byte) 0xaa, (byte) 0xbb
            })));
            probe.send("cc");
            assertThat(probe.events()).containsExactly(new Data(stream, ByteBuffer.wrap(new byte[] {(byte) 0xcc})));
        }

        @Test
        void bytesThatNobodyConsumesCostTheStreamThatSendsTooMany() {
            Probe small =
                    Probe.dialer(YamuxConfig.builder().maxReceivedBytes(WINDOW).build());
            YamuxStream first = small.opened(2);
            YamuxStream second = small.opened(4);
            small.sendData(2, 0, WINDOW);
            small.events();
            small.sendData(4, 0, 100);
            assertThat(small.events())
                    .containsExactly(new StreamReset(second, ResetCode.RESOURCE_LIMIT_EXCEEDED, false));
            assertThat(small.frames()).containsExactly("000100080000000400001002");
            assertThat(first.isOpen()).isTrue();
            assertThat(small.session.endReason()).isEmpty();
        }

        @Test
        void moreCannotBeConsumedThanWasGiven() {
            probe.sendData(2, 0, 5);
            assertThatThrownBy(() -> stream.consumed(6, 0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> stream.consumed(-1, 0)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void framesOfUnknownStreamsAreSkipped() {
            probe.sendData(8, 0, 500);
            probe.sendData(7, FIN, 500);
            probe.send(WINDOW_UPDATE, 0, 8, 1);
            probe.send(WINDOW_UPDATE, RST, 8, 1);
            assertThat(probe.events()).isEmpty();
            assertThat(probe.frames()).isEmpty();
            assertThat(session.endReason()).isEmpty();
        }

        @Test
        void unknownFlagsMeanNothing() {
            probe.send("0000fff00000000200000001" + "aa");
            assertThat(probe.events()).singleElement().isInstanceOf(Data.class);
        }
    }

    @Nested
    class Closing {
        private final YamuxStream stream = probe.open();

        @Test
        void theEndFollowsTheDataInAFrameOfItsOwn() {
            stream.write(bytes(3));
            stream.closeWrite();
            stream.closeWrite();
            assertThat(probe.frames()).containsExactly("000000000000000100000003", "000100040000000100000000");
            assertThatThrownBy(() -> stream.write(bytes(1))).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void theEndWaitsForTheWindow() {
            stream.write(bytes(WINDOW));
            probe.frames();
            stream.write(bytes(1));
            stream.closeWrite();
            assertThat(probe.frames()).isEmpty();
            probe.send(WINDOW_UPDATE, 0, 1, 1);
            assertThat(probe.frames()).containsExactly("000000000000000100000001", "000100040000000100000000");
        }

        @Test
        void aStreamIsGoneWhenBothSidesHaveEnded() {
            stream.closeWrite();
            probe.frames();
            probe.sendData(1, 0, 5);
            probe.send(WINDOW_UPDATE, FIN, 1, 0);
            assertThat(probe.events()).hasSize(3).endsWith(new HalfClosed(stream), new StreamClosed(stream));
            assertThat(stream.isOpen()).isFalse();
            stream.consumed(5, probe.nowNanos);
            assertThat(session.table().sums()).containsOnly(0L);
        }

        @Test
        void thisSideMayWriteOnAfterThePeerHasEnded() {
            probe.send(WINDOW_UPDATE, FIN, 1, 0);
            assertThat(probe.events()).containsExactly(new HalfClosed(stream));
            stream.write(bytes(3));
            stream.closeWrite();
            assertThat(probe.frames()).hasSize(2);
            assertThat(probe.events()).containsExactly(new StreamClosed(stream));
        }

        @Test
        void dataAfterTheEndCostsTheStream() {
            probe.send(WINDOW_UPDATE, FIN, 1, 0);
            probe.sendData(1, 0, 5);
            assertThat(probe.events()).endsWith(new StreamReset(stream, ResetCode.PROTOCOL_VIOLATION, false));
            assertThat(probe.frames()).containsExactly("000100080000000100001004");
            assertThat(session.endReason()).isEmpty();
        }
    }

    @Nested
    class Resetting {
        private final YamuxStream stream = probe.open();

        @Test
        void saysWhyAndDropsWhatWasNotSent() {
            stream.write(bytes(3));
            stream.reset(ResetCode.NEGOTIATION_FAILED);
            assertThat(probe.frames()).containsExactly("000100080000000100001001");
            assertThat(probe.events()).isEmpty();
            assertThat(session.table().sums()).containsOnly(0L);
            assertThat(stream.write(bytes(3))).isZero();
            stream.closeWrite();
            stream.reset(ResetCode.UNSPECIFIED);
            assertThat(probe.frames()).isEmpty();
        }

        @Test
        void byThePeerIsToldWithItsCode() {
            stream.write(bytes(3));
            probe.send("000100080000000100001001");
            assertThat(probe.events()).containsExactly(new StreamReset(stream, ResetCode.NEGOTIATION_FAILED, true));
            assertThat(probe.frames()).isEmpty();
            assertThat(session.table().sums()).containsOnly(0L);
        }

        @Test
        void onADataFrameHasNoCodeAndTheDataIsSkipped() {
            probe.sendData(1, RST, 5);
            assertThat(probe.events()).containsExactly(new StreamReset(stream, ResetCode.UNSPECIFIED, true));
            probe.send("000200010000000000000005");
            assertThat(probe.frames()).containsExactly("000200020000000000000005");
        }

        @Test
        void amidAFrameTheRestIsSkipped() {
            probe.send("000000000000000100000003" + "aa");
            probe.events();
            stream.reset(ResetCode.UNSPECIFIED);
            probe.send("bbcc" + "000200010000000000000005");
            assertThat(probe.events()).isEmpty();
            assertThat(probe.frames()).containsExactly("000100080000000100000000", "000200020000000000000005");
        }

        @Test
        void theCodeIsAn32BitNumber() {
            assertThatThrownBy(() -> stream.reset(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> stream.reset(1L << 32)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
