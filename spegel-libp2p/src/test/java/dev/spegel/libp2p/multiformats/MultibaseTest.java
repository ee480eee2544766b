package dev.spegel.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultibaseTest {
    /** multiformats/multibase, tests/basic.csv and tests/leading_zero.csv. */
    @ParameterizedTest
    @CsvSource({
        "yes mani !, f796573206d616e692021",
        "yes mani !, bpfsxgidnmfxgsibb",
        "yes mani !, k2lcpzo5yikidynfl",
        "yes mani !, z7paNL19xttacUY",
        "yes mani !, ueWVzIG1hbmkgIQ",
        "\\0yes mani !, f00796573206d616e692021",
        "\\0yes mani !, bab4wk4zanvqw42jaee",
        "\\0yes mani !, k02lcpzo5yikidynfl",
        "\\0yes mani !, z17paNL19xttacUY",
        "\\0yes mani !, uAHllcyBtYW5pICE",
        "\\0\\0yes mani !, k002lcpzo5yikidynfl",
        "\\0\\0yes mani !, z117paNL19xttacUY"
    })
    void textsAreTheSpecs(String content, String text) {
        byte[] bytes = content.replace("\\0", "\0").getBytes(StandardCharsets.US_ASCII);
        assertThat(Multibase.decodePrefixed(text)).isEqualTo(bytes);
        for (Multibase base : Multibase.values()) {
            if (base.prefix() == text.charAt(0)) {
                assertThat(base.encodePrefixed(bytes)).isEqualTo(text);
            }
        }
    }

    @Property(tries = 300)
    void whatWasWrittenIsRead(@ForAll Multibase base, @ForAll @Size(max = 140) byte[] bytes) {
        assertThat(base.decode(base.encode(bytes))).isEqualTo(bytes);
        assertThat(Multibase.decodePrefixed(base.encodePrefixed(bytes))).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x00",
                "f0",
                "fAB",
                "f0g",
                "bpfsxgidnmfxgsibB",
                "ba",
                "bab",
                "baa======",
                "b1",
                "z0",
                "zO",
                "zl",
                "kK",
                "ueWVzIG1hbmkgIQ==",
                "ueWVzIG1hbmkgIR",
                "ue+",
                "z\u0131",
                "b\ud800"
            })
    void otherSpellingsAreRefused(String text) {
        assertThatThrownBy(() -> Multibase.decodePrefixed(text)).isInstanceOf(MalformedException.class);
    }

    @Test
    void longTextIsRefusedBeforeItCostsTime() {
        assertThat(Multibase.BASE58BTC.decode("2".repeat(Multibase.MAX_TEXT_LENGTH)))
                .isNotEmpty();
        assertThatThrownBy(() -> Multibase.BASE58BTC.decode("2".repeat(Multibase.MAX_TEXT_LENGTH + 1)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 1024 characters");
    }
}
