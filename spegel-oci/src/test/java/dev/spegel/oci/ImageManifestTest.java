package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageManifestTest {
    private static final String A = "sha256:" + "a".repeat(64);
    private static final String B = "sha256:" + "b".repeat(64);
    private static final String CONFIG =
            "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":7}".formatted(A);
    private static final String LAYER =
            "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"%s\",\"size\":0}".formatted(B);
    private static final Descriptor CONFIG_DESCRIPTOR = Descriptor.of(MediaType.OCI_CONFIG, Digest.parse(A), 7);
    private static final Descriptor LAYER_DESCRIPTOR = Descriptor.of(MediaType.OCI_LAYER_GZIP, Digest.parse(B), 0);

    @Nested
    class Parse {
        @Test
        void readsTheLeastThereCanBe() {
            String json = "{\"schemaVersion\":2,\"config\":%s,\"layers\":[]}".formatted(CONFIG);

            assertThat(parse(json)).isEqualTo(ImageManifest.of(CONFIG_DESCRIPTOR, List.of()));
        }

        @Test
        void readsAllFieldsInAnyOrderAndIgnoresOthers() {
            String json = """
                    {"annotations":{"k":"v"},"x":[{"digest":1}],"layers":[%s,%s],"subject":%s,"config":%s,
                     "artifactType":"application/vnd.example+json","schemaVersion":2,
                     "mediaType":"application/vnd.oci.image.manifest.v1+json"}""".formatted(LAYER, LAYER, LAYER, CONFIG);

            assertThat(parse(json))
                    .isEqualTo(new ImageManifest(
                            MediaType.OCI_MANIFEST,
                            Optional.of(new MediaType("application/vnd.example+json")),
                            CONFIG_DESCRIPTOR,
                            List.of(LAYER_DESCRIPTOR, LAYER_DESCRIPTOR),
                            Optional.of(LAYER_DESCRIPTOR),
                            Map.of("k", "v")));
        }

        @Test
        void readsDockersForm() {
            String json = """
                    {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":%s,
                     "layers":[{"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","size":1,
                     "digest":"%s","urls":["https://example.com/layer"]}]}""".formatted(CONFIG, B);

            ImageManifest manifest = parse(json);

            assertThat(manifest.mediaType()).isEqualTo(MediaType.DOCKER_MANIFEST);
            assertThat(manifest.layers())
                    .containsExactly(Descriptor.of(MediaType.DOCKER_FOREIGN_LAYER_GZIP, Digest.parse(B), 1));
        }

        @Test
        void readsNullAsGoDoes() {
            String json = """
                    {"schemaVersion":2,"mediaType":null,"artifactType":"","config":%s,"layers":null,"subject":null,
                     "annotations":null}""".formatted(CONFIG);

            assertThat(parse(json)).isEqualTo(ImageManifest.of(CONFIG_DESCRIPTOR, List.of()));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "{}",
                    "[]",
                    "{\"schemaVersion\":2,\"config\":CONFIG}",
                    "{\"schemaVersion\":2,\"layers\":[]}",
                    "{\"config\":CONFIG,\"layers\":[]}",
                    "{\"schemaVersion\":1,\"config\":CONFIG,\"layers\":[]}",
                    "{\"schemaVersion\":\"2\",\"config\":CONFIG,\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":{}}",
                    "{\"schemaVersion\":2,\"config\":[],\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":null,\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[null]}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[7]}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[],\"annotations\":{\"k\":1}}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[],\"mediaType\":\"text/plain\"}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[],"
                            + "\"mediaType\":\"application/vnd.oci.image.index.v1+json\"}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[],\"manifests\":[]}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"config\":CONFIG,\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[]}{}",
                    "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":1},\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":1,\"digest\":\"sha256:00\"},\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":-1,\"digest\":\"DIGEST\"},\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":1.0,\"digest\":\"DIGEST\"},\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":9223372036854775808,"
                            + "\"digest\":\"DIGEST\"},\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a\",\"size\":1,\"digest\":\"DIGEST\"},\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":{\"size\":1,\"digest\":\"DIGEST\"},\"layers\":[]}",
                    "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"digest\":\"DIGEST\"},\"layers\":[]}",
                })
        void refusesWhatIsNoManifest(String template) {
            String json = template.replace("CONFIG", CONFIG).replace("DIGEST", A);

            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> parse(json))
                    .extracting(OciSyntaxException::code)
                    .isEqualTo(ErrorCode.MANIFEST_INVALID);
        }

        @Test
        void theMessageSaysWhatIsMissingWhere() {
            String json = "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s,{\"mediaType\":\"a/b\"}]}"
                    .formatted(CONFIG, LAYER);

            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> parse(json))
                    .withMessage("an image manifest is invalid: a field \"digest\" is missing at \"/layers/1\"");
        }
    }

    @Test
    void blobsAreTheConfigThenTheLayers() {
        assertThat(ImageManifest.of(CONFIG_DESCRIPTOR, List.of(LAYER_DESCRIPTOR))
                        .blobs())
                .containsExactly(CONFIG_DESCRIPTOR, LAYER_DESCRIPTOR);
    }

    @Test
    void isWrittenCompactlyInTheOrderOfTheSpecification() {
        ImageManifest manifest = new ImageManifest(
                MediaType.OCI_MANIFEST,
                Optional.of(new MediaType("a/b")),
                CONFIG_DESCRIPTOR,
                List.of(LAYER_DESCRIPTOR),
                Optional.of(LAYER_DESCRIPTOR),
                Map.of("z", "1", "a", "2", "m", "é"));

        assertThat(new String(manifest.toJson(), UTF_8))
                .isEqualTo("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                        + "\"artifactType\":\"a/b\",\"config\":" + CONFIG + ",\"layers\":[" + LAYER + "],\"subject\":"
                        + LAYER + ",\"annotations\":{\"a\":\"2\",\"m\":\"é\",\"z\":\"1\"}}");
    }

    @Test
    void anIndexIsNoManifest() {
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> new ImageManifest(
                        MediaType.OCI_INDEX,
                        Optional.empty(),
                        CONFIG_DESCRIPTOR,
                        List.of(),
                        Optional.empty(),
                        Map.of()));
    }

    private static ImageManifest parse(String json) {
        return ImageManifest.parse(json.getBytes(UTF_8));
    }
}
