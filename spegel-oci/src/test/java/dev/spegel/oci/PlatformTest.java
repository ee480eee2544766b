package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {
    @Nested
    class Parse {
        @ParameterizedTest
        @ValueSource(strings = {"linux/amd64", "linux/arm64/v8", "windows/amd64", "unknown/unknown"})
        void textIsWhatWasRead(String text) {
            assertThat(Platform.parse(text)).hasToString(text);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/arm/", "linux/a b"})
        void refusesWhatHasAnotherForm(String text) {
            assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> Platform.parse(text));
        }
    }

    @Nested
    class RunsHere {
        @ParameterizedTest
        @CsvSource({
            "linux/amd64, linux/amd64 linux/386",
            "linux/x86_64/v3, linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386",
            "linux/arm, linux/arm/v7 linux/arm/v6 linux/arm/v5",
            "linux/arm/v6, linux/arm/v6 linux/arm/v5",
            "linux/arm/v5, linux/arm/v5",
            "linux/aarch64, linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5",
            "linux/arm64/v8.2, linux/arm64/v8.2 linux/arm64/v8.1 linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5",
            "linux/arm64/v9, linux/arm64/v9 linux/arm64/v8.5 linux/arm64/v8.4 linux/arm64/v8.3 linux/arm64/v8.2 linux/arm64/v8.1"
                    + " linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5",
            "linux/s390x, linux/s390x",
            "linux/amd64/odd, linux/amd64/odd linux/386",
        })
        void theBestComesFirst(String own, String expected) {
            assertThat(Platform.parse(own).runnable().stream().map(Platform::toString))
                    .containsExactly(expected.split(" ", -1));
        }

        @Test
        void theSystemAndItsVersionStayTheSame() {
            Platform own =
                    new Platform("windows", "amd64", Optional.empty(), Optional.of("10.0.17763"), List.of("win32k"));

            assertThat(own.runnable()).allSatisfy(each -> {
                assertThat(each.os()).isEqualTo("windows");
                assertThat(each.osVersion()).contains("10.0.17763");
                assertThat(each.osFeatures()).containsExactly("win32k");
            });
        }
    }

    @Nested
    class Matches {
        @ParameterizedTest
        @CsvSource({
            "linux/amd64, linux/x86_64",
            "linux/amd64, linux/amd64/v1",
            "linux/amd64, Linux/AMD64",
            "linux/arm64, linux/aarch64",
            "linux/arm64, linux/arm64/v8",
            "linux/arm64/v9, linux/arm64/9",
            "linux/arm, linux/arm/v7",
            "linux/arm/v7, linux/armhf",
            "linux/arm/v6, linux/armel",
            "linux/arm/v6, linux/arm/6",
            "linux/386, linux/i686",
            "darwin/arm64, macos/aarch64",
        })
        void namesForTheSameAreTheSame(String one, String other) {
            assertThat(Platform.parse(one).matches(Platform.parse(other))).isTrue();
            assertThat(Platform.parse(other).matches(Platform.parse(one))).isTrue();
        }

        @ParameterizedTest
        @CsvSource({
            "linux/amd64, linux/arm64",
            "linux/amd64, windows/amd64",
            "linux/amd64, linux/amd64/v3",
            "linux/arm/v7, linux/arm/v6",
            "linux/arm64, linux/arm64/v9",
            "linux/amd64, unknown/unknown",
        })
        void othersAreNot(String one, String other) {
            assertThat(Platform.parse(one).matches(Platform.parse(other))).isFalse();
        }

        @Test
        void aVersionOfTheSystemIncludesItsRevisions() {
            Platform build = windows("10.0.17763", List.of());

            assertThat(build.matches(windows("10.0.17763.1040", List.of()))).isTrue();
            assertThat(build.matches(windows("10.0.177630", List.of()))).isFalse();
            assertThat(build.matches(windows("10.0.20348", List.of()))).isFalse();
            assertThat(build.matches(Platform.of("windows", "amd64"))).isTrue();
            assertThat(Platform.of("windows", "amd64").matches(build)).isTrue();
        }

        @Test
        void anImageNeedsItsFeatures() {
            Platform image = windows("10.0.17763", List.of("win32k"));

            assertThat(windows("10.0.17763", List.of("win32k")).matches(image)).isTrue();
            assertThat(windows("10.0.17763", List.of()).matches(image)).isFalse();
        }

        private Platform windows(String version, List<String> features) {
            return new Platform("windows", "amd64", Optional.empty(), Optional.of(version), features);
        }
    }

    @Nested
    class Current {
        @ParameterizedTest
        @CsvSource({
            "Linux, amd64, linux/amd64",
            "Linux, aarch64, linux/arm64",
            "Linux, arm, linux/arm/v7",
            "Linux, i386, linux/386",
            "Linux, riscv64, linux/riscv64",
            "Linux, loongarch64, linux/loong64",
            "Mac OS X, aarch64, darwin/arm64",
            "Windows Server 2022, amd64, windows/amd64",
            "FreeBSD, amd64, freebsd/amd64",
        })
        void putsJavasNamesInGosWords(String osName, String osArch, String expected) {
            assertThat(Platform.ofJava(osName, osArch)).hasToString(expected);
        }

        @Test
        void thisMachineMatchesItself() {
            assertThat(Platform.current().matches(Platform.current())).isTrue();
        }
    }
}
