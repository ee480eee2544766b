package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.ImageImporter;
import dev.spegel.oci.store.OciLayoutStore;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.oci.store.StoreEvent;
import dev.spegel.oci.store.StoreWatch;
import dev.spegel.oci.store.StoredImage;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our layouts and imports against a program that knows the same formats: skopeo. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SkopeoIT {
    private static final Reference NAME = Reference.parse("registry.example/samples/app:1.0");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ExecutorService watchers = Executors.newCachedThreadPool();

    @TempDir
    private Path directory;

    private Path ours() {
        return directory.resolve("ours");
    }

    @BeforeEach
    void findSkopeo() {
        boolean found = List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, "skopeo")));
        assumeThat(found).as("skopeo is installed").isTrue();
    }

    @AfterEach
    void stopWatchers() {
        watchers.shutdownNow();
    }

    private void skopeo(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
        command.addAll(List.of(arguments));
        Path log = directory.resolve("skopeo.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("%s ends", command)
                    .isTrue();
            assertThat(process.exitValue())
                    .as("%s: %s", command, Files.readString(log))
                    .isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    /** An image of three layers, one of them over 4 MiB, in a layout of ours. */
    private Descriptor writeOurs() throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(ours())) {
            Descriptor target = GeneratedImage.of(1, 3, 18 << 20).writeTo(writer);
            writer.name(NAME, target);
            writer.commit();
            return target;
        }
    }

    private List<StoredImage> importInto(Path layout, Path source) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            return new ImageImporter(writer).importNamed(source);
        }
    }

    /** Reads the image back through a store, every byte, and compares digests. Returns its manifest. */
    private ImageManifest verify(Path layout, Descriptor target) throws IOException {
        try (OciLayoutStore store = OciLayoutStore.open(layout, watchers)) {
            assertThat(store.problems()).isEmpty();
            assertThat(store.resolve(NAME.toTag().orElseThrow())).contains(target.digest());
            ImageManifest manifest = ImageManifest.parse(read(store, target.digest()));
            for (Descriptor blob : manifest.blobs()) {
                assertThat(Digest.ofSha256(read(store, blob.digest()))).isEqualTo(blob.digest());
            }
            return manifest;
        }
    }

    private static byte[] read(OciLayoutStore store, Digest digest) throws IOException {
        try (InputStream in = Channels.newInputStream(store.open(digest).orElseThrow())) {
            return in.readAllBytes();
        }
    }

    @Test
    void readsALayoutOfOurs() throws Exception {
        Descriptor target = writeOurs();
        skopeo("copy", "--preserve-digests", "oci:" + ours() + ":" + NAME, "dir:" + directory.resolve("dir"));
        assertThat(Digest.ofSha256(Files.readAllBytes(directory.resolve("dir/manifest.json"))))
                .isEqualTo(target.digest());
    }

    @Test
    void writesAnOciArchiveThatWeImport() throws Exception {
        Descriptor target = writeOurs();
        Path archive = directory.resolve("image.tar");
        skopeo("copy", "--preserve-digests", "oci:" + ours() + ":" + NAME, "oci-archive:" + archive + ":" + NAME);
        Path imported = directory.resolve("imported");
        assertThat(importInto(imported, archive)).singleElement().satisfies(image -> {
            assertThat(image.name()).isEqualTo(NAME);
            assertThat(image.target().digest()).isEqualTo(target.digest());
        });
        verify(imported, target);
    }

    @Test
    void writesADockerArchiveThatWeImport() throws Exception {
        Descriptor target = writeOurs();
        Path archive = directory.resolve("image.tar");
        skopeo("copy", "oci:" + ours() + ":" + NAME, "docker-archive:" + archive + ":" + NAME);
        Path imported = directory.resolve("imported");
        StoredImage image = importInto(imported, archive).get(0);
        assertThat(image.name()).isEqualTo(NAME);
        ImageManifest manifest = verify(imported, image.target());
        assertThat(manifest.layers())
                .extracting(Descriptor::digest)
                .isEqualTo(verify(ours(), target).layers().stream()
                        .map(Descriptor::digest)
                        .toList());
    }

    @Test
    void readsADockerImageThatWeImported() throws Exception {
        writeOurs();
        Path archive = directory.resolve("image.tar");
        skopeo("copy", "oci:" + ours() + ":" + NAME, "docker-archive:" + archive + ":" + NAME);
        Path imported = directory.resolve("imported");
        Descriptor target = importInto(imported, archive).get(0).target();
        skopeo("copy", "--preserve-digests", "oci:" + imported + ":" + NAME, "dir:" + directory.resolve("dir"));
        assertThat(Digest.ofSha256(Files.readAllBytes(directory.resolve("dir/manifest.json"))))
                .isEqualTo(target.digest());
    }

    @Test
    void writesALayoutThatAStoreFollows() throws Exception {
        Descriptor target = writeOurs();
        Path theirs = Files.createDirectory(directory.resolve("theirs"));
        try (OciLayoutStore store = OciLayoutStore.open(theirs, watchers);
                StoreWatch watch = store.watch()) {
            Replica replica = new Replica(watch);
            skopeo("copy", "--preserve-digests", "oci:" + ours() + ":" + NAME, "oci:" + theirs + ":" + NAME);
            replica.followUntil(
                    state ->
                            target.digest().equals(state.tags().get(NAME.toTag().orElseThrow())),
                    LIMIT);
            assertThat(replica.state().content()).hasSize(5);
            assertThat(replica.events())
                    .filteredOn(StoreEvent.ContentRemoved.class::isInstance)
                    .isEmpty();
        }
        verify(theirs, target);
    }

    @Test
    void writesALayoutThatWeImport() throws Exception {
        Descriptor target = writeOurs();
        Path theirs = directory.resolve("theirs");
        skopeo("copy", "--preserve-digests", "oci:" + ours() + ":" + NAME, "oci:" + theirs + ":latest");
        Path imported = directory.resolve("imported");
        try (OciLayoutWriter writer = OciLayoutWriter.open(imported)) {
            new ImageImporter(writer).importAs(NAME, theirs);
        }
        verify(imported, target);
    }
}
