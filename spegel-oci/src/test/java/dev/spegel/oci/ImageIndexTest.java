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

class ImageIndexTest {
    private static final Digest DIGEST = Digest.parse("sha256:" + "a".repeat(64));

    @Nested
    class Parse {
        @Test
        void readsPlatformsAndAnnotations() {
            String json = """
                    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
                    {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"DIGEST","size":9,
                     "platform":{"architecture":"arm64","os":"linux","variant":"v8","x":{}}},
                    {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"DIGEST","size":9,
                     "platform":{"architecture":"amd64","os":"windows","os.version":"10.0.17763","os.features":["win32k"]}},
                    {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"DIGEST","size":9,
                     "artifactType":"a/b","annotations":{"org.opencontainers.image.ref.name":"1.0"}}]}""";

            assertThat(parse(json).manifests())
                    .containsExactly(
                            manifest(Optional.of(Platform.parse("linux/arm64/v8")), Map.of(), Optional.empty()),
                            manifest(
                                    Optional.of(new Platform(
                                            "windows",
                                            "amd64",
                                            Optional.empty(),
                                            Optional.of("10.0.17763"),
                                            List.of("win32k"))),
                                    Map.of(),
                                    Optional.empty()),
                            manifest(
                                    Optional.empty(),
                                    Map.of("org.opencontainers.image.ref.name", "1.0"),
                                    Optional.of(new MediaType("a/b"))));
        }

        @Test
        void takesAPlatformThatSaysNothingForNone() {
            String json = """
                    {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",
                     "digest":"DIGEST","size":9,"platform":{"architecture":"","os":""}}]}""";

            assertThat(parse(json).manifests()).containsExactly(manifest(Optional.empty(), Map.of(), Optional.empty()));
        }

        @Test
        void withoutMediaTypeItIsOcis() {
            assertThat(parse("{\"schemaVersion\":2,\"manifests\":[]}")).isEqualTo(ImageIndex.of(List.of()));
        }

        @Test
        void readsAnEmptyLayoutsIndex() {
            assertThat(parse("{\"schemaVersion\":2,\"manifests\":null}")).isEqualTo(ImageIndex.of(List.of()));
        }

        @Test
        void readsDockersForm() {
            String json = """
                    {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json",
                     "manifests":[]}""";

            assertThat(parse(json).mediaType()).isEqualTo(MediaType.DOCKER_MANIFEST_LIST);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "{}",
                    "{\"schemaVersion\":2}",
                    "{\"manifests\":[]}",
                    "{\"schemaVersion\":3,\"manifests\":[]}",
                    "{\"schemaVersion\":2,\"manifests\":{}}",
                    "{\"schemaVersion\":2,\"manifests\":[[]]}",
                    "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}",
                    "{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}",
                    "{\"schemaVersion\":2,\"manifests\":[],\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}",
                    "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"DIGEST\",\"size\":1,"
                            + "\"platform\":{\"os\":\"li nux\",\"architecture\":\"amd64\"}}]}",
                })
        void refusesWhatIsNoIndex(String json) {
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> parse(json))
                    .extracting(OciSyntaxException::code)
                    .isEqualTo(ErrorCode.MANIFEST_INVALID);
        }
    }

    @Test
    void isWrittenCompactlyInTheOrderOfTheSpecification() {
        ImageIndex index = ImageIndex.of(List.of(manifest(
                Optional.of(
                        new Platform("windows", "arm64", Optional.of("v8"), Optional.of("10.0"), List.of("win32k"))),
                Map.of("b", "1", "a", "2"),
                Optional.of(new MediaType("a/b")))));

        assertThat(new String(index.toJson(), UTF_8))
                .isEqualTo(
                        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                                + "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"" + DIGEST
                                + "\",\"size\":9,\"annotations\":{\"a\":\"2\",\"b\":\"1\"},"
                                + "\"platform\":{\"architecture\":\"arm64\",\"os\":\"windows\",\"os.version\":\"10.0\","
                                + "\"os.features\":[\"win32k\"],\"variant\":\"v8\"},\"artifactType\":\"a/b\"}]}");
    }

    private static Descriptor manifest(
            Optional<Platform> platform, Map<String, String> annotations, Optional<MediaType> artifactType) {
        return new Descriptor(MediaType.OCI_MANIFEST, DIGEST, 9, annotations, platform, artifactType);
    }

    private static ImageIndex parse(String json) {
        return ImageIndex.parse(json.replace("DIGEST", DIGEST.toString()).getBytes(UTF_8));
    }
}
