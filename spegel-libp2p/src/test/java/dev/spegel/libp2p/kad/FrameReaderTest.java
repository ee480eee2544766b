package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multiformats.MalformedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
    private final Random random = new Random(7);

    @Test
    void messagesArriveWholeWhateverThePieces() {
        List<KadMessage> messages = List.of(
                KadMessage.ping(),
                KadMessage.getProviders(Peers.randomKey(random)),
                KadMessage.findNode(KadKey.of(new byte[3000])),
                KadMessage.ping());
        ByteBuffer stream = ByteBuffer.allocate(10_000);
        messages.forEach(message -> stream.put(message.toFrame()));
        stream.flip();

        for (int piece : new int[] {1, 2, 3, 7, 1000, 10_000}) {
            FrameReader reader = new FrameReader(KadMessage.MAX_REQUEST_BYTES);
            List<KadMessage> read = new ArrayList<>();
            for (int from = 0; from < stream.limit(); from += piece) {
                ByteBuffer in = stream.slice(from, Math.min(piece, stream.limit() - from));
                for (Optional<byte[]> next = reader.next(in); next.isPresent(); next = reader.next(in)) {
                    read.add(KadMessage.parse(next.get()));
                }
                assertThat(in.hasRemaining()).isFalse();
            }
            assertThat(read).isEqualTo(messages);
            assertThat(reader.insideMessage()).isFalse();
        }
    }

    @Test
    void anEmptyMessageIsAMessage() {
        assertThat(new FrameReader(10).next(ByteBuffer.wrap(new byte[] {0})))
                .hasValueSatisfying(message -> assertThat(message).isEmpty());
    }

    @Test
    void knowsWhetherAnEndWouldCutAMessageOff() {
        FrameReader reader = new FrameReader(1000);

        assertThat(reader.insideMessage()).isFalse();
        reader.next(ByteBuffer.wrap(new byte[] {(byte) 0x80}));
        assertThat(reader.insideMessage()).isTrue();
        reader.next(ByteBuffer.wrap(new byte[] {1}));
        assertThat(reader.insideMessage()).isTrue();
    }

    @Test
    void theLongestMessageIsReadAndALongerOneRefused() {
        ByteBuffer longest = ByteBuffer.allocate(130);
        longest.put(HexFormat.of().parseHex("8001")).position(0);

        assertThat(new FrameReader(128).next(longest))
                .hasValueSatisfying(m -> assertThat(m).hasSize(128));
        assertThatThrownBy(() ->
                        new FrameReader(127).next(ByteBuffer.wrap(HexFormat.of().parseHex("8001"))))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void aLengthThatNeverEndsIsRefused() {
        byte[] endless = HexFormat.of().parseHex("ffffffffff");

        assertThatThrownBy(() -> new FrameReader(KadMessage.MAX_BYTES).next(ByteBuffer.wrap(endless)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void aLengthThatIsLongerThanNeededIsRefused() {
        assertThatThrownBy(() -> new FrameReader(1000)
                        .next(ByteBuffer.wrap(HexFormat.of().parseHex("8000"))))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void aPromiseOfFourMegabytesCostsNothing() {
        List<FrameReader> readers = new ArrayList<>();
        byte[] promise = HexFormat.of().parseHex("80808002" + "00");
        // 10,000 × 4 MiB would be 40 GiB.
        for (int i = 0; i < 10_000; i++) {
            FrameReader reader = new FrameReader(KadMessage.MAX_BYTES);
            assertThat(reader.next(ByteBuffer.wrap(promise))).isEmpty();
            readers.add(reader);
        }
        assertThat(readers).allMatch(FrameReader::insideMessage);
    }
}
