package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RangeSpecTest {
    @Nested
    class Parse {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "bytes=0-499 | bytes=0-499",
                    "bytes=500-999 | bytes=500-999",
                    "bytes=9500- | bytes=9500-",
                    "bytes=-500 | bytes=-500",
                    "bytes=0-0 | bytes=0-0",
                    "bytes=-0 | bytes=-0",
                    "BYTES=007-8 | bytes=7-8",
                    "bytes=,0-4 | bytes=0-4",
                    "bytes=0-4 ,\t, | bytes=0-4",
                    "bytes=0-9223372036854775807 | bytes=0-",
                    "bytes=0-99999999999999999999999 | bytes=0-",
                    "bytes=99999999999999999999-99999999999999999998 | bytes=9223372036854775807-",
                    "bytes=-99999999999999999999 | bytes=-9223372036854775807",
                })
        void readsOneRange(String header, String usual) {
            assertThat(RangeSpec.parse(header))
                    .hasValueSatisfying(spec -> assertThat(spec).hasToString(usual));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "items=0-4",
                    "seconds=banana",
                    "bytesx=0-4",
                    "bytes=0-4,6-9",
                    "bytes=0-0,-1",
                    "bytes= ,0-4 , 6-,-2",
                })
        void otherUnitsAndSeveralRangesAreIgnored(String header) {
            assertThat(RangeSpec.parse(header)).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "bytes",
                    "bytes=",
                    "bytes=,",
                    "bytes=-",
                    "bytes=--1",
                    "bytes=5",
                    "bytes=5-4",
                    "bytes=a-b",
                    "bytes=0x1-2",
                    "bytes=1 - 2",
                    "bytes= 0-4",
                    "bytes =0-4",
                    "bytes=+1-2",
                    "bytes=1.0-2",
                    "bytes=1-2-3",
                    "bytes=٣-٤",
                    "bytes=0-4,5-4",
                    "bytes=0-4;6-9",
                    "bytes=0-4,banana",
                })
        void malformedRangesAreRefused(String header) {
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> RangeSpec.parse(header))
                    .extracting(OciSyntaxException::code)
                    .isEqualTo(ErrorCode.UNSUPPORTED);
        }
    }

    @Nested
    class Within {
        @ParameterizedTest
        @CsvSource({
            "bytes=0-499, 10000, 0-499",
            "bytes=9500-, 10000, 9500-9999",
            "bytes=9500-20000, 10000, 9500-9999",
            "bytes=9999-9999, 10000, 9999-9999",
            "bytes=-500, 10000, 9500-9999",
            "bytes=-20000, 10000, 0-9999",
            "bytes=-9223372036854775807, 10, 0-9",
            "bytes=0-, 1, 0-0",
            "bytes=0-, 9223372036854775807, 0-9223372036854775806",
        })
        void isCutToTheContent(String header, long size, String expected) {
            assertThat(RangeSpec.parse(header).orElseThrow().within(size))
                    .hasValueSatisfying(range -> assertThat(range).hasToString(expected));
        }

        @ParameterizedTest
        @CsvSource({
            "bytes=10000-, 10000",
            "bytes=10000-10001, 10000",
            "bytes=9223372036854775807-, 9223372036854775807",
            "bytes=-0, 10000",
            "bytes=0-, 0",
            "bytes=-5, 0",
        })
        void isEmptyOutsideTheContent(String header, long size) {
            assertThat(RangeSpec.parse(header).orElseThrow().within(size)).isEmpty();
        }
    }

    @Test
    void fromAByteToTheEnd() {
        assertThat(RangeSpec.from(7)).hasToString("bytes=7-");
    }

    @Test
    void negativeNumbersAreRefused() {
        assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> RangeSpec.from(-1));
        assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> new RangeSpec.Suffix(-1));
    }
}
