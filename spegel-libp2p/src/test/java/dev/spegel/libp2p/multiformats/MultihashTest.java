package dev.spegel.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultihashTest {
    /** From jvm-libp2p's MultihashTest. */
    private static final String FOO = "12202c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    @Test
    void sha256CarriesItsCodeAndLength() {
        Multihash hash = Multihash.sha256("foo".getBytes(StandardCharsets.US_ASCII));
        assertThat(hash.toBytes()).isEqualTo(HexFormat.of().parseHex(FOO));
        assertThat(hash.code()).isEqualTo(Multihash.SHA2_256);
        assertThat(hash.digestLength()).isEqualTo(32);
        assertThat(HexFormat.of().formatHex(hash.digest())).isEqualTo(FOO.substring(4));
    }

    @Test
    void binaryFormIsReadBack() {
        Multihash hash = Multihash.fromBytes(HexFormat.of().parseHex(FOO));
        assertThat(hash).isEqualTo(Multihash.sha256("foo".getBytes(StandardCharsets.US_ASCII)));
        assertThat(hash).hasSameHashCodeAs(Multihash.sha256("foo".getBytes(StandardCharsets.US_ASCII)));
        assertThat(hash).isNotEqualTo(Multihash.sha256("bar".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void identityIsTheContentItself() {
        byte[] content = {1, 2, 3};
        assertThat(Multihash.identity(content).toBytes()).containsExactly(0, 3, 1, 2, 3);
        assertThat(Multihash.identity(content).digest()).isEqualTo(content);
    }

    @Test
    void unknownFunctionsArePassedOn() {
        assertThat(Multihash.fromBytes(HexFormat.of().parseHex("a0e402021234")).code())
                .isEqualTo(0xb220);
        assertThat(Multihash.of(0xb220, new byte[] {0x12, 0x34}).toBytes())
                .isEqualTo(HexFormat.of().parseHex("a0e402021234"));
    }

    @Test
    void callersCannotChangeIt() {
        byte[] bytes = HexFormat.of().parseHex(FOO);
        Multihash hash = Multihash.fromBytes(bytes);
        bytes[5] = 0;
        hash.toBytes()[5] = 0;
        hash.digest()[5] = 0;
        assertThat(hash.toBytes()).isEqualTo(HexFormat.of().parseHex(FOO));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "12", // no length
                "1220", // no digest
                "122000", // a digest cut short
                "00020102" + "03", // a byte too many
                "120100", // not a SHA-256 digest
                "00ffffffff0f", // a length that nothing follows
                "80808080808080808001" + "00" // a code of ten bytes
            })
    void malformedIsRefused(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> Multihash.fromBytes(bytes)).isInstanceOf(MalformedException.class);
    }

    @Test
    void digestsAreBounded() {
        assertThat(Multihash.identity(new byte[Multihash.MAX_DIGEST_LENGTH]).digestLength())
                .isEqualTo(128);
        assertThatThrownBy(() -> Multihash.identity(new byte[Multihash.MAX_DIGEST_LENGTH + 1]))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 128 bytes, got 129");
    }
}
