package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.store.GeneratedLayer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class SampleImagesTest {
    @Test
    void digestsAreTheSameOnEveryMachine() {
        assertThat(SampleImages.severalLayers().target().digest())
                .hasToString("sha256:f1ca3cff761edd336ccb7014ad12ce6ec7e9abe680638348b4039cc9050f9f45");
    }

    @Test
    void anIndexWithTwoPlatformsSharesALayer() {
        SampleImage image = SampleImages.twoPlatforms();
        assertThat(image.target().mediaType()).isEqualTo(MediaType.OCI_INDEX);
        assertThat(image.manifests()).hasSize(2);
        assertThat(image.layersAndConfigs()).hasSize(3 + 2);
    }

    @Test
    void oneLayerIsEmptyAndOneHasSeveralMiB() {
        assertThat(SampleImages.emptyAndLargeLayer().layersAndConfigs())
                .extracting(Descriptor::sizeBytes)
                .anyMatch(size -> size == 0)
                .anyMatch(size -> size > 5 << 20);
    }

    @Test
    void theEmptyConfigIsTheOneOfTheSpecification() {
        assertThat(SampleImages.artifactWithEmptyConfig().layersAndConfigs())
                .extracting(d -> d.digest().toString())
                .contains("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    @Test
    void gzipOfALayerIsTheTarThatTheConfigNames() throws IOException {
        GeneratedLayer layer = new GeneratedLayer(1, 200_000, true);
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        layer.writeTo(zipped);
        try (GZIPInputStream tar = new GZIPInputStream(new ByteArrayInputStream(zipped.toByteArray()))) {
            assertThat(Digest.ofSha256(tar.readAllBytes())).isEqualTo(layer.diffId());
        }
    }
}
