package dev.spegel.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Optional;

class YamuxFuzzTest {
    /** Any bytes are taken, whole or in pieces, with the same outcome; what is sent is well-formed, and nothing is left at the end. */
    @FuzzTest
    void anyInputIsTakenAndTheSessionEndsClean(byte[] input) {
        YamuxSession whole = YamuxSession.listener(YamuxConfig.DEFAULTS, 0);
        YamuxSession pieces = YamuxSession.listener(YamuxConfig.DEFAULTS, 0);
        whole.receive(ByteBuffer.wrap(input), 1);
        for (int at = 0; at < input.length; at++) {
            pieces.receive(ByteBuffer.wrap(input, at, 1), 1);
        }
        assertThat(pieces.endReason()).isEqualTo(whole.endReason());
        assertThat(pieces.openStreams()).isEqualTo(whole.openStreams());
        assertThat(dataBytes(pieces)).isEqualTo(dataBytes(whole)).isLessThanOrEqualTo(input.length);

        checkOutput(whole);
        whole.close(GoAwayCode.NORMAL);
        assertThat(whole.table().sums()).containsOnly(0L);
    }

    private static long dataBytes(YamuxSession session) {
        long count = 0;
        Optional<YamuxEvent> event = session.nextEvent();
        while (event.isPresent()) {
            if (event.get() instanceof YamuxEvent.Data data) {
                count += data.bytes().remaining();
                data.stream().consumed(data.bytes().remaining(), 2);
            }
            event = session.nextEvent();
        }
        return count;
    }

    private static void checkOutput(YamuxSession session) {
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        while (session.hasOutput()) {
            session.writeTo(out.clear(), 2);
            out.flip();
            while (out.hasRemaining()) {
                try {
                    assertThat(FrameHeader.read(out).type()).isNotEqualTo(FrameHeader.Type.DATA);
                } catch (ProtocolViolation e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
