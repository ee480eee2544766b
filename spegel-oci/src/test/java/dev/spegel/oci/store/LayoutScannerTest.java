package dev.spegel.oci.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutScannerTest {
    private static final Duration SETTLE_TIME = Duration.ofSeconds(2);

    /** Over the 4 MiB up to which content is hashed. */
    private static final long LARGE = 5 << 20;

    private final Instant now = Instant.now();

    @TempDir
    private Path layout;

    private LayoutScanner scanner;

    @BeforeEach
    void newScanner() {
        scanner = new LayoutScanner(layout, SETTLE_TIME, InstantSource.fixed(now));
    }

    private LayoutState scanSettled() throws IOException {
        Layouts.age(layout, now);
        return scanner.scan();
    }

    @Test
    void aSoundLayoutIsServedWhole() throws Exception {
        Descriptor target = Layouts.writeImage(layout, 2, 2 * LARGE);
        LayoutState state = scanSettled();
        assertThat(state.problems()).isEmpty();
        assertThat(state.unsettled()).isFalse();
        assertThat(state.content()).hasSize(4).containsKey(target.digest());
        assertThat(state.names()).containsOnlyKeys(Layouts.NAME);
        assertThat(state.content())
                .containsEntry(
                        target.digest(), Descriptor.of(MediaType.OCI_MANIFEST, target.digest(), target.sizeBytes()));
    }

    @Nested
    class Blobs {
        @Test
        void aSmallOneWithOtherBytesIsAProblemAndTheRestIsServed() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 2, 10_000);
            Descriptor layer = Layouts.manifest(layout, target).layers().get(0);
            overwriteFirstByte(layer.digest());
            LayoutState state = scanSettled();
            assertThat(state.content()).hasSize(3).doesNotContainKey(layer.digest());
            assertThat(state.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.path()).isEqualTo(Layouts.blob(layout, layer.digest()));
                assertThat(problem.reason()).contains("another digest");
            });
        }

        @Test
        void aLargeOneThatWasCutIsAProblem() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, 2 * LARGE);
            Descriptor layer = Layouts.manifest(layout, target).layers().get(0);
            try (RandomAccessFile file =
                    new RandomAccessFile(Layouts.blob(layout, layer.digest()).toFile(), "rw")) {
                file.setLength(LARGE);
            }
            LayoutState state = scanSettled();
            assertThat(state.content()).doesNotContainKey(layer.digest());
            assertThat(state.problems())
                    .singleElement()
                    .extracting(LayoutProblem::reason)
                    .isEqualTo("has %d bytes, but what names it says %d".formatted(LARGE, layer.sizeBytes()));
        }

        @Test
        void aLargeOneIsServedOnceAManifestNamesIt() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, LARGE);
            Descriptor layer = Layouts.manifest(layout, target).layers().get(0);
            Path manifest = Layouts.blob(layout, target.digest());
            Path aside = Files.move(manifest, layout.resolve("aside"));
            assertThat(scanSettled().content()).doesNotContainKey(layer.digest());
            Files.move(aside, manifest);
            assertThat(scanSettled().content()).containsKey(layer.digest());
        }

        @Test
        void oneThatIsReplacedInPlaceIsCheckedAgain() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, 10_000);
            Descriptor layer = Layouts.manifest(layout, target).layers().get(0);
            assertThat(scanSettled().content()).containsKey(layer.digest());
            overwriteFirstByte(layer.digest());
            Files.setLastModifiedTime(Layouts.blob(layout, layer.digest()), FileTime.from(now.minusSeconds(30)));
            assertThat(scanner.scan().content()).doesNotContainKey(layer.digest());
        }

        @Test
        void aSymbolicLinkIsAProblem() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, 10_000);
            Path blob = Layouts.blob(layout, target.digest());
            Files.createSymbolicLink(blob, Files.move(blob, layout.resolve("elsewhere")));
            // The link itself is fresh, since its time can't be set.
            LayoutScanner later = new LayoutScanner(layout, SETTLE_TIME, InstantSource.fixed(now.plusSeconds(3600)));
            LayoutState state = later.scan();
            assertThat(state.content()).doesNotContainKey(target.digest());
            assertThat(state.problems()).contains(new LayoutProblem(blob, "is a symbolic link"));
        }

        @Test
        void aDirectoryIsAProblem() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            Digest digest = Digest.ofSha256(new byte[] {1});
            Files.createDirectory(Layouts.blob(layout, digest));
            assertThat(scanSettled().problems())
                    .containsExactly(new LayoutProblem(Layouts.blob(layout, digest), "isn't a regular file"));
        }

        @Test
        void filesWithOtherNamesAreIgnored() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            int before = scanSettled().content().size();
            Files.write(layout.resolve("blobs/sha256/oci-put-blob123"), new byte[] {1});
            Files.write(layout.resolve("blobs/sha256/" + "A".repeat(64)), new byte[] {1});
            Files.write(layout.resolve("blobs/sha256/" + "a".repeat(63)), new byte[] {1});
            LayoutState state = scanSettled();
            assertThat(state.content()).hasSize(before);
            assertThat(state.problems()).isEmpty();
        }

        @Test
        void aManifestThatIsNoneIsAProblem() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            byte[] broken = "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}".getBytes(StandardCharsets.UTF_8);
            Path blob = Files.write(Layouts.blob(layout, Digest.ofSha256(broken)), broken);
            assertThat(scanSettled().problems()).singleElement().satisfies(problem -> {
                assertThat(problem.path()).isEqualTo(blob);
                assertThat(problem.reason()).startsWith("claims to be " + MediaType.OCI_MANIFEST);
            });
        }

        @Test
        void contentThatIsNamedAsAManifestButIsNoneIsAProblem() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            byte[] text = {1, 2, 3};
            Descriptor wrong = Descriptor.of(MediaType.OCI_MANIFEST, Digest.ofSha256(text), text.length);
            Files.write(Layouts.blob(layout, wrong.digest()), text);
            Files.write(
                    layout.resolve("index.json"), ImageIndex.of(List.of(wrong)).toJson());
            LayoutState state = scanSettled();
            assertThat(state.content()).doesNotContainKey(wrong.digest());
            assertThat(state.problems())
                    .extracting(LayoutProblem::reason)
                    .containsExactly("is named as a manifest or index, but isn't one");
        }

        @Test
        void whatChangedAMomentAgoMayBeHalfWritten() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, 10_000);
            Layouts.age(layout, now);
            Descriptor layer = Layouts.manifest(layout, target).layers().get(0);
            overwriteFirstByte(layer.digest());
            Files.setLastModifiedTime(Layouts.blob(layout, layer.digest()), FileTime.from(now.minusMillis(1_999)));
            LayoutState state = scanner.scan();
            assertThat(state.content()).doesNotContainKey(layer.digest());
            assertThat(state.problems()).isEmpty();
            assertThat(state.unsettled()).isTrue();
        }

        private void overwriteFirstByte(Digest digest) throws IOException {
            try (RandomAccessFile file =
                    new RandomAccessFile(Layouts.blob(layout, digest).toFile(), "rw")) {
                int first = file.read();
                file.seek(0);
                file.write(first ^ 1);
            }
        }
    }

    @Nested
    class Names {
        @Test
        void aDamagedIndexLeavesThemAsTheyWere() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            LayoutState before = scanSettled();
            Files.writeString(layout.resolve("index.json"), "{\"schemaVersion\":2,\"manif");
            LayoutState state = scanSettled();
            assertThat(state.names()).isEqualTo(before.names()).isNotEmpty();
            assertThat(state.content()).isEqualTo(before.content());
            assertThat(state.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.path()).isEqualTo(layout.resolve("index.json"));
                assertThat(problem.reason()).contains("the names stay as they were");
            });
        }

        @Test
        void aMissingIndexLeavesThemAsTheyWere() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            scanSettled();
            Files.delete(layout.resolve("index.json"));
            LayoutState state = scanSettled();
            assertThat(state.names()).containsOnlyKeys(Layouts.NAME);
            assertThat(state.problems())
                    .extracting(LayoutProblem::reason)
                    .containsExactly("is missing; the names stay as they were");
        }

        @Test
        void anIndexThatIsASymbolicLinkIsNotRead() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            Path index = layout.resolve("index.json");
            Files.createSymbolicLink(index, Files.move(index, layout.resolve("elsewhere")));
            LayoutState state =
                    new LayoutScanner(layout, SETTLE_TIME, InstantSource.fixed(now.plusSeconds(3600))).scan();
            assertThat(state.names()).isEmpty();
            assertThat(state.problems()).extracting(LayoutProblem::path).containsExactly(index);
        }

        @Test
        void containerdsAnnotationCountsFirstThenAFullRefName() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, 10_000);
            writeIndex(
                    named(
                            target,
                            Map.of(LayoutPaths.CONTAINERD_NAME, "docker.io/library/a:1", LayoutPaths.REF_NAME, "1")),
                    named(target, Map.of(LayoutPaths.REF_NAME, "docker.io/library/b:1")),
                    named(
                            target,
                            Map.of(LayoutPaths.CONTAINERD_NAME, "a", LayoutPaths.REF_NAME, "docker.io/library/c:1")),
                    named(target, Map.of(LayoutPaths.REF_NAME, "latest")));
            LayoutState state = scanSettled();
            assertThat(state.names().keySet())
                    .extracting(Reference::toString)
                    .containsExactlyInAnyOrder(
                            "docker.io/library/a:1", "docker.io/library/b:1", "docker.io/library/c:1");
            assertThat(state.problems()).isEmpty();
        }

        @Test
        void aNameWithADigestIsAnImageButNoTag() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, 10_000);
            writeIndex(named(target, Map.of(LayoutPaths.CONTAINERD_NAME, "docker.io/library/a:1@" + target.digest())));
            LayoutState state = scanSettled();
            assertThat(state.names()).hasSize(1);
            assertThat(state.toSnapshot().tags()).isEmpty();
        }

        @Test
        void ofANameThatIsThereTwiceTheLastCounts() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, 10_000);
            Descriptor config = Layouts.manifest(layout, target).config();
            Map<String, String> name = Map.of(LayoutPaths.CONTAINERD_NAME, Layouts.NAME.toString());
            writeIndex(named(config, name), named(target, name));
            LayoutState state = scanSettled();
            assertThat(state.toSnapshot().tags().values()).containsExactly(target.digest());
            assertThat(state.problems())
                    .extracting(LayoutProblem::reason)
                    .containsExactly("has the name " + Layouts.NAME + " twice; the last one counts");
        }

        @Test
        void aTargetThatIsMissingIsAProblemAndTheNameStays() throws Exception {
            Descriptor target = Layouts.writeImage(layout, 1, 10_000);
            Files.delete(Layouts.blob(layout, target.digest()));
            LayoutState state = scanSettled();
            assertThat(state.names()).containsOnlyKeys(Layouts.NAME);
            assertThat(state.problems())
                    .containsExactly(new LayoutProblem(
                            layout.resolve("index.json"), "names " + target.digest() + ", which isn't there"));
        }

        private static Descriptor named(Descriptor target, Map<String, String> annotations) {
            return new Descriptor(
                    target.mediaType(),
                    target.digest(),
                    target.sizeBytes(),
                    annotations,
                    Optional.empty(),
                    Optional.empty());
        }

        private void writeIndex(Descriptor... manifests) throws IOException {
            Files.write(
                    layout.resolve("index.json"),
                    ImageIndex.of(List.of(manifests)).toJson());
        }
    }

    @Nested
    class Marker {
        @Test
        void withoutItTheContentIsServedAllTheSame() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            Files.delete(layout.resolve("oci-layout"));
            LayoutState state = scanSettled();
            assertThat(state.content()).hasSize(3);
            assertThat(state.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.path()).isEqualTo(layout.resolve("oci-layout"));
                assertThat(problem.reason()).startsWith("is missing");
            });
        }

        @Test
        void anotherVersionIsAProblem() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\": \"2.0.0\"}");
            assertThat(scanSettled().problems())
                    .extracting(LayoutProblem::path)
                    .containsExactly(layout.resolve("oci-layout"));
        }

        @Test
        void spacesInItDoNotMatter() throws Exception {
            Layouts.writeImage(layout, 1, 10_000);
            Files.writeString(layout.resolve("oci-layout"), "{\n  \"imageLayoutVersion\" : \"1.0.0\"\n}\n");
            assertThat(scanSettled().problems()).isEmpty();
        }
    }

    @Test
    void anEmptyDirectoryIsOneProblemAndHasNoContent() throws Exception {
        LayoutState state = scanSettled();
        assertThat(state.content()).isEmpty();
        assertThat(state.problems())
                .containsExactly(new LayoutProblem(layout, "is empty, so there is no OCI layout yet"));
    }

    @Test
    void problemsAreBounded() throws Exception {
        Layouts.writeImage(layout, 1, 10_000);
        for (int i = 0; i < 1_001; i++) {
            Files.write(Layouts.blob(layout, Digest.ofSha256(new byte[] {(byte) i, (byte) (i >> 8)})), new byte[] {9});
        }
        assertThat(scanSettled().problems()).hasSize(1_000);
    }
}
