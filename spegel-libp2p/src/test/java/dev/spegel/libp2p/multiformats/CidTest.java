package dev.spegel.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidTest {
    /** From Spegel's pkg/routing/libp2p/libp2p_test.go. */
    private static final String FOOBAR = "bafkreigdvoh7cnza5cwzar65hfdgwpejotszfqx2ha6uuolaofgk54ge6i";

    @Test
    void rawContentHasTheCidThatGoGivesIt() {
        Multihash hash = Multihash.sha256("foobar".getBytes(StandardCharsets.UTF_8));
        assertThat(new Cid(Cid.RAW, hash)).hasToString(FOOBAR);
        assertThat(hash.toBytes())
                .isEqualTo(HexFormat.of()
                        .parseHex("1220c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2"));
        assertThat(Multihash.sha256(hash.toBytes()).digest())
                .as("its position in the key space")
                .isEqualTo(HexFormat.of().parseHex("bd8506b070010a16a922a8f14536e7390f5f265c7515c00783bb98b58c2e444f"));
    }

    @Test
    void textOfAnyBaseIsRead() {
        Cid cid = Cid.parse(FOOBAR);
        assertThat(cid.codec()).isEqualTo(Cid.RAW);
        for (Multibase base : Multibase.values()) {
            assertThat(Cid.parse(cid.toString(base))).as(base.toString()).isEqualTo(cid);
        }
        assertThat(Cid.fromBytes(cid.toBytes())).isEqualTo(cid);
    }

    /** From go-multiaddr's multiaddr_test.go. */
    @Test
    void base36IsGos() {
        Cid cid = Cid.parse("k2k4r8oqamigqdo6o7hsbfwd45y70oyynp98usk7zmyfrzpqxh1pohl7");
        assertThat(cid.codec()).isEqualTo(Cid.LIBP2P_KEY);
        assertThat(cid.multihash()).hasToString("QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC");
        assertThat(cid.multihash().toBytes())
                .isEqualTo(HexFormat.of()
                        .parseHex("1220d52ebb89d85b02a284948203a62ff28389c57c9f42beec4ec20db76a68911c0b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "f",
                "f01",
                "f0155",
                "f0155122000",
                "f02551220c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2", // version 2
                "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC" // version 0
            })
    void malformedAndOtherVersionsAreRefused(String text) {
        assertThatThrownBy(() -> Cid.parse(text)).isInstanceOf(MalformedException.class);
    }

    @Test
    void negativeCodecIsOurOwnMistake() {
        assertThatThrownBy(() -> new Cid(-1, Multihash.sha256(new byte[0])))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
