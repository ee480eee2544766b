package dev.spegel.libp2p.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.libp2p.pnet.PrivateStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.security.SecureRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link PrivateHandler} and {@link OpenHandler}, byte by byte. */
class PrivateHandlerTest {
    private static final byte[] BEGINNING = "\u0013/multistream/1.0.0\n\u0007/noise\n".getBytes(US_ASCII);

    @AfterAll
    static void nothingLeaks() {
        LeakWatch.check();
    }

    private static EmbeddedChannel withKey(int number) {
        byte[] key = new byte[PreSharedKey.BYTES];
        key[0] = (byte) number;
        return new EmbeddedChannel(new PrivateHandler(PreSharedKey.of(key), new SecureRandom()));
    }

    private static EmbeddedChannel open() {
        return new EmbeddedChannel(new OpenHandler());
    }

    /** What the channel sends for this. */
    private static byte[] sent(EmbeddedChannel channel, byte[] text) {
        channel.writeOutbound(Unpooled.wrappedBuffer(text));
        return all(channel.readOutbound());
    }

    private static byte[] all(ByteBuf bytes) {
        try {
            return ByteBufUtil.getBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    /** What comes out when this comes in, so many bytes at a time. */
    private static byte[] received(EmbeddedChannel channel, byte[] bytes, int piece) {
        ByteBuf out = Unpooled.buffer();
        for (int from = 0; from < bytes.length; from += piece) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, from, Math.min(piece, bytes.length - from)));
            for (ByteBuf text = channel.readInbound(); text != null; text = channel.readInbound()) {
                out.writeBytes(text);
                text.release();
            }
        }
        return all(out);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 24, 25, 1000})
    void oneReadsWhatAnotherWithTheKeySends(int piece) {
        EmbeddedChannel a = withKey(1);
        EmbeddedChannel b = withKey(1);
        byte[] first = sent(a, BEGINNING);
        assertThat(first).hasSize(PrivateStream.NONCE_BYTES + BEGINNING.length);
        assertThat(received(b, first, piece)).isEqualTo(BEGINNING);
        byte[] more = "more".getBytes(US_ASCII);
        byte[] second = sent(a, more);
        assertThat(second).hasSize(more.length).isNotEqualTo(more);
        assertThat(received(b, second, piece)).isEqualTo(more);
    }

    @Test
    void noTwoConnectionsLookAlike() {
        assertThat(sent(withKey(1), BEGINNING)).isNotEqualTo(sent(withKey(1), BEGINNING));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void anotherKeyIsNoticedAtTheFirstWords(int piece) {
        byte[] bytes = sent(withKey(1), BEGINNING);
        EmbeddedChannel other = withKey(2);
        assertThatThrownBy(() -> received(other, bytes, piece))
                .isInstanceOf(StrangerException.class)
                .hasMessageContaining("another pre-shared key");
        assertThatCode(() -> received(other, bytes, piece)).doesNotThrowAnyException(); // what still comes is dropped
        assertThat(other.<ByteBuf>readInbound()).isNull();
    }

    @Test
    void whoLeavesWithoutAWordMayHaveAnotherKey() {
        byte[] bytes = sent(withKey(1), BEGINNING);
        EmbeddedChannel other = withKey(2);
        other.writeInbound(Unpooled.copiedBuffer(bytes, 0, PrivateStream.NONCE_BYTES));
        assertThatThrownBy(other::finish)
                .isInstanceOf(StrangerException.class)
                .hasMessageContaining("may have another pre-shared key");
        EmbeddedChannel silent = withKey(2);
        assertThat(silent.finish()).as("there is something to read").isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void nobodysKeyIsNoticedBeforeTheNonceIsWhole(int piece) {
        assertThatThrownBy(() -> received(withKey(1), BEGINNING, piece))
                .isInstanceOf(StrangerException.class)
                .hasMessageContaining("it has no pre-shared key, and this node has one");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void anOpenNodeNoticesAPrivateOne(int piece) {
        byte[] bytes = sent(withKey(1), BEGINNING);
        assertThatThrownBy(() -> received(open(), bytes, piece))
                .isInstanceOf(StrangerException.class)
                .hasMessageContaining("it has a pre-shared key, and this node has none");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void anOpenNodePassesOnWhatAnotherSays(int piece) {
        EmbeddedChannel open = open();
        assertThat(received(open, BEGINNING, piece)).isEqualTo(BEGINNING);
        assertThat(open.pipeline().get(OpenHandler.class)).as("has left").isNull();
    }
}
