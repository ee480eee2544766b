package dev.spegel.libp2p.multistream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTest {
    @ParameterizedTest
    @CsvSource({
        "na, 036e610a",
        "/multistream/1.0.0, 132f6d756c746973747265616d2f312e302e300a",
        "/tls/1.0.0, 0b2f746c732f312e302e300a",
        "/noise, 072f6e6f6973650a",
        "/yamux/1.0.0, 0d2f79616d75782f312e302e300a",
        "/ipfs/id/1.0.0, 0f2f697066732f69642f312e302e300a",
        "/ipfs/id/push/1.0.0, 142f697066732f69642f707573682f312e302e300a",
        "/ipfs/ping/1.0.0, 112f697066732f70696e672f312e302e300a",
        "/spegel/kad/1.0.0, 122f73706567656c2f6b61642f312e302e300a"
    })
    void isWrittenAndReadAsTheSpecificationHasIt(String text, String hex) {
        ByteBuffer encoded = Token.encode(text);
        assertThat(Hex.of(encoded)).isEqualTo(hex);
        assertThat(new TokenReader().read(encoded)).contains(text);
        assertThat(encoded.hasRemaining()).isFalse();
    }

    @Test
    void severalAreWrittenOneAfterTheOther() {
        assertThat(Hex.of(Token.encode("na", "/noise"))).isEqualTo("036e610a" + "072f6e6f6973650a");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 126, 127, 128, 1023})
    void anyLengthUpToTheLimitIsReadAsItIsWritten(int length) {
        String text = "p".repeat(length);
        assertThat(new TokenReader().read(Token.encode(text))).contains(text);
    }

    @Nested
    class Reading {
        private final TokenReader reader = new TokenReader();

        @Test
        void takesNoByteBeyondTheToken() {
            ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex("036e610a0001"));
            assertThat(reader.read(in)).contains("na");
            assertThat(in.remaining()).isEqualTo(2);
        }

        @Test
        void putsPiecesTogether() {
            ByteBuffer whole = Token.encode("p".repeat(300), "na");
            StringBuilder read = new StringBuilder();
            while (whole.hasRemaining()) {
                reader.read(ByteBuffer.wrap(new byte[] {whole.get()}))
                        .ifPresent(text -> read.append(text).append(' '));
            }
            assertThat(read).hasToString("p".repeat(300) + " na ");
            assertThat(reader.isAmidToken()).isFalse();
        }

        @Test
        void anEmptyLineIsAToken() {
            assertThat(reader.read(ByteBuffer.wrap(new byte[] {1, '\n'}))).isEqualTo(Optional.of(""));
        }

        @ParameterizedTest
        @CsvSource({
            "00, 1 to 1024 bytes", // no newline fits
            "8108, 1 to 1024 bytes", // 1025
            "808001, longer length",
            "ffffffffffffffffff01, longer length",
            "8300, needless 0",
            "036e6161, newline"
        })
        void refusesWhatIsNoToken(String hex, String why) {
            ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
            assertThatThrownBy(() -> reader.read(in))
                    .isInstanceOf(MultistreamException.class)
                    .hasMessageContaining(why);
        }

        @Test
        void showsWhatAStrangerSentInPrintableForm() {
            byte[] line = "\u0001/\"x".repeat(200).getBytes(US_ASCII);
            ByteBuffer in = ByteBuffer.allocate(line.length + 2)
                    .put((byte) 0xa0)
                    .put((byte) 6)
                    .put(line)
                    .flip();
            assertThatThrownBy(() -> reader.read(in))
                    .isInstanceOf(MultistreamException.class)
                    .hasMessageEndingWith("got \"" + "?/?x".repeat(20) + "…\"");
        }
    }

    @Nested
    class Protocols {
        @ParameterizedTest
        @ValueSource(strings = {"", "a b", "a\n", "ä", "na", "/multistream/1.0.0"})
        void areRefusedIfTheyCouldNotBeAgreedOn(String protocol) {
            assertThatThrownBy(() -> Token.checkedProtocol(protocol)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void fitAToken() {
            assertThat(Token.checkedProtocol("p".repeat(1023))).hasSize(1023);
            String tooLong = "p".repeat(1024);
            assertThatThrownBy(() -> Token.checkedProtocol(tooLong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
