package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentRangeTest {
    @Test
    void readsRangeAndSize() {
        assertThat(ContentRange.parse("bytes 42-1233/1234"))
                .isEqualTo(new ContentRange(Optional.of(new ByteRange(42, 1233)), OptionalLong.of(1234)));
    }

    @Test
    void readsAnUnknownSize() {
        assertThat(ContentRange.parse("bytes 42-1233/*"))
                .isEqualTo(new ContentRange(Optional.of(new ByteRange(42, 1233)), OptionalLong.empty()));
    }

    @Test
    void readsWhatStatus416Tells() {
        assertThat(ContentRange.parse("Bytes */1234")).isEqualTo(ContentRange.unsatisfied(1234));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes 42-1233/1234", "bytes 0-0/*", "bytes */0", "bytes 0-0/1"})
    void textIsWhatWasRead(String header) {
        assertThat(ContentRange.parse(header)).hasToString(header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes */*",
                "bytes 5-4/10",
                "bytes 0-10/10",
                "bytes 0-4/4",
                "bytes -4/10",
                "bytes 0-/10",
                "bytes 0-4",
                "bytes=0-4/10",
                "bytes  0-4/10",
                "items 0-4/10",
                "bytes 0-9223372036854775807/*",
                "bytes 0-99999999999999999999/*",
                "bytes ٠-٤/١٠",
            })
    void refusesWhatBreaksTheGrammar(String header) {
        assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> ContentRange.parse(header));
    }

    @Test
    void aRangeLiesWithinTheSize() {
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> new ContentRange(Optional.of(new ByteRange(0, 4)), OptionalLong.of(4)));
        assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> ContentRange.unsatisfied(-1));
    }
}
