package dev.spegel.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarintTest {
    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "1, 01",
        "127, 7f",
        "128, 8001",
        "255, ff01",
        "300, ac02",
        "16384, 808001",
        "9223372036854775807, ffffffffffffffff7f"
    })
    void numbersHaveTheSpecsEncoding(long value, String hex) {
        byte[] encoded = HexFormat.of().parseHex(hex);
        assertThat(Varint.encode(value)).isEqualTo(encoded);
        assertThat(Varint.length(value)).isEqualTo(encoded.length);
        assertThat(Varint.read(ByteBuffer.wrap(encoded))).isEqualTo(value);
    }

    @Property
    void whatWasWrittenIsRead(@ForAll @LongRange(max = Long.MAX_VALUE) long value) {
        ByteBuffer buffer = ByteBuffer.allocate(Varint.MAX_LENGTH + 1);
        Varint.write(value, buffer);
        buffer.put((byte) 0x2a).flip();
        assertThat(Varint.read(buffer)).isEqualTo(value);
        assertThat(buffer.position()).isEqualTo(Varint.length(value));
        assertThat(buffer.get()).isEqualTo((byte) 0x2a);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8000", "808000", "ff00", "ffffffffffffffffff01", "80808080808080808000"})
    void longerThanNeededOrAllowedIsRefused(String hex) {
        assertThatThrownBy(() -> Varint.read(ByteBuffer.wrap(HexFormat.of().parseHex(hex))))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "80", "ffff"})
    void truncatedIsRefusedAndLeftAlone(String hex) {
        ByteBuffer buffer = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        assertThat(Varint.peek(buffer, Varint.MAX_LENGTH)).isEqualTo(-1);
        assertThatThrownBy(() -> Varint.read(buffer)).isInstanceOf(MalformedException.class);
        assertThat(buffer.position()).isZero();
    }

    @Test
    void peekStopsAtTheCallersLimit() {
        ByteBuffer buffer = ByteBuffer.wrap(HexFormat.of().parseHex("80808001"));
        assertThat(Varint.peek(buffer, 4)).isEqualTo(1 << 21);
        assertThatThrownBy(() -> Varint.peek(buffer, 2))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 2 bytes");
        assertThat(buffer.position()).isZero();
    }

    @Test
    void negativeNumbersAreOurOwnMistake() {
        assertThatThrownBy(() -> Varint.encode(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Varint.length(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
