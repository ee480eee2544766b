package dev.spegel.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AdvertisableTest {
    private static final TagReference TAG = new TagReference("example.com", "app", "1");
    private static final TagReference SECOND_TAG = new TagReference("example.com", "app", "2");
    private static final TagReference OTHER_TAG = new TagReference("example.org", "other", "1");
    private static final Digest INDEX = digest("index");
    private static final Digest AMD64 = digest("amd64");
    private static final Digest ARM64 = digest("arm64");
    private static final Digest CONFIG = digest("config");
    private static final Digest LAYER = digest("layer");
    private static final Digest OTHER_LAYER = digest("other layer");

    private final Map<Digest, ImageNeeds> documents = new HashMap<>(Map.of(
            INDEX, new ImageNeeds.OfIndex(List.of(List.of(AMD64), List.of(ARM64))),
            AMD64, new ImageNeeds.OfImage(CONFIG, List.of(LAYER, LAYER)),
            ARM64, new ImageNeeds.OfImage(CONFIG, List.of(OTHER_LAYER))));
    private final Advertisable content =
            new Advertisable(tag -> true, MissingLayerConfig.DEFAULTS, RandomGenerator.getDefault());
    private long nowNanos = Long.MAX_VALUE - 1_000; // wraps soon

    private static Digest digest(String name) {
        return Digest.ofSha256(name.getBytes(UTF_8));
    }

    private void add(Digest... digests) {
        List.of(digests).forEach(content::addContent);
        readAll();
    }

    private int readAll() {
        int read = 0;
        for (List<Digest> next = content.unread(); !next.isEmpty(); next = content.unread()) {
            next.forEach(digest -> content.read(digest, requireNonNull(documents.get(digest))));
            read += next.size();
        }
        return read;
    }

    private void tellAll() {
        content.blobs.withdrawn(content.blobs.nextToWithdraw(1000));
        content.manifests.withdrawn(content.manifests.nextToWithdraw(1000));
        content.pullableTags.withdrawn(content.pullableTags.nextToWithdraw(1000));
        content.blobs.advertised(content.blobs.nextToAdvertise(1000));
        content.manifests.advertised(content.manifests.nextToAdvertise(1000));
        content.pullableTags.advertised(content.pullableTags.nextToAdvertise(1000));
        assertThat(content.isSettled()).isTrue();
    }

    private List<TagReference> tagsToAdvertise() {
        return content.pullableTags.nextToAdvertise(1000);
    }

    @Test
    void aTagWaitsForManifestConfigAndAllLayersInWhicheverOrderTheyCome() {
        content.addTag(TAG, AMD64);
        add(CONFIG);
        assertThat(tagsToAdvertise()).isEmpty();
        add(AMD64);
        assertThat(tagsToAdvertise()).isEmpty();
        add(LAYER);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
    }

    @Test
    void anIndexNeedsTheBestOfWhatIsThere() {
        content.addTag(TAG, INDEX);
        add(INDEX, CONFIG, LAYER, OTHER_LAYER);
        assertThat(tagsToAdvertise()).isEmpty();
        add(ARM64);
        assertThat(tagsToAdvertise()).as("an image for another platform").containsExactly(TAG);
        content.removeContent(LAYER);
        assertThat(tagsToAdvertise()).as("which has another layer").containsExactly(TAG);
        add(AMD64);
        assertThat(tagsToAdvertise()).as("this node's own has to be whole").isEmpty();
        add(LAYER);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
        content.removeContent(OTHER_LAYER);
        content.removeContent(ARM64);
        assertThat(tagsToAdvertise()).as("the other doesn't matter then").containsExactly(TAG);
        content.removeContent(AMD64);
        assertThat(tagsToAdvertise()).isEmpty();
    }

    @Test
    void oneOfSeveralEquallyGoodIsEnough() {
        documents.put(INDEX, new ImageNeeds.OfIndex(List.of(List.of(AMD64, ARM64))));
        content.addTag(TAG, INDEX);
        add(INDEX, CONFIG, AMD64, ARM64, OTHER_LAYER);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
    }

    @Test
    void anIndexOfNothingIsWhole() {
        documents.put(INDEX, new ImageNeeds.OfIndex(List.of()));
        content.addTag(TAG, INDEX);
        add(INDEX);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
    }

    @Nested
    class LayersElsewhere {
        @Test
        void takeThePlaceOfLayersHere() {
            content.addTag(TAG, AMD64);
            add(AMD64, CONFIG);
            assertThat(tagsToAdvertise()).isEmpty();
            lookUp(LAYER);
            assertThat(tagsToAdvertise()).containsExactly(TAG);
        }

        @Test
        void withdrawTheTagWhenTheyGo() {
            content.addTag(TAG, AMD64);
            add(AMD64, CONFIG);
            lookUp(LAYER);
            tellAll();
            nowNanos += MissingLayerConfig.DEFAULTS.foundLifetime().toNanos();
            lookUp();
            assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
        }

        @Test
        void areNotBelievedForLongWhileNothingCanBeLookedUp() {
            content.addTag(TAG, AMD64);
            add(AMD64, CONFIG);
            lookUp(LAYER);
            tellAll();
            content.loseLayersDue(nowNanos);
            assertThat(content.isSettled()).isTrue();
            nowNanos += MissingLayerConfig.DEFAULTS.foundLifetime().toNanos();
            content.loseLayersDue(nowNanos);
            assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
            assertThat(content.layersToLookUp(nowNanos, 10)).containsExactly(LAYER);
        }

        @Test
        void aLayerThatGoesIsMissedUntilItWasLookedUp() {
            content.addTag(TAG, AMD64);
            add(AMD64, CONFIG, LAYER);
            tellAll();
            content.removeContent(LAYER);
            assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
            lookUp(LAYER);
            assertThat(content.pullableTags.isSettled()).isTrue();
        }

        @Test
        void aLayerThatComesNeedsNoLookUpAnyMore() {
            content.addTag(TAG, AMD64);
            add(AMD64, CONFIG);
            lookUp(LAYER);
            add(LAYER);
            tellAll();
            nowNanos += MissingLayerConfig.DEFAULTS.foundLifetime().toNanos();
            assertThat(content.layersToLookUp(nowNanos, 10)).isEmpty();
            assertThat(content.isSettled()).isTrue();
            content.removeContent(LAYER);
            assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
        }

        @Test
        void doNotMakeUpForAConfigOrAManifest() {
            content.addTag(TAG, INDEX);
            content.addTag(SECOND_TAG, AMD64);
            add(INDEX, AMD64, LAYER);
            assertThat(content.layersToLookUp(nowNanos, 10)).isEmpty();
            add(CONFIG);
            assertThat(tagsToAdvertise()).containsExactlyInAnyOrder(TAG, SECOND_TAG);
            content.removeContent(AMD64);
            assertThat(content.layersToLookUp(nowNanos, 10)).isEmpty();
            assertThat(tagsToAdvertise()).isEmpty();
        }

        @Test
        void areLookedUpOnlyForWhatWouldBePulled() {
            content.addTag(TAG, INDEX);
            add(INDEX, AMD64, ARM64, LAYER);
            assertThat(content.layersToLookUp(nowNanos, 10)).as("no config").isEmpty();
            add(CONFIG);
            assertThat(content.layersToLookUp(nowNanos, 10))
                    .as("only arm64's is missing")
                    .isEmpty();
            content.removeContent(AMD64);
            assertThat(content.layersToLookUp(nowNanos, 10)).containsExactly(OTHER_LAYER);
            content.lookedUp(OTHER_LAYER, true, nowNanos);
            assertThat(tagsToAdvertise()).containsExactly(TAG);
            content.removeTag(TAG);
            nowNanos += MissingLayerConfig.DEFAULTS.foundLifetime().toNanos();
            assertThat(content.layersToLookUp(nowNanos, 10)).as("no tag").isEmpty();
            assertThat(tagsToAdvertise()).isEmpty();
        }

        @Test
        void aLayerThatIsAConfigToo() {
            documents.put(AMD64, new ImageNeeds.OfImage(CONFIG, List.of(CONFIG)));
            documents.put(ARM64, new ImageNeeds.OfImage(OTHER_LAYER, List.of(CONFIG)));
            content.addTag(TAG, AMD64);
            content.addTag(SECOND_TAG, ARM64);
            add(AMD64, ARM64, OTHER_LAYER);
            lookUp(CONFIG);
            assertThat(tagsToAdvertise()).containsExactly(SECOND_TAG);
            add(CONFIG);
            assertThat(tagsToAdvertise()).containsExactlyInAnyOrder(TAG, SECOND_TAG);
        }

        /** Looks up all that is due; of that, these are found. */
        private void lookUp(Digest... found) {
            List<Digest> due = content.layersToLookUp(nowNanos, 1_000);
            assertThat(due).containsAll(List.of(found));
            due.forEach(layer -> content.lookedUp(layer, List.of(found).contains(layer), nowNanos));
        }
    }

    @Nested
    class WhyNot {
        @Test
        void namesTheFirstThingThatIsLacking() {
            content.addTag(TAG, INDEX);
            assertWhyNot(HeldBackTag.Reason.MANIFEST_MISSING, INDEX);
            content.addContent(INDEX);
            assertWhyNot(HeldBackTag.Reason.UNREAD, INDEX);
            readAll();
            assertWhyNot(HeldBackTag.Reason.MANIFEST_MISSING, AMD64);
            add(ARM64);
            assertWhyNot(HeldBackTag.Reason.CONFIG_MISSING, CONFIG);
            add(CONFIG);
            assertWhyNot(HeldBackTag.Reason.LAYER_MISSING, OTHER_LAYER);
            add(AMD64);
            assertWhyNot(HeldBackTag.Reason.LAYER_MISSING, LAYER);
            add(LAYER);
            assertThat(content.whyNot(TAG).orElseThrow().reason()).isEqualTo(HeldBackTag.Reason.NOT_TOLD_YET);
            tellAll();
            assertThat(content.whyNot(TAG)).isEmpty();
        }

        private void assertWhyNot(HeldBackTag.Reason reason, Digest digest) {
            HeldBackTag expected = new HeldBackTag(TAG, reason, Optional.of(digest));
            assertThat(content.whyNot(TAG)).contains(expected);
            assertThat(content.heldBack(10)).containsExactly(expected);
            assertThat(content.numbers().heldBack()).isEqualTo(Map.of(reason, 1));
        }

        @Test
        void tellsWhatIsNoImageAndWhatIsNoTag() {
            documents.put(LAYER, ImageNeeds.OF_NO_IMAGE);
            content.addTag(TAG, LAYER);
            add(LAYER);
            assertWhyNot(HeldBackTag.Reason.NO_IMAGE, LAYER);
            assertThat(content.whyNot(SECOND_TAG)).isEmpty();
        }

        @Test
        void tellsWhatTheFilterLeavesOut() {
            Advertisable filtered =
                    new Advertisable(TAG::equals, MissingLayerConfig.DEFAULTS, RandomGenerator.getDefault());
            filtered.addTag(OTHER_TAG, AMD64);
            assertThat(filtered.whyNot(OTHER_TAG).orElseThrow().reason()).isEqualTo(HeldBackTag.Reason.FILTERED);
            assertThat(filtered.heldBack(10)).isEmpty();
        }

        @Test
        void givesEachTagThatIsNewlyHeldBackOnce() {
            content.addTag(TAG, AMD64);
            content.addTag(SECOND_TAG, ARM64);
            content.addTag(OTHER_TAG, ARM64);
            content.removeTag(OTHER_TAG);
            add(AMD64, CONFIG, LAYER);
            assertThat(content.newlyHeldBack(10)).extracting(HeldBackTag::tag).containsExactly(SECOND_TAG);
            assertThat(content.newlyHeldBack(10)).isEmpty();
            content.removeContent(LAYER);
            content.addTag(OTHER_TAG, AMD64);
            assertThat(content.newlyHeldBack(1)).hasSize(1);
            assertThat(content.newlyHeldBack(10)).isEmpty();
        }
    }

    @Test
    void anIndexOfIndexesIsFollowed() {
        Digest outer = digest("outer");
        documents.put(outer, new ImageNeeds.OfIndex(List.of(List.of(INDEX))));
        content.addTag(TAG, outer);
        add(LAYER, CONFIG, AMD64, INDEX);
        assertThat(tagsToAdvertise()).isEmpty();
        add(outer);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
        tellAll();
        content.removeContent(LAYER);
        assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
    }

    @Test
    void whatIsNoManifestIsNeverAdvertisedUnderATag() {
        documents.put(LAYER, ImageNeeds.OF_NO_IMAGE);
        content.addTag(TAG, LAYER);
        add(LAYER);
        assertThat(tagsToAdvertise()).isEmpty();
    }

    @Test
    void documentsAreToldAfterBlobsEvenIfTheyCameBeforeTheirTag() {
        add(INDEX, AMD64, CONFIG, LAYER);
        assertThat(content.blobs.nextToAdvertise(10)).containsExactlyInAnyOrder(INDEX, AMD64, CONFIG, LAYER);
        content.addTag(TAG, INDEX);
        readAll();
        assertThat(content.blobs.nextToAdvertise(10)).containsExactlyInAnyOrder(CONFIG, LAYER);
        assertThat(content.manifests.nextToAdvertise(10)).containsExactlyInAnyOrder(INDEX, AMD64);
    }

    @Test
    void whatWasToldAsABlobIsNotToldAgainAsADocument() {
        add(AMD64, CONFIG, LAYER);
        tellAll();
        content.addTag(TAG, AMD64);
        readAll();
        assertThat(content.manifests.isSettled()).isTrue();
        assertThat(content.blobs.isSettled()).isTrue();
        content.removeContent(AMD64);
        content.addContent(AMD64);
        assertThat(content.manifests.isSettled()).isTrue();
        assertThat(content.blobs.isSettled()).isTrue();
    }

    @Test
    void aTagThatMovesBetweenWholeImagesStaysAsItIs() {
        content.addTag(TAG, AMD64);
        add(AMD64, ARM64, CONFIG, LAYER, OTHER_LAYER);
        tellAll();
        content.removeTag(TAG);
        content.addTag(TAG, ARM64);
        readAll();
        assertThat(content.isSettled()).isTrue();
        content.addTag(TAG, digest("elsewhere"));
        assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
    }

    @Test
    void aTagThatMovesToContentThatIsYetToBeToldIsWithdrawnFirst() {
        content.addTag(TAG, AMD64);
        add(AMD64, CONFIG, LAYER);
        tellAll();
        add(ARM64, OTHER_LAYER);
        content.addTag(TAG, ARM64);
        readAll();
        assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
        tellAll();
        assertThat(content.pullableTags.told()).containsExactly(TAG);
    }

    @Test
    void aTagIsWithdrawnFirstWhenThisPlatformComesToAnother() {
        content.addTag(TAG, INDEX);
        add(INDEX, ARM64, CONFIG, OTHER_LAYER);
        tellAll();
        add(LAYER, AMD64);
        assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
    }

    @Test
    void reconcilingWithTheSameContentChangesNothing() {
        content.addTag(TAG, INDEX);
        add(INDEX, AMD64, CONFIG, LAYER);
        tellAll();
        content.reconcile(new StoreSnapshot(Set.of(INDEX, AMD64, CONFIG, LAYER), Map.of(TAG, INDEX)));
        assertThat(content.isSettled()).isTrue();
        assertThat(content.unread()).isEmpty();
    }

    @Test
    void reconcilingFindsWhatChanged() {
        content.addTag(TAG, AMD64);
        content.addTag(SECOND_TAG, AMD64);
        add(AMD64, CONFIG, LAYER);
        tellAll();
        content.reconcile(new StoreSnapshot(
                Set.of(AMD64, CONFIG, LAYER, ARM64, OTHER_LAYER), Map.of(SECOND_TAG, AMD64, OTHER_TAG, ARM64)));
        readAll();
        assertThat(content.pullableTags.nextToWithdraw(10)).containsExactly(TAG);
        assertThat(tagsToAdvertise()).containsExactly(OTHER_TAG);
        assertThat(content.blobs.nextToAdvertise(10)).containsExactly(OTHER_LAYER);
        assertThat(content.manifests.nextToAdvertise(10)).containsExactly(ARM64);
    }

    @Test
    void whatACallThatFailedMayHaveToldIsWithdrawnWhenItGoes() {
        add(LAYER);
        content.blobs.failed(List.of(LAYER));
        content.removeContent(LAYER);
        assertThat(content.blobs.nextToWithdraw(10)).containsExactly(LAYER);
        content.blobs.failed(List.of(LAYER));
        content.addContent(LAYER);
        assertThat(content.blobs.nextToWithdraw(10)).isEmpty();
        assertThat(content.blobs.nextToAdvertise(10)).containsExactly(LAYER);
    }

    @Test
    void numbersAreByRegistryAndCountWhatIsSharedOnce() {
        content.addTag(TAG, INDEX);
        content.addTag(SECOND_TAG, AMD64);
        content.addTag(OTHER_TAG, ARM64);
        add(INDEX, AMD64, ARM64, CONFIG, LAYER, OTHER_LAYER, digest("of no image"));
        assertThat(content.numbers())
                .isEqualTo(new AdvertisedNumbers(Map.of(), 0, Map.of(HeldBackTag.Reason.NOT_TOLD_YET, 3)));
        tellAll();
        assertThat(content.numbers())
                .isEqualTo(new AdvertisedNumbers(
                        Map.of(
                                "example.com", new AdvertisedNumbers.OfRegistry(2, 3, 6),
                                "example.org", new AdvertisedNumbers.OfRegistry(1, 1, 3)),
                        10,
                        Map.of()));
    }

    @Test
    void oneMoreImageAmongFiveThousandReadsOneDocument() {
        for (int image = 0; image < 5_000; image++) {
            Digest manifest = digest("manifest " + image);
            Digest config = digest("config " + image);
            List<Digest> layers = new ArrayList<>();
            for (int layer = 0; layer < 10; layer++) {
                layers.add(layer == 0 ? digest("base") : digest("layer " + image + "/" + layer));
            }
            documents.put(manifest, new ImageNeeds.OfImage(config, layers));
            layers.forEach(content::addContent);
            content.addContent(config);
            content.addContent(manifest);
            for (int name = 0; name < 3; name++) {
                content.addTag(new TagReference("example.com", "app" + name, "v" + image), manifest);
            }
        }
        assertThat(readAll()).isEqualTo(5_000);
        assertThat(content.pullableTags.nextToAdvertise(20_000)).hasSize(15_000);
        add(CONFIG, LAYER, AMD64);
        content.addTag(TAG, AMD64);
        assertThat(readAll()).isOne();
        content.removeTag(TAG);
        content.removeContent(digest("base"));
        assertThat(content.unread()).isEmpty();
        assertThat(tagsToAdvertise()).isEmpty();
        assertThat(content.layersToLookUp(nowNanos, 20_000))
                .as("one look-up for all")
                .containsExactly(digest("base"));
        content.lookedUp(digest("base"), true, nowNanos);
        assertThat(content.pullableTags.nextToAdvertise(20_000)).hasSize(15_000);
    }
}
