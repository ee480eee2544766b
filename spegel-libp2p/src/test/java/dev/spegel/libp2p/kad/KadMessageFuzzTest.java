package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.spegel.libp2p.multiformats.MalformedException;
import java.nio.ByteBuffer;
import java.util.Optional;

class KadMessageFuzzTest {
    @FuzzTest
    void whatIsReadIsReadAsItIsWritten(byte[] input) {
        KadMessage message;
        try {
            message = KadMessage.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(KadMessage.parse(message.toBytes())).isEqualTo(message);
    }

    @FuzzTest
    void framesAreCutAlikeWhateverThePieces(byte[] input) {
        FrameReader whole = new FrameReader(KadMessage.MAX_REQUEST_BYTES);
        FrameReader piecemeal = new FrameReader(KadMessage.MAX_REQUEST_BYTES);
        ByteBuffer in = ByteBuffer.wrap(input);
        try {
            for (Optional<byte[]> next = whole.next(in); next.isPresent(); next = whole.next(in)) {
                assertThat(next)
                        .hasValueSatisfying(message -> assertThat(message).hasSizeLessThanOrEqualTo(input.length));
            }
        } catch (MalformedException e) {
            return;
        }
        for (byte each : input) {
            piecemeal.next(ByteBuffer.wrap(new byte[] {each}));
        }
        assertThat(piecemeal.insideMessage()).isEqualTo(whole.insideMessage());
    }
}
