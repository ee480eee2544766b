package dev.spegel.benchmarks;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageConfig;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedLayer;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An OCI image layout for an agent to serve. */
final class BlobLayout {
    private BlobLayout() {}

    /** Writes an image whose layers have these sizes in bytes, and returns them in that order. */
    static List<Descriptor> write(Path layout, List<Long> sizes) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            List<Descriptor> layers = new ArrayList<>();
            for (long size : sizes) {
                layers.add(
                        writer.add(MediaType.OCI_LAYER, new GeneratedLayer(layers.size() + 1L, size, false)::writeTo));
            }
            List<Digest> digests = layers.stream().map(Descriptor::digest).toList();
            ImageConfig config = new ImageConfig(Platform.of("linux", "amd64"), digests, Optional.empty());
            Descriptor manifest = writer.add(
                    MediaType.OCI_MANIFEST,
                    ImageManifest.of(writer.add(MediaType.OCI_CONFIG, config.toJson()), layers)
                            .toJson());
            writer.name(Reference.parse("bench.example/app:1"), manifest);
            writer.commit();
            return layers;
        }
    }

    /** One in which there is nothing. */
    static void writeEmpty(Path layout) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            writer.commit();
        }
    }

    /** Where an agent serves a blob. */
    static String agentPath(Digest digest) {
        return "/v2/bench/blobs/" + digest;
    }

    /** Where a blob is within the layout. */
    static String filePath(Digest digest) {
        return "/blobs/" + digest.algorithm() + "/" + digest.encoded();
    }
}
