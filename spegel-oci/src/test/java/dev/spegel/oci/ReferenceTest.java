package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @Nested
    class Parse {
        @Test
        void takesAllPartsApart() {
            assertThat(Reference.parse("localhost:5000/team/app:v1.0_2-x@" + DIGEST))
                    .isEqualTo(new Reference(
                            "localhost:5000", "team/app", Optional.of("v1.0_2-x"), Optional.of(Digest.parse(DIGEST))));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "docker.io/library/alpine:3.20",
                    "docker.io/alpine:3.20",
                    "localhost/app:1",
                    "LocalHost.example/app:1",
                    "127.0.0.1:5000/a:b",
                    "[::1]:5000/a:b",
                    "[2001:db8::1]/a/b/c:d",
                    "registry.example/a__b/c-d/e.f/g---h:T",
                    "registry.example/app@" + DIGEST,
                    "registry.example/manifests/blobs:latest",
                    "xn--7o8h.example/app:1",
                })
        void textIsWhatWasRead(String text) {
            assertThat(Reference.parse(text)).hasToString(text);
        }

        @ParameterizedTest
        @CsvSource(
                nullValues = "none",
                value = {
                    "'', NAME_INVALID",
                    "alpine, NAME_INVALID",
                    "alpine:3, NAME_INVALID",
                    "library/alpine:3, NAME_INVALID",
                    "docker.io, NAME_INVALID",
                    "docker.io/alpine, NAME_INVALID",
                    "docker.io/:3, NAME_INVALID",
                    "docker.io//alpine:3, NAME_INVALID",
                    "docker.io/alpine/:3, NAME_INVALID",
                    "docker.io/Alpine:3, NAME_INVALID",
                    "docker.io/al..pine:3, NAME_INVALID",
                    "docker.io/-alpine:3, NAME_INVALID",
                    "docker.io/alpine_:3, NAME_INVALID",
                    "docker.io/al___pine:3, NAME_INVALID",
                    "docker.io/../alpine:3, NAME_INVALID",
                    "docker.io/alpine%2f:3, NAME_INVALID",
                    "https://docker.io/alpine:3, NAME_INVALID",
                    "user@docker.io/alpine:3, DIGEST_INVALID",
                    "-docker.io/alpine:3, NAME_INVALID",
                    "docker.io-/alpine:3, NAME_INVALID",
                    "docker..io/alpine:3, NAME_INVALID",
                    "docker.io:/alpine:3, NAME_INVALID",
                    "docker.io:123456/alpine:3, NAME_INVALID",
                    "[::1/alpine:3, NAME_INVALID",
                    "[::g]/alpine:3, NAME_INVALID",
                    "docker.io/alpine:, MANIFEST_INVALID",
                    "docker.io/alpine:-3, MANIFEST_INVALID",
                    "docker.io/alpine:.3, MANIFEST_INVALID",
                    "docker.io/alpine:3 , MANIFEST_INVALID",
                    "docker.io/alpine:ü, MANIFEST_INVALID",
                    "docker.io/alpine@, DIGEST_INVALID",
                    "docker.io/alpine@sha256:00, DIGEST_INVALID",
                },
                ignoreLeadingAndTrailingWhitespace = false)
        void refusesWhatBreaksTheGrammar(String text, String code) {
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> Reference.parse(text))
                    .extracting(OciSyntaxException::code)
                    .isEqualTo(ErrorCode.valueOf(code.strip()));
        }

        @Test
        void aRepositoryHasAtMost255Characters() {
            String longest = "a".repeat(255);

            assertThat(Reference.parse("docker.io/" + longest + ":1").repository())
                    .isEqualTo(longest);
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> Reference.parse("docker.io/" + longest + "a:1"));
        }

        @Test
        void aTagHasAtMost128Characters() {
            String longest = "t".repeat(128);

            assertThat(Reference.parse("docker.io/app:" + longest).tag()).contains(longest);
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> Reference.parse("docker.io/app:" + longest + "t"));
        }

        @Test
        void longNonsenseIsRefusedWithAShortMessage() {
            String nonsense = "a-".repeat(1_000_000);

            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> Reference.parse("docker.io/" + nonsense + ":1"))
                    .withMessageMatching("(?s).{1,400}");
        }
    }

    @Nested
    class ParseLenient {
        @ParameterizedTest
        @CsvSource({
            "alpine, docker.io/library/alpine:latest",
            "alpine:3, docker.io/library/alpine:3",
            "team/app, docker.io/team/app:latest",
            "docker.io/alpine, docker.io/library/alpine:latest",
            "docker.io/library/alpine:3, docker.io/library/alpine:3",
            "index.docker.io/alpine, docker.io/library/alpine:latest",
            "index.docker.io/team/app:1, docker.io/team/app:1",
            "localhost, docker.io/library/localhost:latest",
            "localhost:5000, docker.io/library/localhost:5000",
            "localhost/app, localhost/app:latest",
            "localhost:5000/app, localhost:5000/app:latest",
            "registry.example/app:1, registry.example/app:1",
            "[::1]:5000/app, [::1]:5000/app:latest",
        })
        void addsDockersDefaults(String typed, String full) {
            assertThat(Reference.parseLenient(typed)).isEqualTo(Reference.parse(full));
        }

        @Test
        void aFirstComponentInUpperCaseCanOnlyBeAHost() {
            assertThat(Reference.parseLenient("MyHost/app"))
                    .isEqualTo(new Reference("MyHost", "app", Optional.of("latest"), Optional.empty()));
        }

        @Test
        void aDigestNeedsNoTag() {
            assertThat(Reference.parseLenient("alpine@" + DIGEST)).hasToString("docker.io/library/alpine@" + DIGEST);
        }

        @Test
        void refusesTheIdOfAnImage() {
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> Reference.parseLenient("0123456789abcdef".repeat(4)))
                    .extracting(OciSyntaxException::code)
                    .isEqualTo(ErrorCode.NAME_INVALID);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", "/", "/app", "app/", "Alpine", "https://docker.io/alpine", "alpine:", "alpine@", "a b"})
        void refusesWhatBreaksTheGrammar(String text) {
            assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> Reference.parseLenient(text));
        }
    }

    @Nested
    class ToTag {
        @Test
        void leavesTheDigestOut() {
            assertThat(Reference.parse("docker.io/library/alpine:3@" + DIGEST).toTag())
                    .contains(new TagReference("docker.io", "library/alpine", "3"));
        }

        @Test
        void isEmptyWithoutATag() {
            assertThat(Reference.parse("docker.io/library/alpine@" + DIGEST).toTag())
                    .isEmpty();
        }
    }
}
