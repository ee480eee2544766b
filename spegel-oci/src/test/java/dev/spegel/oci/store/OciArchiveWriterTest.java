package dev.spegel.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciArchiveWriterTest {
    private static final Reference NAME = Reference.parse("registry.example/samples/app:1.0");

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private static Descriptor blob(byte[] content) {
        return Descriptor.of(MediaType.OCTET_STREAM, Digest.ofSha256(content), content.length);
    }

    /** Copies an image out of a layout into an archive. */
    private Descriptor writeImage(OutputTarget to) throws IOException {
        try (OciLayoutWriter layout = OciLayoutWriter.open(directory.resolve("layout"))) {
            GeneratedImage image = new GeneratedImage(
                    Platform.of("linux", "amd64"),
                    List.of(new GeneratedLayer(1, 100_000, false), new GeneratedLayer(2, 0, false)));
            Descriptor target = image.writeTo(layout);
            layout.name(NAME, target);
            layout.commit();
            List<Descriptor> contents = new ArrayList<>();
            try (InputStream json = layout.read(target.digest()).orElseThrow()) {
                contents.addAll(ImageGraph.children(target.mediaType(), json.readAllBytes()));
            }
            contents.add(target);
            try (OciArchiveWriter writer = OciArchiveWriter.to(to.open())) {
                for (Descriptor content : contents) {
                    try (InputStream in = layout.read(content.digest()).orElseThrow()) {
                        writer.add(content, in);
                    }
                    assertThat(writer.contains(content)).isTrue();
                }
                writer.finish(NAME, target);
            }
            return target;
        }
    }

    private interface OutputTarget {
        java.io.OutputStream open() throws IOException;
    }

    @Test
    void theImporterReadsItBack() throws Exception {
        Path archive = directory.resolve("app.tar");
        Descriptor target = writeImage(() -> Files.newOutputStream(archive));
        try (OciLayoutWriter copy = OciLayoutWriter.open(directory.resolve("copy"))) {
            List<StoredImage> images = new ImageImporter(copy).importNamed(archive);
            assertThat(images).singleElement().satisfies(image -> {
                assertThat(image.name()).isEqualTo(NAME);
                assertThat(image.target().digest()).isEqualTo(target.digest());
            });
        }
    }

    @Test
    void theSameImageGivesTheSameBytes() throws Exception {
        writeImage(() -> out);
        byte[] first = out.toByteArray();
        out.reset();
        writeImage(() -> out);
        assertThat(out.toByteArray()).isEqualTo(first);
    }

    @Test
    void wrongBytesAreRefused() throws Exception {
        byte[] content = {1, 2, 3};
        Descriptor expected = blob(content);
        try (OciArchiveWriter writer = OciArchiveWriter.to(out)) {
            assertThatThrownBy(() -> writer.add(expected, new ByteArrayInputStream(new byte[] {1, 2, 4})))
                    .isInstanceOf(StoreException.class)
                    .hasStackTraceContaining("the content has the digest sha256:");
            assertThat(writer.contains(expected)).isFalse();
        } catch (IOException e) {
            assertThat(e)
                    .as("an archive that was given up can't be closed in order")
                    .hasMessageContaining("archive");
        }
    }

    @Test
    void wrongLengthsAreRefused() throws Exception {
        Descriptor expected = blob(new byte[] {1, 2, 3});
        for (byte[] other : List.of(new byte[] {1, 2}, new byte[] {1, 2, 3, 4})) {
            OciArchiveWriter writer = OciArchiveWriter.to(out);
            assertThatThrownBy(() -> writer.add(expected, new ByteArrayInputStream(other)))
                    .isInstanceOf(StoreException.class)
                    .hasStackTraceContaining("bytes");
        }
    }

    @Test
    void anImageWithoutItsManifestIsRefused() throws Exception {
        OciArchiveWriter writer = OciArchiveWriter.to(out);
        assertThatThrownBy(() -> writer.finish(NAME, blob(new byte[] {1})))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("isn't complete");
    }
}
