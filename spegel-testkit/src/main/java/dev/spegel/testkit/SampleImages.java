package dev.spegel.testkit;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.GeneratedLayer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Images to test with: small, the same on every machine, and real enough for a container runtime to unpack. Each call builds its
 * image anew.
 */
public final class SampleImages {
    /** A tag for whichever image a test likes. Nothing answers at {@code .example}: RFC 2606, section 2. */
    public static final TagReference TAG = new TagReference("registry.example", "samples/app", "1.0");

    /** A second tag, in another repository. */
    public static final TagReference OTHER_TAG = new TagReference("registry.example:5000", "samples/other", "2.0");

    /** Over the 4 MiB up to which stored content is looked at to find its media type. */
    private static final int LARGE_LAYER_BYTES = 5 * 1024 * 1024;

    private SampleImages() {}

    /** An OCI image of three layers, {@code tar+gzip}, 10, 50 and 100 KiB. */
    public static SampleImage severalLayers() {
        SampleImage.Builder image = new SampleImage.Builder();
        return image.build(image.addImage(
                Form.OCI, "amd64", List.of(layer(1, 10 * 1024), layer(2, 50 * 1024), layer(3, 100 * 1024))));
    }

    /** As {@link #severalLayers} in Docker's image manifest V2, schema 2, with layers of its own. */
    public static SampleImage dockerSchema2() {
        SampleImage.Builder image = new SampleImage.Builder();
        return image.build(image.addImage(Form.DOCKER, "amd64", List.of(layer(4, 10 * 1024), layer(5, 20 * 1024))));
    }

    /** An OCI image whose manifest lacks the optional field {@code mediaType}. */
    public static SampleImage withoutMediaType() {
        SampleImage.Builder image = new SampleImage.Builder();
        return image.build(image.addImage(Form.OCI_WITHOUT_MEDIA_TYPE, "amd64", List.of(layer(6, 10 * 1024))));
    }

    /** An OCI index of images for {@code linux/amd64} and {@code linux/arm64} that share a layer. */
    public static SampleImage twoPlatforms() {
        return twoPlatforms(Form.OCI);
    }

    /** As {@link #twoPlatforms()} in a Docker manifest list. */
    public static SampleImage dockerTwoPlatforms() {
        return twoPlatforms(Form.DOCKER);
    }

    /** An OCI artifact with the empty config {@code {}}: image-spec v1.1.1, manifest.md#guidance-for-an-empty-descriptor. */
    public static SampleImage artifactWithEmptyConfig() {
        SampleImage.Builder image = new SampleImage.Builder();
        Descriptor config = image.addJson(MediaType.OCI_EMPTY, "{}");
        Descriptor layer = image.add(
                new MediaType("text/plain"), "content of a sample artifact\n".getBytes(StandardCharsets.UTF_8));
        return image.build(image.addJson(
                MediaType.OCI_MANIFEST,
                Json.artifact(Form.OCI, "application/vnd.example.sample", config, List.of(layer))));
    }

    /** An OCI image of an uncompressed layer of 0 bytes, which is a tar of nothing, and one of 5 MiB. */
    public static SampleImage emptyAndLargeLayer() {
        SampleImage.Builder image = new SampleImage.Builder();
        Descriptor empty = image.add(MediaType.OCI_LAYER, new byte[0]);
        GeneratedLayer large = layer(7, LARGE_LAYER_BYTES);
        Descriptor largeLayer = image.add(MediaType.OCI_LAYER_GZIP, large);
        Descriptor config =
                image.addJson(MediaType.OCI_CONFIG, Json.config("amd64", List.of(empty.digest(), large.diffId())));
        return image.build(
                image.addJson(MediaType.OCI_MANIFEST, Json.manifest(Form.OCI, config, List.of(empty, largeLayer))));
    }

    private static SampleImage twoPlatforms(Form form) {
        SampleImage.Builder image = new SampleImage.Builder();
        GeneratedLayer shared = layer(8, 30 * 1024);
        Descriptor amd64 = image.addImage(form, "amd64", List.of(shared, layer(9, 10 * 1024)));
        Descriptor arm64 = image.addImage(form, "arm64", List.of(shared, layer(10, 10 * 1024)));
        return image.build(image.addJson(form.index(), Json.index(form, amd64, arm64)));
    }

    private static GeneratedLayer layer(long seed, long fileBytes) {
        return new GeneratedLayer(seed, fileBytes, true);
    }
}
