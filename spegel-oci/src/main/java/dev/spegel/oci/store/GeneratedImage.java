package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageConfig;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An OCI image of generated layers, for tests, demonstrations and measurements. It never lies in the heap as a whole. */
public record GeneratedImage(Platform platform, List<GeneratedLayer> layers) {
    /** Runtimes refuse images of more: overlayfs takes at most 128 lower directories (Docker's limit is 127). */
    private static final int MAX_LAYERS = 127;

    /** @throws IllegalArgumentException if there are more layers than runtimes take */
    public GeneratedImage {
        layers = List.copyOf(layers);
        if (layers.size() > MAX_LAYERS) {
            throw new IllegalArgumentException(
                    "an image has at most %d layers, got %d".formatted(MAX_LAYERS, layers.size()));
        }
    }

    /**
     * An image for {@code linux/amd64} whose files have {@code totalBytes} in all, spread evenly over its uncompressed layers.
     *
     * @throws IllegalArgumentException if {@code layerCount} isn't between 1 and 127, or {@code totalBytes} is negative or gives
     *     a layer of over 8 GiB
     */
    public static GeneratedImage of(long seed, int layerCount, long totalBytes) {
        if (layerCount < 1) {
            throw new IllegalArgumentException("layerCount must be positive, got " + layerCount);
        }
        List<GeneratedLayer> layers = new ArrayList<>();
        for (int i = 0; i < Math.min(layerCount, MAX_LAYERS + 1); i++) {
            long fileBytes = totalBytes / layerCount + (i < totalBytes % layerCount ? 1 : 0);
            layers.add(new GeneratedLayer(seed + i, fileBytes, false));
        }
        return new GeneratedImage(Platform.of("linux", "amd64"), layers);
    }

    /** Adds the image to the layout, without a name and without committing. Returns its manifest. */
    public Descriptor writeTo(OciLayoutWriter layout) throws StoreException {
        List<Descriptor> descriptors = new ArrayList<>();
        List<Digest> diffIds = new ArrayList<>();
        for (GeneratedLayer layer : layers) {
            MediaType type = layer.gzip() ? MediaType.OCI_LAYER_GZIP : MediaType.OCI_LAYER;
            Descriptor descriptor = layout.add(type, layer::writeTo);
            descriptors.add(descriptor);
            diffIds.add(layer.gzip() ? layer.diffId() : descriptor.digest());
        }
        byte[] config = new ImageConfig(platform, diffIds, Optional.empty()).toJson();
        return layout.add(
                MediaType.OCI_MANIFEST,
                ImageManifest.of(layout.add(MediaType.OCI_CONFIG, config), descriptors)
                        .toJson());
    }
}
