package dev.spegel.libp2p.yamux;

import static dev.spegel.libp2p.yamux.FrameHeader.SYN;
import static dev.spegel.libp2p.yamux.FrameHeader.Type.PING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.yamux.YamuxEvent.PingAnswered;
import dev.spegel.libp2p.yamux.YamuxEvent.SessionEnded;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a session is kept alive, and how it ends. */
class YamuxSessionLifeTest {
    private static final int WINDOW = ReceiveWindow.INITIAL;
    private static final String GO_AWAY_PROTOCOL_ERROR = "000300000000000000000001";

    private final Probe probe = Probe.dialer(YamuxConfig.DEFAULTS);
    private final YamuxSession session = probe.session;

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count);
    }

    @Nested
    class Pinging {
        @Test
        void startsWithTheSessionAndMeasuresTheRoundTrip() {
            Probe fresh = Probe.fresh(YamuxConfig.DEFAULTS);
            assertThat(fresh.frames()).containsExactly("000200010000000000000000");
            fresh.pass(Duration.ofMillis(3));
            fresh.send("000200020000000000000000");
            assertThat(fresh.events()).containsExactly(new PingAnswered(Duration.ofMillis(3)));
        }

        @Test
        void goesOnEvery30SecondsWithTheNextValue() {
            assertThat(session.nextDeadline())
                    .hasValue(probe.nowNanos + Duration.ofMillis(29_999).toNanos());
            probe.tickAfter(Duration.ofMillis(29_998));
            assertThat(probe.frames()).isEmpty();
            probe.tickAfter(Duration.ofMillis(1));
            assertThat(probe.frames()).containsExactly("000200010000000000000001");
        }

        @Test
        void anUnansweredPingEndsASilentSessionWithoutGoAway() {
            probe.tickAfter(Duration.ofSeconds(30));
            probe.frames();
            assertThat(session.nextDeadline())
                    .hasValue(probe.nowNanos + Duration.ofSeconds(10).toNanos());
            probe.tickAfter(Duration.ofSeconds(10));
            assertThat(probe.endReason().cause()).isEqualTo(EndReason.Cause.KEEPALIVE_TIMEOUT);
            assertThat(probe.frames()).isEmpty();
            assertThat(session.nextDeadline()).isEmpty();
        }

        @Test
        void aPeerThatSendsOtherThingsIsAlive() {
            probe.tickAfter(Duration.ofSeconds(30));
            probe.frames();
            probe.pass(Duration.ofSeconds(5));
            probe.send(PING, SYN, 0, 0);
            probe.frames();
            probe.tickAfter(Duration.ofSeconds(5));
            assertThat(session.endReason()).isEmpty();
            probe.tickAfter(Duration.ofSeconds(20));
            assertThat(probe.frames()).containsExactly("000200010000000000000002");
        }

        @Test
        void theValueIsReturnedAsItCame() {
            probe.send("0002000100000000deadbeef");
            assertThat(probe.frames()).containsExactly("0002000200000000deadbeef");
        }

        @Test
        void anAnswerThatNobodyAskedForIsHarmless() {
            probe.send("000200020000000000000000");
            probe.send("000200020000000000000099");
            assertThat(probe.events()).isEmpty();
            assertThat(session.endReason()).isEmpty();
        }

        @Test
        void aFloodIsAnsweredWithinBounds() {
            for (int i = 0; i < 1000; i++) {
                probe.send(PING, SYN, 0, i);
            }
            assertThat(probe.frames()).hasSize(Outbox.MAX_PING_ANSWERS);
            probe.send(PING, SYN, 0, 1);
            assertThat(probe.frames()).hasSize(1);
        }
    }

    @Nested
    class Ending {
        private final YamuxStream stream = probe.open();

        @ParameterizedTest
        @CsvSource({
            "010000000000000200000000, version",
            "000400000000000000000000, type",
            "000100010000000700000000, even numbers",
            "000100010000000100000000, opened twice",
            "000000000000000000000001, stream 0",
            "000100010000000000000000, stream 0",
            "000200010000000100000000, stream 0",
            "000300000000000100000000, stream 0",
            "000000000000006301000001, at most",
            "0000000000000001ffffffff, receive window"
        })
        void whatThePeerMustNotSendIsAnsweredWithGoAway(String hex, String why) {
            stream.write(bytes(3));
            probe.send(hex);
            assertThat(probe.endReason().cause()).isEqualTo(EndReason.Cause.PROTOCOL_VIOLATION);
            assertThat(probe.endReason().detail()).contains(why);
            assertThat(probe.frames()).containsExactly(GO_AWAY_PROTOCOL_ERROR);
            assertThat(probe.events()).containsExactly(new SessionEnded(probe.endReason(), List.of(stream)));
            assertThat(session.table().sums()).containsOnly(0L);
        }

        @ParameterizedTest
        @ValueSource(longs = {0, 1, 2, 0x1005, 0xffff_ffffL})
        void anyGoAwayIsTheEnd(long code) {
            probe.send(FrameHeader.Type.GO_AWAY, 0, 0, code);
            assertThat(probe.endReason())
                    .isEqualTo(new EndReason(EndReason.Cause.PEER_WENT_AWAY, code, "the peer said GoAway " + code));
            assertThat(probe.frames()).isEmpty();
        }

        @Test
        void ofOurOwnWillSaysWhy() {
            session.close(GoAwayCode.SHUTDOWN);
            session.close(GoAwayCode.NORMAL);
            assertThat(probe.frames()).containsExactly("000300000000000000001006");
            assertThat(probe.endReason().cause()).isEqualTo(EndReason.Cause.CLOSED);
            assertThatThrownBy(() -> session.close(-1)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void withTheConnectionSaysNothing() {
            session.connectionLost("Connection reset");
            assertThat(probe.frames()).isEmpty();
            assertThat(probe.endReason().detail()).isEqualTo("Connection reset");
        }

        @Test
        void leavesNothingToDo() {
            session.close(GoAwayCode.NORMAL);
            probe.frames();
            probe.events();
            probe.send("000100010000000200000000");
            probe.tickAfter(Duration.ofDays(1));
            assertThat(session.openStream(probe.nowNanos)).isEmpty();
            assertThat(stream.isOpen()).isFalse();
            assertThat(stream.write(bytes(1))).isZero();
            stream.consumed(99, probe.nowNanos);
            assertThat(probe.events()).isEmpty();
            assertThat(probe.frames()).isEmpty();
            assertThat(session.openStreams()).isZero();
        }

        @Test
        void comesWhenNothingCanBeSentFor10Seconds() {
            stream.write(bytes(3));
            session.tick(probe.nowNanos);
            assertThat(session.nextDeadline())
                    .hasValue(probe.nowNanos + Duration.ofSeconds(10).toNanos());
            probe.pass(Duration.ofSeconds(10));
            probe.send(PING, SYN, 0, 0); // it sends, yet doesn't read
            assertThat(probe.endReason().cause()).isEqualTo(EndReason.Cause.WRITE_TIMEOUT);
        }

        @Test
        void doesNotComeWhileSomethingIsSentOrOnlyAWindowIsWaitedFor() {
            stream.write(bytes(100));
            for (int i = 0; i < 5; i++) {
                session.writeTo(bytes(13), probe.nowNanos);
                probe.tickAfter(Duration.ofSeconds(5));
            }
            assertThat(stream.unsentBytes()).isEqualTo(95);
            stream.write(bytes(WINDOW - 95));
            stream.write(bytes(WINDOW));
            probe.frames();
            stream.write(bytes(1000));
            probe.tickAfter(Duration.ofSeconds(4));
            assertThat(session.endReason()).isEmpty();
        }
    }
}
