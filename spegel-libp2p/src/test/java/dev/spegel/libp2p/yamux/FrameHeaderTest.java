package dev.spegel.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameHeaderTest {
    @ParameterizedTest
    @CsvSource({
        "WINDOW_UPDATE, 10, 1234, 4321, 0001000a000004d2000010e1", // go-yamux const_test.go
        "PING, 2, 0, 0, 000200020000000000000000", // go-yamux session_test.go
        "WINDOW_UPDATE, 1, 1, 0, 000100010000000100000000",
        "WINDOW_UPDATE, 2, 1, 0, 000100020000000100000000",
        "DATA, 0, 1, 3, 000000000000000100000003",
        "WINDOW_UPDATE, 4, 1, 0, 000100040000000100000000",
        "WINDOW_UPDATE, 8, 1, 4097, 000100080000000100001001",
        "PING, 1, 0, 0, 000200010000000000000000",
        "GO_AWAY, 0, 0, 1, 000300000000000000000001",
        "WINDOW_UPDATE, 0, 2, 131072, 000100000000000200020000",
        "DATA, 65535, 4294967295, 4294967295, 0000ffffffffffffffffffff"
    })
    void isWrittenAndReadBigEndian(FrameHeader.Type type, int flags, long streamId, long length, String hex)
            throws Exception {
        FrameHeader header = new FrameHeader(type, flags, streamId, length);
        ByteBuffer out = ByteBuffer.allocate(FrameHeader.SIZE);
        header.writeTo(out);
        assertThat(HexFormat.of().formatHex(out.array())).isEqualTo(hex);
        assertThat(FrameHeader.read(out.flip())).isEqualTo(header);
    }

    @ParameterizedTest
    @CsvSource({
        "010200010000000000000000, version 0",
        "000400000000000000000000, type 0 to 3",
        "00ff00000000000000000000, type 0 to 3"
    })
    void refusesAnotherVersionAndUnknownTypes(String hex, String why) {
        ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        assertThatThrownBy(() -> FrameHeader.read(in))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining(why);
    }

    @Test
    void refusesNumbersThatDoNotFit() {
        assertThatThrownBy(() -> new FrameHeader(FrameHeader.Type.PING, 0, 0, 1L << 32))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FrameHeader(FrameHeader.Type.PING, 0, -1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FrameHeader(FrameHeader.Type.PING, 1 << 16, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
