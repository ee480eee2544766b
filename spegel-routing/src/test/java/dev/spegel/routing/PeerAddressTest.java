package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class PeerAddressTest {
    @Test
    void readsNamesAndAddresses() {
        assertThat(PeerAddress.parse("node-1.example:5000")).isEqualTo(new PeerAddress("node-1.example", 5000));
        assertThat(PeerAddress.parse("10.0.0.7:1")).isEqualTo(new PeerAddress("10.0.0.7", 1));
        assertThat(PeerAddress.parse("[fd00::1]:65535")).isEqualTo(new PeerAddress("fd00::1", 65535));
        assertThat(PeerAddress.parse("[fe80::1%eth0]:5000")).isEqualTo(new PeerAddress("fe80::1%eth0", 5000));
    }

    @Test
    void writesWhatItReads() {
        for (String text : List.of("node-1:5000", "10.0.0.7:5000", "[fd00::1]:5000")) {
            assertThat(PeerAddress.parse(text)).hasToString(text);
        }
    }

    @Test
    void refusesAnythingElse() {
        for (String text : List.of(
                "",
                "node",
                "node:",
                ":5000",
                "node:0",
                "node:65536",
                "node:5000x",
                "http://node:5000",
                "node:5000/",
                "user@node:5000",
                "fd00::1:5000",
                "[node]:5000",
                "[fd00::1]",
                "no de:5000")) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> PeerAddress.parse(text));
        }
    }
}
