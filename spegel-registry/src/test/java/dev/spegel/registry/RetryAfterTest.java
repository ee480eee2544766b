package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
    @ParameterizedTest
    @CsvSource({
        "1,1",
        "7,7",
        "30,30",
        "31,30",
        "999999999,30",
        "0,1",
        "-5,1",
        "99999999999999,1",
        "'Fri, 31 Dec 2027 23:59:59 GMT',1"
    })
    void secondsWithinBounds(String header, int seconds) {
        assertThat(RetryAfter.of(Optional.of(header))).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void unsaidIsASecond() {
        assertThat(RetryAfter.of(Optional.empty())).isEqualTo(Duration.ofSeconds(1));
    }
}
