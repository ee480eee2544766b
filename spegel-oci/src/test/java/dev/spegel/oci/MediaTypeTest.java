package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "application",
                "application/",
                "/json",
                "application/json; charset=utf-8",
                "application/json\r\nX-Evil: 1",
                "a/b/c",
                "application/jsön",
            })
    void refusesWhatIsNoTypeAndSubtype(String value) {
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> new MediaType(value))
                .extracting(OciSyntaxException::code)
                .isEqualTo(ErrorCode.MANIFEST_INVALID);
    }

    @Test
    void aPartHasAtMost127Characters() {
        String longest = "a".repeat(127);

        assertThat(new MediaType(longest + "/" + longest).value()).hasSize(255);
        assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> new MediaType("a/" + longest + "a"));
    }

    @Test
    void bothFormsOfAnIndexAreManifests() {
        assertThat(MediaType.OCI_INDEX).matches(MediaType::isIndex).matches(MediaType::isManifest);
        assertThat(MediaType.DOCKER_MANIFEST_LIST).matches(MediaType::isIndex).matches(MediaType::isManifest);
    }

    @Test
    void bothFormsOfAManifestAreNoIndex() {
        assertThat(MediaType.OCI_MANIFEST).matches(MediaType::isManifest).matches(type -> !type.isIndex());
        assertThat(MediaType.DOCKER_MANIFEST).matches(MediaType::isManifest).matches(type -> !type.isIndex());
    }

    @Test
    void onlyAnImagesConfigIsOne() {
        assertThat(MediaType.OCI_CONFIG.isImageConfig()).isTrue();
        assertThat(MediaType.DOCKER_CONFIG.isImageConfig()).isTrue();
        assertThat(MediaType.OCI_EMPTY.isImageConfig()).isFalse();
    }

    @Test
    void foreignLayersAreToldFromOthers() {
        assertThat(List.of(
                        MediaType.OCI_FOREIGN_LAYER,
                        MediaType.OCI_FOREIGN_LAYER_GZIP,
                        MediaType.OCI_FOREIGN_LAYER_ZSTD,
                        MediaType.DOCKER_FOREIGN_LAYER,
                        MediaType.DOCKER_FOREIGN_LAYER_GZIP))
                .allMatch(MediaType::isForeignLayer);
        assertThat(List.of(
                        MediaType.OCI_LAYER,
                        MediaType.OCI_LAYER_GZIP,
                        MediaType.OCI_LAYER_ZSTD,
                        MediaType.DOCKER_LAYER,
                        MediaType.DOCKER_LAYER_GZIP,
                        MediaType.DOCKER_LAYER_ZSTD,
                        MediaType.OCTET_STREAM))
                .noneMatch(MediaType::isForeignLayer);
    }
}
