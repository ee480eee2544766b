package dev.spegel.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import dev.spegel.oci.store.MemoryStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageNeedsReaderTest {
    private static final Digest CONFIG = digest("config");
    private static final Digest LAYER = digest("layer");

    private final MemoryStore store = new MemoryStore();

    private static Digest digest(String name) {
        return Digest.ofSha256(name.getBytes(UTF_8));
    }

    private static Descriptor blob(MediaType type, Digest digest) {
        return Descriptor.of(type, digest, 10);
    }

    /** A child of an index, whose digest is that of its platform's name. */
    private static Descriptor child(String platform) {
        return new Descriptor(
                MediaType.OCI_MANIFEST,
                digest(platform),
                10,
                Map.of(),
                Optional.of(platform).filter(text -> text.contains("/")).map(Platform::parse),
                Optional.empty());
    }

    private Optional<ImageNeeds> read(String node, byte[] document) throws IOException {
        return new ImageNeedsReader(store, Platform.parse(node)).read(store.put(document));
    }

    private void assertChoices(String node, List<Descriptor> children, String... choices) throws IOException {
        List<List<Digest>> expected = Arrays.stream(choices)
                .map(choice -> Arrays.stream(choice.split(" ", -1))
                        .map(ImageNeedsReaderTest::digest)
                        .toList())
                .toList();
        assertThat(read(node, ImageIndex.of(children).toJson())).contains(new ImageNeeds.OfIndex(expected));
    }

    private void assertChoices(String node, String children, String... choices) throws IOException {
        assertChoices(
                node,
                Arrays.stream(children.split(" ", -1))
                        .map(ImageNeedsReaderTest::child)
                        .toList(),
                choices);
    }

    @Test
    void aManifestNeedsConfigAndLayers() throws IOException {
        Digest second = digest("second");
        ImageManifest manifest = ImageManifest.of(
                blob(MediaType.OCI_CONFIG, CONFIG),
                List.of(
                        blob(MediaType.OCI_LAYER, LAYER),
                        blob(MediaType.OCI_LAYER, second),
                        blob(MediaType.OCI_LAYER, LAYER)));
        assertThat(read("linux/amd64", manifest.toJson()))
                .contains(new ImageNeeds.OfImage(CONFIG, List.of(LAYER, second)));
    }

    @Test
    void aLayerThatNoRegistryHasIsNotNeeded() throws IOException {
        ImageManifest manifest = ImageManifest.of(
                blob(MediaType.DOCKER_CONFIG, CONFIG),
                List.of(blob(MediaType.DOCKER_FOREIGN_LAYER_GZIP, digest("base")), blob(MediaType.OCI_LAYER, LAYER)));
        assertThat(read("windows/amd64", manifest.toJson())).contains(new ImageNeeds.OfImage(CONFIG, List.of(LAYER)));
    }

    @Test
    void anArtifactMayNameOneBlobAsConfigAndLayer() throws IOException {
        Descriptor empty = blob(MediaType.OCI_EMPTY, digest("{}"));
        assertThat(read("linux/amd64", ImageManifest.of(empty, List.of(empty)).toJson()))
                .contains(new ImageNeeds.OfImage(digest("{}"), List.of()));
    }

    @Test
    void thisPlatformComesFirst() throws IOException {
        assertChoices("linux/amd64", "linux/arm64 linux/amd64", "linux/amd64", "linux/arm64");
        assertChoices("linux/arm64", "linux/amd64 linux/arm64/v8", "linux/arm64/v8", "linux/amd64");
    }

    @Test
    void thenWhatRunsHereAsWellTheBestFirst() throws IOException {
        assertChoices(
                "linux/arm/v7",
                "linux/arm/v5 linux/arm/v6 linux/arm64 linux/arm/v7",
                "linux/arm/v7",
                "linux/arm/v6",
                "linux/arm/v5",
                "linux/arm64");
        assertChoices("linux/amd64", "linux/386 linux/s390x", "linux/386", "linux/s390x");
    }

    @Test
    void thenWhatIsForNoPlatform() throws IOException {
        assertChoices("linux/amd64", "linux/arm64 chart linux/amd64", "linux/amd64", "chart", "linux/arm64");
        assertChoices("linux/amd64", "one two", "one two");
    }

    @Test
    void versionsOfASystemAreEquallyGoodUnlessTheNodeTellsItsOwn() throws IOException {
        List<Descriptor> children = List.of(windows("10.0.17763"), windows("10.0.20348"));
        assertChoices("windows/amd64", children, "10.0.17763 10.0.20348");
    }

    private static Descriptor windows(String version) {
        Platform platform = new Platform("windows", "amd64", Optional.empty(), Optional.of(version), List.of());
        return new Descriptor(
                MediaType.OCI_MANIFEST, digest(version), 10, Map.of(), Optional.of(platform), Optional.empty());
    }

    @Test
    void whatDescribesAnImageIsNotAskedFor() throws IOException {
        Descriptor attestation = child("unknown/unknown");
        Descriptor marked = new Descriptor(
                MediaType.OCI_MANIFEST,
                digest("marked"),
                10,
                Map.of("vnd.docker.reference.type", "attestation-manifest"),
                Optional.empty(),
                Optional.empty());
        assertChoices("linux/amd64", List.of(attestation, marked, child("linux/amd64")), "linux/amd64");
        assertChoices("linux/amd64", List.of(attestation, marked), "unknown/unknown marked");
    }

    @Test
    void anIndexOfNothingNeedsNothing() throws IOException {
        assertThat(read("linux/amd64", ImageIndex.of(List.of()).toJson())).contains(new ImageNeeds.OfIndex(List.of()));
    }

    @Test
    void otherContentIsNoImageAndAbsentContentIsNothing() throws IOException {
        assertThat(read("linux/amd64", "text".getBytes(UTF_8))).contains(ImageNeeds.OF_NO_IMAGE);
        assertThat(new ImageNeedsReader(store, Platform.current()).read(LAYER)).isEmpty();
    }
}
