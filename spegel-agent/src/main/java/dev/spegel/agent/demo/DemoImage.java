package dev.spegel.agent.demo;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.console.Text;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.GeneratedLayer;
import dev.spegel.oci.store.ImageImporter;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.oci.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The image that the demo sends around. */
public sealed interface DemoImage {
    /** What it takes to have it, as the begin of a sentence. */
    String introduction();

    /** Puts the image into a layout, and commits it. */
    StoredImage writeTo(OciLayoutWriter layout) throws IOException;

    /** One of random bytes that nothing compresses, with a name that no registry has (RFC 2606, section 2). */
    record Generated(long sizeBytes) implements DemoImage {
        /** Layers of real images differ as much. */
        private static final List<Integer> LAYER_PERCENT = List.of(40, 30, 15, 10, 5);

        /** As much as the layers of {@link GeneratedLayer} can have, which is plenty for three copies on one disk. */
        public static final long MAX_SIZE_BYTES = 16L << 30;

        private static final Reference NAME = Reference.parse("registry.example/demo/app:1.0");
        private static final long SEED = 1;

        public Generated {
            if (sizeBytes < 1 || sizeBytes > MAX_SIZE_BYTES) {
                throw new IllegalArgumentException(
                        "a generated image has 1 to %d bytes, got %d".formatted(MAX_SIZE_BYTES, sizeBytes));
            }
        }

        @Override
        public String introduction() {
            return "Making an image of " + Text.size(sizeBytes);
        }

        @Override
        public StoredImage writeTo(OciLayoutWriter layout) throws IOException {
            List<GeneratedLayer> layers = new ArrayList<>();
            for (int percent : LAYER_PERCENT) {
                layers.add(new GeneratedLayer(SEED + layers.size(), sizeBytes / 100 * percent, false));
            }
            GeneratedImage image = new GeneratedImage(Platform.of("linux", "amd64"), layers);
            StoredImage stored = new StoredImage(NAME, image.writeTo(layout));
            layout.name(stored.name(), stored.target());
            layout.commit();
            return stored;
        }
    }

    /**
     * One that the user has.
     *
     * @param source an archive or an OCI layout directory
     * @param name which to call it; otherwise it has the first of the names there
     */
    record Given(Path source, Optional<Reference> name) implements DemoImage {
        public Given {
            requireNonNull(source, "source");
            requireNonNull(name, "name");
        }

        @Override
        public String introduction() {
            return "Reading " + source;
        }

        @Override
        public StoredImage writeTo(OciLayoutWriter layout) throws IOException {
            ImageImporter importer = new ImageImporter(layout);
            return name.isPresent()
                    ? importer.importAs(name.get(), source)
                    : importer.importNamed(source).get(0);
        }
    }
}
