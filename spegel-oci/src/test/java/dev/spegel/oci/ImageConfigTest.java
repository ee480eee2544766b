package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageConfigTest {
    private static final Digest A = Digest.parse("sha256:" + "a".repeat(64));
    private static final Digest B = Digest.parse("sha256:" + "b".repeat(64));

    @Test
    void readsWhatTheImageIs() {
        String json = """
                {"created":"2026-08-21T12:30:00.5+02:00","author":"x","architecture":"arm64","variant":"v8","os":"linux",
                 "config":{"Env":["A=b"],"Volumes":{"/data":{}}},"rootfs":{"type":"layers","diff_ids":["%s","%s"]},
                 "history":[{"created_by":"x"}],"docker_version":"27"}""".formatted(A, B);

        assertThat(parse(json))
                .isEqualTo(new ImageConfig(
                        Platform.parse("linux/arm64/v8"),
                        List.of(A, B),
                        Optional.of(Instant.parse("2026-08-21T10:30:00.500Z"))));
    }

    @Test
    void readsTheYearThatGoWritesForNone() {
        assertThat(parse("{\"created\":\"0001-01-01T00:00:00Z\",\"os\":\"linux\",\"architecture\":\"amd64\","
                                + "\"rootfs\":{\"diff_ids\":null}}")
                        .created())
                .contains(Instant.parse("0001-01-01T00:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"os\":\"linux\",\"architecture\":\"amd64\"}",
                "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{}}",
                "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[\"sha256:00\"]}}",
                "{\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[]}}",
                "{\"os\":\"\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[]}}",
                "{\"created\":\"yesterday\",\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[]}}",
                "{\"created\":\"+12026-01-01T00:00:00Z\",\"os\":\"linux\",\"architecture\":\"amd64\","
                        + "\"rootfs\":{\"diff_ids\":[]}}",
                "{\"created\":\"9999-12-31T23:59:59-01:00\",\"os\":\"linux\",\"architecture\":\"amd64\","
                        + "\"rootfs\":{\"diff_ids\":[]}}",
            })
    void refusesWhatIsNoImagesConfig(String json) {
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> parse(json))
                .extracting(OciSyntaxException::code)
                .isEqualTo(ErrorCode.MANIFEST_INVALID);
    }

    @Test
    void isWrittenCompactlyInTheOrderOfTheSpecification() {
        ImageConfig config = new ImageConfig(
                Platform.parse("linux/arm64/v8"), List.of(A), Optional.of(Instant.parse("2026-08-21T10:30:00Z")));

        assertThat(new String(config.toJson(), UTF_8))
                .isEqualTo("{\"created\":\"2026-08-21T10:30:00Z\",\"architecture\":\"arm64\",\"os\":\"linux\","
                        + "\"variant\":\"v8\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + A + "\"]}}");
    }

    @Test
    void isRecognisedInAStore() {
        ImageConfig config = new ImageConfig(Platform.parse("linux/amd64"), List.of(), Optional.empty());

        assertThat(StoredMediaType.detect(config.toJson())).isEqualTo(MediaType.OCI_CONFIG);
    }

    private static ImageConfig parse(String json) {
        return ImageConfig.parse(json.getBytes(UTF_8));
    }
}
