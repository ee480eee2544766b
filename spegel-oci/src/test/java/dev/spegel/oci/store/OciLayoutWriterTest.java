package dev.spegel.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Reference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutWriterTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final Descriptor DESCRIBED =
            Descriptor.of(MediaType.OCTET_STREAM, Digest.ofSha256(CONTENT), CONTENT.length);

    @TempDir
    private Path layout;

    private ImageIndex index() throws IOException {
        return ImageIndex.parse(Files.readAllBytes(layout.resolve("index.json")));
    }

    @Test
    void nothingShowsBeforeTheCommit() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor target = GeneratedImage.of(1, 2, 1_000).writeTo(writer);
            writer.name(Layouts.NAME, target);
            assertThat(Layouts.blobs(layout)).isEmpty();
            assertThat(layout.resolve("index.json")).doesNotExist();
            writer.commit();
            assertThat(Layouts.blobs(layout))
                    .hasSize(4)
                    .contains(target.digest().encoded());
            assertThat(index().manifests()).extracting(Descriptor::digest).containsExactly(target.digest());
        }
    }

    @Test
    void withoutACommitNothingIsLeft() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            writer.name(Layouts.NAME, GeneratedImage.of(1, 2, 1_000).writeTo(writer));
        }
        assertThat(Layouts.blobs(layout)).isEmpty();
        assertThat(layout.resolve(".incoming")).isEmptyDirectory();
    }

    @Test
    void whatACrashedWriterLeftIsDropped() throws Exception {
        OciLayoutWriter.open(layout).close();
        Files.write(layout.resolve(".incoming/7"), CONTENT);
        OciLayoutWriter.open(layout).close();
        assertThat(layout.resolve(".incoming")).isEmptyDirectory();
    }

    @Test
    void contentThatNoImageNeedsIsDropped() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor stray = writer.add(MediaType.OCTET_STREAM, CONTENT);
            writer.name(Layouts.NAME, GeneratedImage.of(1, 1, 1_000).writeTo(writer));
            writer.commit();
            assertThat(Layouts.blobs(layout))
                    .hasSize(3)
                    .doesNotContain(stray.digest().encoded());
            assertThat(writer.read(stray.digest())).isEmpty();
        }
    }

    @Test
    void bothNameAnnotationsAreWritten() throws Exception {
        Layouts.writeImage(layout, 1, 1_000);
        assertThat(index().manifests().get(0).annotations())
                .isEqualTo(Map.of(
                        "io.containerd.image.name", Layouts.NAME.toString(),
                        "org.opencontainers.image.ref.name", Layouts.NAME.toString()));
    }

    @Test
    void aNameMovesAndOthersStay() throws Exception {
        Layouts.writeImage(layout, 1, 1_000);
        Reference other = Reference.parse("registry.example/other:1");
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor second = GeneratedImage.of(7, 1, 1_000).writeTo(writer);
            writer.name(other, second);
            writer.commit();
            writer.name(Layouts.NAME, second);
            writer.commit();
            assertThat(index().manifests())
                    .hasSize(2)
                    .allMatch(manifest -> manifest.digest().equals(second.digest()));
            writer.unname(other);
            writer.commit();
            assertThat(index().manifests())
                    .singleElement()
                    .extracting(manifest -> manifest.annotations().get("io.containerd.image.name"))
                    .isEqualTo(Layouts.NAME.toString());
        }
    }

    @Test
    void entriesWithoutAFullNameStay() throws Exception {
        OciLayoutWriter.open(layout).close();
        Descriptor foreign = new Descriptor(
                MediaType.OCI_MANIFEST,
                DESCRIBED.digest(),
                3,
                Map.of("org.opencontainers.image.ref.name", "latest", "own", "kept"),
                Optional.empty(),
                Optional.empty());
        Files.write(
                layout.resolve("index.json"), ImageIndex.of(List.of(foreign)).toJson());
        Layouts.writeImage(layout, 1, 1_000);
        assertThat(index().manifests()).hasSize(2).contains(foreign);
    }

    @Test
    void aSecondWriterIsRefused() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            assertThatThrownBy(() -> OciLayoutWriter.open(layout))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("another writer");
            writer.add(MediaType.OCTET_STREAM, CONTENT);
        }
        OciLayoutWriter.open(layout).close();
    }

    @Test
    void otherBytesThanDescribedAreRefused() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            assertThatThrownBy(() -> writer.add(DESCRIBED, new ByteArrayInputStream(new byte[] {1, 2, 4})))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("has the digest");
            assertThatThrownBy(() -> writer.add(DESCRIBED, new ByteArrayInputStream(new byte[] {1, 2})))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("has 2 bytes, not 3");
            assertThat(writer.contains(DESCRIBED)).isFalse();
            assertThat(layout.resolve(".incoming")).isEmptyDirectory();
        }
    }

    @Test
    void contentWithoutEndIsNotReadToItsEnd() throws Exception {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }
        };
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            assertThatThrownBy(() -> writer.add(DESCRIBED, endless))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("longer than the 3 bytes");
        }
    }

    @Test
    void anImageWithoutALayerIsRefusedAndTheLayoutStays() throws Exception {
        Layouts.writeImage(layout, 1, 1_000);
        byte[] before = Files.readAllBytes(layout.resolve("index.json"));
        int blobs = Layouts.blobs(layout).size();
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor config = writer.add(MediaType.OCI_CONFIG, CONTENT);
            Descriptor missing = Descriptor.of(MediaType.OCI_LAYER, Digest.ofSha256(new byte[] {9}), 1);
            Descriptor target = writer.add(
                    MediaType.OCI_MANIFEST,
                    ImageManifest.of(config, List.of(missing)).toJson());
            writer.name(Layouts.NAME, target);
            assertThatThrownBy(writer::commit)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("isn't complete")
                    .hasMessageContaining(missing.digest().toString());
        }
        assertThat(Files.readAllBytes(layout.resolve("index.json"))).isEqualTo(before);
        assertThat(Layouts.blobs(layout)).hasSize(blobs);
    }

    @Test
    void anIndexMayLackPlatformsButNotAll() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor there = GeneratedImage.of(1, 1, 1_000).writeTo(writer);
            Descriptor missing = Descriptor.of(MediaType.OCI_MANIFEST, Digest.ofSha256(new byte[] {9}), 1);
            writer.name(
                    Layouts.NAME,
                    writer.add(
                            MediaType.OCI_INDEX,
                            ImageIndex.of(List.of(missing, there)).toJson()));
            writer.commit();
            assertThat(Layouts.blobs(layout)).hasSize(4);
            writer.name(
                    Layouts.NAME,
                    writer.add(
                            MediaType.OCI_INDEX, ImageIndex.of(List.of(missing)).toJson()));
            assertThatThrownBy(writer::commit).isInstanceOf(StoreException.class);
        }
    }

    @Test
    void aSizeThatAManifestGetsWrongIsRefused() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor config = writer.add(MediaType.OCI_CONFIG, CONTENT);
            Descriptor wrong = Descriptor.of(MediaType.OCI_CONFIG, config.digest(), 4);
            writer.name(
                    Layouts.NAME,
                    writer.add(
                            MediaType.OCI_MANIFEST,
                            ImageManifest.of(wrong, List.of()).toJson()));
            assertThatThrownBy(writer::commit)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("has 3 bytes, but a descriptor says 4");
        }
    }

    @Test
    void aDamagedIndexIsNotReplaced() throws Exception {
        OciLayoutWriter.open(layout).close();
        Files.writeString(layout.resolve("index.json"), "damaged");
        assertThatThrownBy(() -> Layouts.writeImage(layout, 1, 1_000))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is damaged, and stays as it is");
        assertThat(layout.resolve("index.json")).hasContent("damaged");
    }

    @Test
    void whatABodyThrowsIsTheCause() throws Exception {
        IOException failure = new IOException("no more");
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            assertThatThrownBy(() -> writer.add(MediaType.OCTET_STREAM, out -> {
                        throw failure;
                    }))
                    .isInstanceOf(StoreException.class)
                    .hasCause(failure);
            assertThat(layout.resolve(".incoming")).isEmptyDirectory();
        }
    }

    @Test
    void addedContentCanBeReadBack() throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            writer.add(DESCRIBED, new ByteArrayInputStream(CONTENT));
            assertThat(Layouts.readAll(writer, DESCRIBED.digest())).isEqualTo(CONTENT);
            assertThat(writer.contains(DESCRIBED)).isTrue();
        }
    }
}
