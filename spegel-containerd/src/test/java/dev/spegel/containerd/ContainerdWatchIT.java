package dev.spegel.containerd;

import static dev.spegel.containerd.ContainerdFixture.LIMIT;
import static dev.spegel.containerd.ContainerdFixture.digests;
import static dev.spegel.containerd.ContainerdFixture.tagged;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Reference;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.oci.store.StoreEvent.ContentAdded;
import dev.spegel.oci.store.StoreEvent.ContentRemoved;
import dev.spegel.oci.store.StoreEvent.TagAdded;
import dev.spegel.oci.store.StoreEvent.TagRemoved;
import dev.spegel.oci.store.StoreWatch;
import dev.spegel.testkit.Replica;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What watches of a store see of all that happens to the images of a real containerd. */
@ParameterizedClass
@EnumSource
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ContainerdWatchIT {
    private static final TagReference TAG = SampleImages.TAG;
    private static final String NAME = TAG.toString();

    private final ContainerdRelease release;

    @TempDir
    private Path directory;

    private ContainerdFixture fixture;
    private ContainerdFiller filler;

    ContainerdWatchIT(ContainerdRelease release) {
        this.release = release;
    }

    @BeforeEach
    void start() throws Exception {
        release.assumeUsable();
        fixture = new ContainerdFixture(directory.resolve("containerd"), release);
        fixture.daemon().start();
        filler = fixture.filler();
    }

    @AfterEach
    void stop() throws Exception {
        if (fixture != null) {
            fixture.close();
        }
    }

    @Test
    void eachBlobShowsBeforeTheNextOneOfTheImageIsThere() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        try (StoreWatch watch = fixture.openReady().watch()) {
            filler.name("held-for-this-test", image.target());
            for (Descriptor content : image.content()) {
                filler.put(content.digest(), image.bytes(content.digest()));
                assertThat(watch.next(LIMIT)).contains(new ContentAdded(content.digest()));
                fixture.assertServed(content.digest());
            }
        }
    }

    @Test
    void aPulledImageShowsItsBlobsAndThenItsTag() throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        try (StoreWatch watch = fixture.openReady().watch()) {
            Replica replica = new Replica(watch);
            filler.pull(NAME, image);
            replica.followUntil(tagged(TAG, image), LIMIT);
            assertThat(replica.state().content()).isEqualTo(digests(image));
        }
    }

    /** As in an air gap: no registry, no label that tells one. */
    @Test
    void anImportedImageIsShared() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        Path layout = directory.resolve("layout");
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            for (Descriptor content : image.content()) {
                writer.add(content.mediaType(), image.bytes(content.digest()));
            }
            writer.name(Reference.parse(NAME), image.target());
            writer.commit();
        }
        Path archive = directory.resolve("image.tar");
        assertThat(new ProcessBuilder("tar", "-C", layout.toString(), "-cf", archive.toString(), ".")
                        .start()
                        .waitFor())
                .isZero();
        try (StoreWatch watch = fixture.openReady().watch()) {
            Replica replica = new Replica(watch);
            fixture.daemon()
                    .ctr(
                            ContainerdFixture.NAMESPACE,
                            "images",
                            "import",
                            "--no-unpack",
                            "--all-platforms",
                            archive.toString());
            replica.followUntil(tagged(TAG, image), LIMIT);
            assertThat(replica.state().content()).containsAll(digests(image));
            for (Digest digest : digests(image)) {
                fixture.assertServed(digest);
            }
        }
    }

    @Test
    void severalTagsOfOneDigestComeAndGoOneByOne() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        filler.pull(NAME, image);
        try (StoreWatch watch = fixture.openReady().watch()) {
            Digest digest = image.target().digest();
            filler.name(SampleImages.OTHER_TAG.toString(), image.target());
            assertThat(watch.next(LIMIT)).contains(new TagAdded(SampleImages.OTHER_TAG, digest));
            filler.unname(NAME);
            assertThat(watch.next(LIMIT)).contains(new TagRemoved(TAG, digest));
            assertThat(fixture.store().resolve(SampleImages.OTHER_TAG)).contains(digest);
            fixture.assertServed(digest);
        }
    }

    /** containerd calls it an update and doesn't say of what. */
    @Test
    void aTagThatMovesTakesItsOldContentAlong() throws Exception {
        SampleImage before = SampleImages.severalLayers();
        SampleImage after = SampleImages.dockerSchema2();
        filler.pull(NAME, before);
        try (StoreWatch watch = fixture.openReady().watch()) {
            Replica replica = new Replica(watch);
            filler.pull(NAME, after);
            replica.followUntil(
                    state -> tagged(TAG, after).test(state) && state.content().equals(digests(after)), LIMIT);
            assertThat(replica.events())
                    .containsSubsequence(
                            new TagRemoved(TAG, before.target().digest()),
                            new TagAdded(TAG, after.target().digest()),
                            new ContentRemoved(before.target().digest()));
        }
    }

    @Test
    void namesThatAreOfNoUseAreLeftOutAndCounted() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        Digest digest = image.target().digest();
        filler.pull(NAME, image);
        filler.name("sha256:" + digest.encoded(), image.target()); // as the CRI plugin names images; not a problem
        filler.name("app:1.0", image.target());
        filler.name("library/app:1.0", image.target());
        filler.name("registry.example/UPPER:1.0", image.target());
        filler.name("registry.example/app", image.target());
        try (ContainerdStore store = fixture.openReady();
                StoreWatch watch = store.watch()) {
            assertThat(watch.snapshot().tags()).isEqualTo(Map.of(TAG, digest));
            assertThat(store.status().skippedNames()).isEqualTo(4);
            filler.name("registry.example/app:!", image.target());
            filler.name(SampleImages.OTHER_TAG.toString(), image.target());
            assertThat(watch.next(LIMIT)).contains(new TagAdded(SampleImages.OTHER_TAG, digest));
            fixture.awaitStatus("one more name", status -> status.skippedNames() == 5);
            filler.unname("registry.example/app:!");
            fixture.awaitStatus("one name less", status -> status.skippedNames() == 4);
        }
    }

    @Test
    void aNameWithADigestIsAnImageAndNoTag() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        String byDigest = "registry.example/samples/app@" + image.target().digest();
        filler.pull(byDigest, image);
        filler.name("registry.example/samples/app:9.9@" + image.target().digest(), image.target());
        try (ContainerdStore store = fixture.openReady();
                StoreWatch watch = store.watch()) {
            assertThat(watch.snapshot().tags()).isEmpty();
            assertThat(watch.snapshot().content()).isEqualTo(digests(image));
            assertThat(store.images())
                    .extracting(stored -> stored.name().digest())
                    .containsExactly(
                            Optional.of(image.target().digest()),
                            Optional.of(image.target().digest()));
        }
    }

    @Test
    void aPlatformThatIsMissingIsntShown() throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        Set<Digest> ofAmd64 = ofPlatform(image, "amd64");
        try (StoreWatch watch = fixture.openReady().watch()) {
            Replica replica = new Replica(watch);
            filler.pull(NAME, image, ofAmd64::contains);
            replica.followUntil(tagged(TAG, image), LIMIT);
            assertThat(replica.state().content()).isEqualTo(ofAmd64);
        }
        for (Descriptor content : image.content()) {
            if (!ofAmd64.contains(content.digest())) {
                fixture.assertNotServed(content.digest());
            }
        }
    }

    private static Set<Digest> ofPlatform(SampleImage image, String architecture) {
        Digest index = image.target().digest();
        Digest manifest = ImageIndex.parse(image.bytes(index)).manifests().stream()
                .filter(child -> child.platform().orElseThrow().architecture().equals(architecture))
                .findFirst()
                .orElseThrow()
                .digest();
        Set<Digest> digests = new HashSet<>(Set.of(index, manifest));
        ImageManifest.parse(image.bytes(manifest)).blobs().forEach(blob -> digests.add(blob.digest()));
        return digests;
    }

    @Test
    void whatADeletedImageSharesWithAnotherStays() throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        Set<Digest> ofAmd64 = ofPlatform(image, "amd64");
        List<Digest> manifests =
                image.manifests().stream().map(Descriptor::digest).toList();
        Descriptor amd64 = image.manifests().get(ofAmd64.contains(manifests.get(0)) ? 0 : 1);
        filler.pull(NAME, image);
        filler.name(SampleImages.OTHER_TAG.toString(), amd64);
        try (StoreWatch watch = fixture.openReady().watch()) {
            Replica replica = new Replica(watch);
            filler.unname(NAME);
            ofAmd64.remove(image.target().digest());
            replica.followUntil(state -> state.content().equals(ofAmd64), LIMIT);
            assertThat(replica.events())
                    .first()
                    .isEqualTo(new TagRemoved(TAG, image.target().digest()));
            assertThat(replica.state().tags()).isEqualTo(Map.of(SampleImages.OTHER_TAG, amd64.digest()));
        }
    }

    /** {@code discard_unpacked_layers}: nothing says that they are to be kept, so the next collection takes them, silently. */
    @Test
    void layersThatAreDiscardedVanishWhileTheImageStays() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        Digest manifest = image.target().digest();
        Digest config = ImageManifest.parse(image.bytes(manifest)).config().digest();
        try (StoreWatch watch = fixture.openReady().watch()) {
            Replica replica = new Replica(watch);
            // containerd also collects a moment after its start: what nothing else keeps is held until it was seen.
            byte[] holder = "keeps what is being pulled".getBytes(UTF_8);
            Digest held = Digest.ofSha256(holder);
            filler.name("being-pulled", Descriptor.of(MediaType.OCI_MANIFEST, held, holder.length));
            filler.putWithReferences(held, holder, List.copyOf(digests(image)));
            filler.putWithReferences(manifest, image.bytes(manifest), List.of(config));
            for (Descriptor content : image.layersAndConfigs()) {
                filler.putWithReferences(content.digest(), image.bytes(content.digest()), List.of());
            }
            replica.followUntil(state -> state.content().containsAll(digests(image)), LIMIT);
            filler.name(NAME, image.target());
            filler.unnameAndCollect("being-pulled");
            replica.followUntil(
                    state -> state.content().equals(Set.of(manifest, config))
                            && tagged(TAG, image).test(state),
                    LIMIT);
        }
    }

    @Test
    void anotherNamespacesContentIsntShownUntilItIsOurs() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        try (ContainerdFiller other = new ContainerdFiller(fixture.daemon(), "moby");
                StoreWatch watch = fixture.openReady().watch()) {
            Replica replica = new Replica(watch);
            other.pull(NAME, image);
            filler.pull("registry.example/another:1", SampleImages.dockerSchema2());
            replica.followUntil(state -> state.tags().size() == 1, LIMIT);
            assertThat(replica.state().content()).isEqualTo(digests(SampleImages.dockerSchema2()));
            for (Digest digest : digests(image)) {
                fixture.assertNotServed(digest);
            }
            // No file appears now, since all of them are there.
            filler.pull(NAME, image);
            replica.followUntil(
                    state -> state.content().containsAll(digests(image))
                            && tagged(TAG, image).test(state),
                    LIMIT);
            for (Digest digest : digests(image)) {
                fixture.assertServed(digest);
            }
            // Nor does one disappear, since the other namespace keeps them.
            filler.unname(NAME);
            replica.followUntil(state -> state.content().equals(digests(SampleImages.dockerSchema2())), LIMIT);
            for (Digest digest : digests(image)) {
                fixture.assertNotServed(digest);
            }
        }
    }
}
