package dev.spegel.e2e;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.GeneratedLayer;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * An image that was made here, in an OCI layout that has nothing else.
 *
 * @param content the digests of all that it consists of
 * @param bytes their sizes in all
 */
record TestImage(Reference name, Path layout, Descriptor target, Set<Digest> content, long bytes) {
    /** As models are kept: CNCF ModelPack, model-spec, media types. No runtime can unpack it. */
    private static final MediaType WEIGHTS = new MediaType("application/vnd.cncf.model.weight.v1.raw");

    private static final int WEIGHTS_BYTES = 3 << 20;

    TestImage {
        content = Set.copyOf(content);
    }

    /** An image that can be unpacked. Different seeds give different content. */
    static TestImage make(Path layout, String name, int seed, int layers, long layerBytes) throws IOException {
        List<GeneratedLayer> generated = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            boolean gzip = layerBytes <= 16 << 20; // larger ones are for measuring, and needn't be inflated
            generated.add(new GeneratedLayer(1000L * seed + i, layerBytes, gzip));
        }
        GeneratedImage image = new GeneratedImage(Platform.of("linux", "amd64"), generated);
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            return commit(writer, layout, name, image.writeTo(writer));
        }
    }

    /** A model: an OCI artifact whose config is empty and whose layers are no tars. */
    static TestImage makeArtifact(Path layout, String name, int seed) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor config = writer.add(MediaType.OCI_EMPTY, "{}".getBytes(StandardCharsets.UTF_8));
            List<Descriptor> layers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                byte[] weights = new byte[WEIGHTS_BYTES];
                new Random(seed + i).nextBytes(weights);
                layers.add(writer.add(WEIGHTS, weights));
            }
            Descriptor target = writer.add(
                    MediaType.OCI_MANIFEST, ImageManifest.of(config, layers).toJson());
            return commit(writer, layout, name, target);
        }
    }

    private static TestImage commit(OciLayoutWriter writer, Path layout, String name, Descriptor target)
            throws IOException {
        Reference reference = Reference.parse(name);
        writer.name(reference, target);
        writer.commit();
        try (InputStream json = writer.read(target.digest()).orElseThrow()) {
            ImageManifest manifest = ImageManifest.parse(json.readAllBytes());
            List<Descriptor> all = new ArrayList<>(manifest.layers());
            all.add(manifest.config());
            all.add(target);
            Set<Digest> digests = new TreeSet<>();
            all.forEach(part -> digests.add(part.digest()));
            return new TestImage(
                    reference,
                    layout,
                    target,
                    digests,
                    all.stream().mapToLong(Descriptor::sizeBytes).sum());
        }
    }

    /** Its name with the digest in place of the tag. */
    Reference byDigest() {
        return new Reference(name.registry(), name.repository(), Optional.empty(), Optional.of(target.digest()));
    }
}
