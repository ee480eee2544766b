package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.spegel.oci.Digest.Algorithm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    /** The document {@code {}}: image-spec v1.1.1, manifest.md#guidance-for-an-empty-descriptor. */
    private static final String EMPTY_JSON_SHA256 = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    @Test
    void readsBothRegisteredAlgorithms() {
        String hex512 = "ab".repeat(64);

        assertThat(Digest.parse("sha256:" + EMPTY_JSON_SHA256))
                .isEqualTo(new Digest(Algorithm.SHA256, EMPTY_JSON_SHA256));
        assertThat(Digest.parse("sha512:" + hex512)).isEqualTo(new Digest(Algorithm.SHA512, hex512));
    }

    @Test
    void textIsWhatWasRead() {
        assertThat(Digest.parse("sha256:" + EMPTY_JSON_SHA256)).hasToString("sha256:" + EMPTY_JSON_SHA256);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "sha256",
                "sha256:",
                EMPTY_JSON_SHA256,
                "sha256:" + "4",
                "sha256:" + EMPTY_JSON_SHA256 + "0",
                "sha512:" + EMPTY_JSON_SHA256,
                "SHA256:" + EMPTY_JSON_SHA256,
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "sha384:" + EMPTY_JSON_SHA256,
                "sha256+b64:" + EMPTY_JSON_SHA256,
                " sha256:" + EMPTY_JSON_SHA256,
                "sha256:" + EMPTY_JSON_SHA256 + "\n",
                "sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A",
                "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8g",
                // Digits, but not ASCII's.
                "sha256:٤٤136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            })
    void refusesWhatIsNoDigest(String text) {
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> Digest.parse(text))
                .extracting(OciSyntaxException::code)
                .isEqualTo(ErrorCode.DIGEST_INVALID);
    }

    @Test
    void hashesContent() {
        assertThat(Digest.ofSha256("{}".getBytes(UTF_8)).encoded()).isEqualTo(EMPTY_JSON_SHA256);
    }

    @Test
    void matchesOnlyItsContent() {
        Digest digest = Digest.parse("sha256:" + EMPTY_JSON_SHA256);

        assertThat(digest.matches("{}".getBytes(UTF_8))).isTrue();
        assertThat(digest.matches("{ }".getBytes(UTF_8))).isFalse();
    }

    @Test
    void matchesBySha512() {
        byte[] content = "content".getBytes(UTF_8);
        Digest digest =
                Digest.of(Algorithm.SHA512, Algorithm.SHA512.newMessageDigest().digest(content));

        assertThat(digest.matches(content)).isTrue();
    }

    @Test
    void ordersByAlgorithmThenHash() {
        Digest first = Digest.parse("sha256:" + "a".repeat(64));
        Digest second = Digest.parse("sha256:" + "b".repeat(64));
        Digest third = Digest.parse("sha512:" + "0".repeat(128));

        assertThat(List.of(third, second, first).stream().sorted()).containsExactly(first, second, third);
    }
}
