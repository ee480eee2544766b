package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerdVersionTest {
    @ParameterizedTest
    @CsvSource({"1.6.20~ds1, 1.6.20", "2.1.9+unknown, 2.1.9", "v2.2.7, 2.2.7", "2.4.0-beta.0, 2.4.0", "1.7, 1.7.0"})
    void readsWhatPackagersWrite(String text, String version) {
        assertThat(ContainerdVersion.parse(text))
                .map(ContainerdVersion::toString)
                .contains(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v", "301026e5", "main", "2", "99999999999.1.1"})
    void otherTextIsNoVersion(String text) {
        assertThat(ContainerdVersion.parse(text)).isEmpty();
    }

    @Test
    void comparesByNumber() {
        ContainerdVersion version = new ContainerdVersion(1, 10, 0);
        assertThat(version.isAtLeast(1, 9)).isTrue();
        assertThat(version.isAtLeast(1, 10)).isTrue();
        assertThat(version.isAtLeast(1, 11)).isFalse();
        assertThat(version.isAtLeast(2, 0)).isFalse();
        assertThat(new ContainerdVersion(2, 0, 0).isAtLeast(1, 10)).isTrue();
        assertThatThrownBy(() -> new ContainerdVersion(1, -1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
