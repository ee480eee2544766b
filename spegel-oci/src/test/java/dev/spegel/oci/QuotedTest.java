package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotedTest {
    @Test
    void escapesWhatCouldForgeALogLine() {
        assertThat(Quoted.of("a\r\nb\u001b[0m\"\\é")).isEqualTo("\"a\\u000d\\u000ab\\u001b[0m\\\"\\\\\\u00e9\"");
    }

    @Test
    void cutsLongText() {
        assertThat(Quoted.of("x".repeat(101))).isEqualTo("\"" + "x".repeat(100) + "\"… (101 characters)");
        assertThat(Quoted.of("x".repeat(100))).isEqualTo("\"" + "x".repeat(100) + "\"");
    }
}
