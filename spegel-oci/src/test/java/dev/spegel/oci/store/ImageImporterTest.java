package dev.spegel.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageConfig;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageImporterTest {
    private static final byte[] LAYER = layer(1);
    private static final byte[] OTHER_LAYER = layer(2);

    @TempDir
    private Path directory;

    private Path target() {
        return directory.resolve("target");
    }

    private static byte[] layer(long seed) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            new GeneratedLayer(seed, 20_000, false).writeTo(bytes);
        } catch (IOException e) {
            throw new AssertionError("the heap doesn't fail", e);
        }
        return bytes.toByteArray();
    }

    private static byte[] config(byte[]... layers) {
        List<Digest> diffIds = Arrays.stream(layers).map(Digest::ofSha256).toList();
        return new ImageConfig(Platform.of("linux", "amd64"), diffIds, Optional.empty()).toJson();
    }

    private static String hex(byte[] content) {
        return Digest.ofSha256(content).encoded();
    }

    private static Descriptor descriptor(MediaType type, byte[] content) {
        return Descriptor.of(type, Digest.ofSha256(content), content.length);
    }

    private static byte[] manifest(byte[] config, byte[]... layers) {
        return ImageManifest.of(
                        descriptor(MediaType.OCI_CONFIG, config),
                        Arrays.stream(layers)
                                .map(layer -> descriptor(MediaType.OCI_LAYER, layer))
                                .toList())
                .toJson();
    }

    private static byte[] index(byte[] manifest, Map<String, String> annotations) {
        return ImageIndex.of(List.of(new Descriptor(
                        MediaType.OCI_MANIFEST,
                        Digest.ofSha256(manifest),
                        manifest.length,
                        annotations,
                        Optional.empty(),
                        Optional.empty())))
                .toJson();
    }

    private static Map<String, String> refName(String name) {
        return Map.of("org.opencontainers.image.ref.name", name);
    }

    private List<StoredImage> importNamed(Path source) throws StoreException {
        return importNamed(source, ImageImporter.Limits.DEFAULTS);
    }

    private List<StoredImage> importNamed(Path source, ImageImporter.Limits limits) throws StoreException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(target())) {
            return new ImageImporter(writer, limits).importNamed(source);
        }
    }

    private StoredImage importAs(Reference name, Path source) throws StoreException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(target())) {
            return new ImageImporter(writer).importAs(name, source);
        }
    }

    private void assertRefused(ThrowingCallable importing, String message) throws IOException {
        assertThatThrownBy(importing).isInstanceOf(StoreException.class).hasMessageContaining(message);
        assertThat(Layouts.blobs(target())).isEmpty();
        assertThat(target().resolve("index.json")).doesNotExist();
        assertThat(target().resolve(".incoming")).isEmptyDirectory();
    }

    @Nested
    class DockerSave {
        /** As Docker wrote it up to version 24: a directory a layer, {@code manifest.json} last. */
        private TestTar old(byte[] config) {
            return new TestTar()
                    .directory("aa")
                    .file("aa/VERSION", "1.0")
                    .file("aa/json", "{}")
                    .file("aa/layer.tar", LAYER)
                    .file("bb/layer.tar", OTHER_LAYER)
                    .file(hex(config) + ".json", config)
                    .file("repositories", "{}");
        }

        private String manifestJson(String config, String tags, String... layers) {
            return "[{\"Config\":\"%s\",\"RepoTags\":%s,\"Layers\":[\"%s\"],\"Other\":{}}]"
                    .formatted(config, tags, String.join("\",\"", layers));
        }

        @Test
        void anOldArchiveBecomesAnOciImage() throws Exception {
            byte[] config = config(LAYER, OTHER_LAYER);
            Path archive = old(config)
                    .file(
                            "manifest.json",
                            manifestJson(
                                    hex(config) + ".json",
                                    "[\"app:1\",\"quay.io/x/app:2\"]",
                                    "aa/layer.tar",
                                    "bb/layer.tar"))
                    .writeTo(directory.resolve("a.tar"));
            List<StoredImage> images = importNamed(archive);
            assertThat(images)
                    .extracting(image -> image.name().toString())
                    .containsExactly("docker.io/library/app:1", "quay.io/x/app:2");
            ImageManifest manifest = Layouts.manifest(target(), images.get(0).target());
            assertThat(manifest.config()).isEqualTo(descriptor(MediaType.OCI_CONFIG, config));
            assertThat(manifest.layers())
                    .containsExactly(
                            descriptor(MediaType.OCI_LAYER, LAYER), descriptor(MediaType.OCI_LAYER, OTHER_LAYER));
            assertThat(Layouts.blobs(target())).hasSize(4);
            assertThat(Files.readAllBytes(Layouts.blob(target(), Digest.ofSha256(LAYER))))
                    .isEqualTo(LAYER);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void aLayerMayBeALink(boolean symbolic) throws Exception {
            byte[] config = config(LAYER, LAYER);
            Path archive = new TestTar()
                    .link("bb/layer.tar", symbolic ? "../aa/layer.tar" : "aa/layer.tar", symbolic)
                    .file("aa/layer.tar", LAYER)
                    .file(hex(config) + ".json", config)
                    .file(
                            "manifest.json",
                            manifestJson(hex(config) + ".json", "[\"app:1\"]", "aa/layer.tar", "bb/layer.tar"))
                    .writeTo(directory.resolve("a.tar"));
            Descriptor image = importNamed(archive).get(0).target();
            assertThat(Layouts.manifest(target(), image).layers())
                    .containsExactly(descriptor(MediaType.OCI_LAYER, LAYER), descriptor(MediaType.OCI_LAYER, LAYER));
        }

        @Test
        void linksInACircleAreRefused() throws Exception {
            byte[] config = config(LAYER);
            Path archive = new TestTar()
                    .link("a", "b", true)
                    .link("b", "a", true)
                    .file("c.json", config)
                    .file("manifest.json", manifestJson("c.json", "[\"app:1\"]", "a"))
                    .writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "names \"a\", which isn't there");
        }

        @Test
        void aLayerInGzipStaysSo() throws Exception {
            byte[] config = config(LAYER);
            byte[] zipped = TestTar.gzip(LAYER);
            Path archive = new TestTar()
                    .file("layer.tar.gz", zipped)
                    .file(hex(config) + ".json", config)
                    .file("manifest.json", manifestJson(hex(config) + ".json", "[\"app:1\"]", "layer.tar.gz"))
                    .writeTo(directory.resolve("a.tar"));
            Descriptor image = importNamed(archive).get(0).target();
            assertThat(Layouts.manifest(target(), image).layers())
                    .containsExactly(descriptor(MediaType.OCI_LAYER_GZIP, zipped));
        }

        @Test
        void theWholeArchiveMayBeInGzip() throws Exception {
            byte[] config = config(LAYER, OTHER_LAYER);
            Path archive = old(config)
                    .file(
                            "manifest.json",
                            manifestJson(hex(config) + ".json", "[\"app:1\"]", "aa/layer.tar", "bb/layer.tar"))
                    .writeGzipTo(directory.resolve("a.tgz"));
            assertThat(importNamed(archive)).hasSize(1);
        }

        @Test
        void todaysArchiveKeepsItsOwnManifest() throws Exception {
            byte[] config = config(LAYER);
            byte[] manifest = manifest(config, LAYER);
            Path archive = new TestTar()
                    .blob(LAYER)
                    .blob(config)
                    .blob(manifest)
                    .file("oci-layout", LayoutPaths.MARKER_CONTENT)
                    .file("index.json", index(manifest, refName("1")))
                    .file(
                            "manifest.json",
                            manifestJson("blobs/sha256/" + hex(config), "[\"app:1\"]", "blobs/sha256/" + hex(LAYER)))
                    .writeTo(directory.resolve("a.tar"));
            StoredImage image = importNamed(archive).get(0);
            assertThat(image.name()).hasToString("docker.io/library/app:1");
            assertThat(image.target().digest()).isEqualTo(Digest.ofSha256(manifest));
        }

        @Test
        void aLayerThatTheConfigDoesNotNameIsRefused() throws Exception {
            byte[] config = config(LAYER, LAYER);
            Path archive = old(config)
                    .file(
                            "manifest.json",
                            manifestJson(hex(config) + ".json", "[\"app:1\"]", "aa/layer.tar", "bb/layer.tar"))
                    .writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "isn't the one that the config names");
        }

        @Test
        void anotherNumberOfLayersIsRefused() throws Exception {
            byte[] config = config(LAYER);
            Path archive = old(config)
                    .file(
                            "manifest.json",
                            manifestJson(hex(config) + ".json", "[\"app:1\"]", "aa/layer.tar", "bb/layer.tar"))
                    .writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "lists 1 layers, the archive's manifest.json 2");
        }

        @Test
        void aConfigUnderAWrongNameIsRefused() throws Exception {
            byte[] config = config(LAYER);
            String wrong = "0".repeat(64) + ".json";
            Path archive = new TestTar()
                    .file("layer.tar", LAYER)
                    .file(wrong, config)
                    .file("manifest.json", manifestJson(wrong, "[\"app:1\"]", "layer.tar"))
                    .writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "has another digest than its name says");
        }

        @Test
        void withoutATagItNeedsAName() throws Exception {
            byte[] config = config(LAYER, OTHER_LAYER);
            Path archive = old(config)
                    .file("manifest.json", manifestJson(hex(config) + ".json", "null", "aa/layer.tar", "bb/layer.tar"))
                    .writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "doesn't name an image in full");
            assertThat(importAs(Layouts.NAME, archive).name()).isEqualTo(Layouts.NAME);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "{}", "[", "[1]", "[{}]", "[{\"Config\":1}]", "[{\"Config\":\"a\",\"Layers\":{}}]"})
        void aManifestThatIsNoneIsRefused(String json) throws Exception {
            Path archive = new TestTar().file("manifest.json", json).writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "manifest.json of docker save");
        }
    }

    @Nested
    class OciArchive {
        private TestTar sound(String name) {
            byte[] config = config(LAYER);
            byte[] manifest = manifest(config, LAYER);
            return new TestTar()
                    .file("index.json", index(manifest, refName(name)))
                    .blob(manifest)
                    .blob(LAYER)
                    .blob(config);
        }

        @Test
        void isTakenAsItIs() throws Exception {
            StoredImage image = importNamed(sound("docker.io/library/app:1").writeTo(directory.resolve("a.tar")))
                    .get(0);
            assertThat(image.name()).hasToString("docker.io/library/app:1");
            assertThat(Layouts.blobs(target())).hasSize(3);
        }

        @Test
        void mayBeImportedUnderAnotherName() throws Exception {
            Path archive = sound("latest").writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "doesn't name an image in full");
            importAs(Layouts.NAME, archive);
            ImageIndex index = ImageIndex.parse(Files.readAllBytes(target().resolve("index.json")));
            assertThat(LayoutPaths.nameIn(index.manifests().get(0).annotations()))
                    .contains(Layouts.NAME);
        }

        @Test
        void oneNameDoesNotFitTwoImages() throws Exception {
            byte[] config = config(LAYER);
            byte[] first = manifest(config, LAYER);
            byte[] second = manifest(config, LAYER, LAYER);
            byte[] both = ImageIndex.of(List.of(
                            descriptor(MediaType.OCI_MANIFEST, first), descriptor(MediaType.OCI_MANIFEST, second)))
                    .toJson();
            Path archive = new TestTar()
                    .file("index.json", both)
                    .blob(first)
                    .blob(second)
                    .blob(LAYER)
                    .blob(config)
                    .writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importAs(Layouts.NAME, archive), "holds 2 images");
        }

        @Test
        void aBlobWithOtherBytesIsRefused() throws Exception {
            Path archive = sound("docker.io/library/app:1")
                    .file("blobs/sha256/" + "0".repeat(64), LAYER)
                    .writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "has the digest sha256:" + hex(LAYER));
        }

        @Test
        void withoutALayerItIsRefused() throws Exception {
            byte[] config = config(LAYER);
            byte[] manifest = manifest(config, LAYER);
            Path archive = new TestTar()
                    .file("index.json", index(manifest, refName("docker.io/library/app:1")))
                    .blob(manifest)
                    .blob(config)
                    .writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "isn't complete");
        }
    }

    @Nested
    class HostileTar {
        @ParameterizedTest
        @ValueSource(strings = {"../escape", "/etc/passwd", "a/../../escape", "a\\b"})
        void aPathThatLeavesTheArchiveIsRefused(String name) throws Exception {
            Path archive = new TestTar().file(name, "x").writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "a path in an archive");
        }

        @Test
        void aLinkThatLeavesTheArchiveIsRefused() throws Exception {
            Path archive =
                    new TestTar().link("layer.tar", "../../etc/passwd", true).writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "a path in an archive stays inside it");
        }

        @Test
        void anEntryThatIsThereTwiceIsRefused() throws Exception {
            Path archive = new TestTar().file("a", "x").file("./a", "y").writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "has the entry \"a\" twice");
        }

        @Test
        void aPipeIsRefused() throws Exception {
            Path archive = new TestTar().pipe("a").writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "no regular file, directory or link");
        }

        @Test
        void aNameOfSeveralMegabytesIsRefused() throws Exception {
            Path archive = new TestTar().longName(2 << 20).file("a", "x").writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "a header in the archive has more than 1048576 bytes");
        }

        @Test
        void tooManyEntriesAreRefused() throws Exception {
            Path archive =
                    new TestTar().file("a", "x").file("b", "x").file("c", "x").writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive, new ImageImporter.Limits(2, 1_000)), "more than 2 files");
        }

        @Test
        void tooMuchContentIsRefusedBeforeItIsCopied() throws Exception {
            Path archive = new TestTar()
                    .file("a", new byte[600])
                    .file("b", new byte[401])
                    .writeGzipTo(directory.resolve("a.tgz"));
            assertRefused(
                    () -> importNamed(archive, new ImageImporter.Limits(10, 1_000)), "more than 1000 bytes in all");
        }

        @Test
        void anArchiveThatWasCutIsRefused() throws Exception {
            byte[] whole =
                    new TestTar().file("blobs/sha256/" + hex(LAYER), LAYER).toBytes();
            Path archive = Files.write(directory.resolve("a.tar"), Arrays.copyOf(whole, LAYER.length / 2));
            assertRefused(() -> importNamed(archive), "import " + archive);
        }

        @Test
        void whatIsNoTarIsRefused() throws Exception {
            byte[] text = "This is no archive.".repeat(100).getBytes(StandardCharsets.UTF_8);
            Path archive = Files.write(directory.resolve("a.tar"), text);
            assertRefused(() -> importNamed(archive), "import " + archive);
        }

        @Test
        void aTarOfSomethingElseIsRefused() throws Exception {
            Path archive = new TestTar().file("readme", "x").writeTo(directory.resolve("a.tar"));
            assertRefused(() -> importNamed(archive), "neither an OCI layout nor what docker save writes");
        }
    }

    @Nested
    class Directory {
        @Test
        void isCopiedWithItsName() throws Exception {
            Path source = directory.resolve("source");
            Descriptor image = Layouts.writeImage(source, 2, 10_000);
            assertThat(importNamed(source).get(0).target().digest()).isEqualTo(image.digest());
            assertThat(Layouts.blobs(target())).containsExactlyInAnyOrderElementsOf(Layouts.blobs(source));
        }

        @Test
        void withADamagedBlobIsRefused() throws Exception {
            Path source = directory.resolve("source");
            Descriptor image = Layouts.writeImage(source, 1, 10_000);
            Path layer = Layouts.blob(
                    source, Layouts.manifest(source, image).layers().get(0).digest());
            byte[] bytes = Files.readAllBytes(layer);
            bytes[0] ^= 1;
            Files.write(layer, bytes);
            assertRefused(() -> importNamed(source), "has the digest");
        }

        @Test
        void withASymbolicLinkForABlobIsRefused() throws Exception {
            Path source = directory.resolve("source");
            Descriptor image = Layouts.writeImage(source, 1, 10_000);
            Path blob = Layouts.blob(source, image.digest());
            Files.createSymbolicLink(blob, Files.move(blob, directory.resolve("elsewhere")));
            assertRefused(() -> importNamed(source), "import " + source);
        }

        @Test
        void withoutAnIndexIsRefused() throws Exception {
            Path source = Files.createDirectory(directory.resolve("source"));
            assertRefused(() -> importNamed(source), "import " + source);
        }
    }
}
