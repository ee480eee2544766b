package dev.spegel.agent.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {
    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "104857600, 100 MiB", "9223372036854775807, 8.0 EiB"})
    void bytes(long count, String text) {
        assertThat(Amounts.bytes(count)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.0012S, 1.2 ms",
        "PT0.25S, 250 ms",
        "PT1.5S, 1.5 s",
        "PT59S, 59 s",
        "PT3M59S, 3 min",
        "PT47H30M, 47 h 30 min",
        "PT76H, 3 d 4 h"
    })
    void time(Duration time, String text) {
        assertThat(Amounts.time(time)).isEqualTo(text);
    }
}
