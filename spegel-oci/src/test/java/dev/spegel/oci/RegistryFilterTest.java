package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryFilterTest {
    private static final Optional<String> HUB = Optional.of("docker.io");
    private static final Optional<String> LATEST = Optional.of("latest");

    @Test
    void withoutSettingsAllIsAdmitted() {
        assertThat(RegistryFilter.ADMIT_ALL.admits(HUB, "library/app", LATEST)).isTrue();
        assertThat(RegistryFilter.of(List.of(), List.of()).admits(Optional.empty(), "app", Optional.empty()))
                .isTrue();
    }

    @Nested
    class MirroredRegistries {
        @ParameterizedTest
        @CsvSource({
            "docker.io, docker.io, true",
            "https://docker.io, docker.io, true",
            "http://localhost:5000, localhost:5000, true",
            "https://docker.io/, docker.io, true",
            "docker.io, ghcr.io, false",
            "docker.io, docker.io:443, false",
            "docker.io, dockerxio, false",
            "docker.io, index.docker.io, false",
            "docker.io, docker.io.evil.example, false",
            "docker.io, Docker.io, false",
            "localhost:5000, localhost, false",
            "*, ghcr.io, true",
            "_default, ghcr.io, true",
            "*.example, a.example, true",
            "*.example, a.b.example, true",
            "*.example, example, false",
            "*.example, a.example:5000, false",
            "https://*.example:5000, a.example:5000, true",
            "registry-*.example, registry-7.example, true",
            "registry-*.*, registry-7.example, true",
            "localhost:*, localhost:5000, true",
            "[::1]:5000, [::1]:5000, true",
        })
        void admitOnlyTheirOwn(String mirrored, String registry, boolean admitted) {
            RegistryFilter filter = RegistryFilter.of(List.of(mirrored), List.of());

            assertThat(filter.admits(Optional.of(registry), "app", LATEST)).isEqualTo(admitted);
        }

        @Test
        void oneOfSeveralIsEnough() {
            RegistryFilter filter = RegistryFilter.of(List.of("docker.io", "ghcr.io"), List.of());

            assertThat(filter.admits(Optional.of("ghcr.io"), "app", LATEST)).isTrue();
            assertThat(filter.admits(Optional.of("quay.io"), "app", LATEST)).isFalse();
        }

        @Test
        void doNotApplyWhereNoRegistryIsNamed() {
            assertThat(RegistryFilter.of(List.of("docker.io"), List.of())
                            .admits(Optional.empty(), "app", Optional.empty()))
                    .isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "https://",
                    "ftp://docker.io",
                    "docker.io/library",
                    "user@docker.io",
                    "docker.io?x",
                    "a b"
                })
        void ofAnotherFormAreRefused(String mirrored) {
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> RegistryFilter.of(List.of(mirrored), List.of()))
                    .extracting(OciSyntaxException::code)
                    .isEqualTo(ErrorCode.NAME_INVALID);
        }
    }

    @Nested
    class RefusedPatterns {
        @ParameterizedTest
        @CsvSource({
            ":latest$, true",
            "^docker\\.io/, true",
            "library, true",
            "^docker\\.io/library/app:latest$, true",
            "^library, false",
            ":lates$, false",
            "app$, false",
        })
        void areLookedForInTheNameWithItsTag(String pattern, boolean refused) {
            assertThat(refusing(pattern).admits(HUB, "library/app", LATEST)).isEqualTo(!refused);
        }

        @Test
        void areLookedForInTheNameAloneForADigest() {
            assertThat(refusing("app$").admits(HUB, "library/app", Optional.empty()))
                    .isFalse();
            assertThat(refusing(":").admits(HUB, "library/app", Optional.empty()))
                    .isTrue();
        }

        @Test
        void areLookedForInTheRepositoryWhereNoRegistryIsNamed() {
            assertThat(refusing("^app:latest$").admits(Optional.empty(), "app", LATEST))
                    .isFalse();
            assertThat(refusing("/").admits(Optional.empty(), "app", LATEST)).isTrue();
        }

        @Test
        void anyOfSeveralRefuses() {
            assertThat(refusing("nothing", ":latest$").admits(HUB, "library/app", LATEST))
                    .isFalse();
        }

        @Test
        void refuseWhatAMirroredRegistryHolds() {
            RegistryFilter filter = RegistryFilter.of(List.of("docker.io"), List.of(Pattern.compile("/secret/")));

            assertThat(filter.admits(HUB, "secret/app", LATEST)).isFalse();
            assertThat(filter.admits(HUB, "open/app", LATEST)).isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"(?:(a+)\\1?)+b", ".*.*.*.*b"})
        void thatTakeTooLongRefuse(String pattern) {
            String repository = "a".repeat(255);
            CountedText counted = new CountedText("docker.io/" + repository + ":latest", RegistryFilter.MAX_STEPS);
            assertThatExceptionOfType(CountedText.UsedUp.class)
                    .isThrownBy(() -> Pattern.compile(pattern).matcher(counted).find());

            assertThat(refusing(pattern).admits(HUB, repository, LATEST)).isFalse();
        }

        @Test
        void thatAreSensibleStayFarBelowTheBound() {
            String longest = "a/".repeat(127) + "a";
            RegistryFilter filter = refusing("^(docker\\.io|ghcr\\.io)/.*/secret-[^/]+:(latest|dev.*)$", ".*b.*b.*");

            assertThat(filter.admits(HUB, longest, Optional.of("t".repeat(128))))
                    .isTrue();
        }

        private RegistryFilter refusing(String... patterns) {
            return RegistryFilter.of(
                    List.of(), Stream.of(patterns).map(Pattern::compile).toList());
        }
    }

    @Test
    void tellsTheRegistriesThatItNames() {
        assertThat(RegistryFilter.ADMIT_ALL.namedRegistries()).isEmpty();
        assertThat(RegistryFilter.of(
                                List.of("https://docker.io/", "*.example", "localhost:5000", "_default"), List.of())
                        .namedRegistries())
                .containsExactlyInAnyOrder("docker.io", "localhost:5000");
    }
}
