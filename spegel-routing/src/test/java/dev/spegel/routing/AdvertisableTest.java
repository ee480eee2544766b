package dev.spegel.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
            INDEX, new ImageNeeds(ImageNeeds.Kind.INDEX, List.of(AMD64, ARM64)),
            AMD64, new ImageNeeds(ImageNeeds.Kind.MANIFEST, List.of(CONFIG, LAYER, LAYER)),
            ARM64, new ImageNeeds(ImageNeeds.Kind.MANIFEST, List.of(CONFIG, OTHER_LAYER))));
    private final Advertisable content = new Advertisable(tag -> true);

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
    void aTagOfAnIndexNeedsOneWholePlatform() {
        content.addTag(TAG, INDEX);
        add(INDEX, CONFIG, LAYER, OTHER_LAYER);
        assertThat(tagsToAdvertise()).isEmpty();
        add(ARM64);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
        add(AMD64);
        content.removeContent(OTHER_LAYER);
        assertThat(tagsToAdvertise()).containsExactly(TAG);
        content.removeContent(CONFIG);
        assertThat(tagsToAdvertise()).isEmpty();
    }

    @Test
    void anIndexOfIndexesIsFollowed() {
        Digest outer = digest("outer");
        documents.put(outer, new ImageNeeds(ImageNeeds.Kind.INDEX, List.of(INDEX)));
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
        documents.put(LAYER, new ImageNeeds(ImageNeeds.Kind.UNUSABLE, List.of()));
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
        assertThat(content.numbers()).isEqualTo(new AdvertisedNumbers(Map.of(), 0));
        tellAll();
        assertThat(content.numbers())
                .isEqualTo(new AdvertisedNumbers(
                        Map.of(
                                "example.com", new AdvertisedNumbers.OfRegistry(2, 3, 6),
                                "example.org", new AdvertisedNumbers.OfRegistry(1, 1, 3)),
                        10));
    }

    @Test
    void oneMoreImageAmongFiveThousandReadsOneDocument() {
        for (int image = 0; image < 5_000; image++) {
            Digest manifest = digest("manifest " + image);
            List<Digest> layers = new ArrayList<>();
            for (int layer = 0; layer < 10; layer++) {
                layers.add(layer == 0 ? digest("base") : digest("layer " + image + "/" + layer));
            }
            documents.put(manifest, new ImageNeeds(ImageNeeds.Kind.MANIFEST, layers));
            layers.forEach(content::addContent);
            content.addContent(manifest);
            content.addTag(new TagReference("example.com", "app", "v" + image), manifest);
        }
        assertThat(readAll()).isEqualTo(5_000);
        assertThat(content.pullableTags.nextToAdvertise(10_000)).hasSize(5_000);
        add(CONFIG, LAYER, AMD64);
        content.addTag(TAG, AMD64);
        assertThat(readAll()).isOne();
        content.removeTag(TAG);
        content.removeContent(digest("base"));
        assertThat(content.unread()).isEmpty();
        assertThat(tagsToAdvertise()).isEmpty();
    }

    /** Random stores that change at random, against the definition of what may be advertised, computed anew each time. */
    @Test
    void whateverHappensTheNetworkIsToldWhatIsTrue() {
        int settled = 0;
        for (int seed = 0; seed < 100; seed++) {
            settled += new RandomStore(seed).live();
        }
        assertThat(settled).as("states that could be compared in full").isGreaterThan(1_000);
    }

    private static final class RandomStore {
        private final int seed;
        private final Random random;
        private final List<Digest> universe = new ArrayList<>();
        private final Map<Digest, ImageNeeds> documents = new HashMap<>();
        private final List<TagReference> names = List.of(TAG, SECOND_TAG, OTHER_TAG);
        private final Set<Digest> present = new HashSet<>();
        private final Map<TagReference, Digest> tags = new HashMap<>();
        private final Advertisable content = new Advertisable(tag -> true);
        private int settled;

        RandomStore(int seed) {
            this.seed = seed;
            this.random = new Random(seed);
            for (int i = 0; i < 12; i++) {
                Digest digest = digest("thing " + i);
                if (i > 4) {
                    List<Digest> needs = new ArrayList<>();
                    for (int n = random.nextInt(3); n >= 0; n--) {
                        needs.add(universe.get(random.nextInt(i)));
                    }
                    ImageNeeds.Kind kind = i < 9 ? ImageNeeds.Kind.MANIFEST : ImageNeeds.Kind.INDEX;
                    documents.put(digest, new ImageNeeds(kind, needs));
                }
                universe.add(digest);
            }
        }

        boolean usable(Digest digest) {
            ImageNeeds needs = documents.get(digest);
            if (needs == null || !present.contains(digest)) {
                return false;
            }
            return needs.kind() == ImageNeeds.Kind.MANIFEST
                    ? present.containsAll(needs.digests())
                    : needs.digests().stream().anyMatch(this::usable);
        }

        int live() {
            for (int step = 0; step < 200; step++) {
                Digest digest = universe.get(random.nextInt(universe.size()));
                TagReference tag = names.get(random.nextInt(names.size()));
                switch (random.nextInt(7)) {
                    case 0, 1, 2 -> {
                        present.add(digest);
                        content.addContent(digest);
                    }
                    case 3 -> {
                        present.remove(digest);
                        content.removeContent(digest);
                    }
                    case 4 -> {
                        tags.put(tag, digest);
                        content.addTag(tag, digest);
                    }
                    case 5 -> {
                        tags.remove(tag);
                        content.removeTag(tag);
                    }
                    default -> content.reconcile(new StoreSnapshot(present, tags));
                }
                content.unread().stream().limit(random.nextInt(3)).forEach(this::read);
                tellSome();
                check("seed %d, step %d".formatted(seed, step));
            }
            return settled;
        }

        private void read(Digest digest) {
            content.read(digest, documents.getOrDefault(digest, new ImageNeeds(ImageNeeds.Kind.UNUSABLE, List.of())));
        }

        private void tellSome() {
            if (random.nextBoolean()) {
                return;
            }
            content.pullableTags.withdrawn(content.pullableTags.nextToWithdraw(1000));
            if (random.nextInt(4) == 0) {
                content.manifests.failed(content.manifests.nextToWithdraw(2));
                content.blobs.failed(content.blobs.nextToAdvertise(2));
                return;
            }
            content.manifests.withdrawn(content.manifests.nextToWithdraw(1000));
            content.blobs.withdrawn(content.blobs.nextToWithdraw(1000));
            content.blobs.advertised(content.blobs.nextToAdvertise(1000));
            content.manifests.advertised(content.manifests.nextToAdvertise(1000));
            content.pullableTags.advertised(content.pullableTags.nextToAdvertise(1000));
        }

        private void check(String when) {
            Set<TagReference> pullable = new HashSet<>();
            tags.forEach((tag, root) -> {
                if (usable(root)) {
                    pullable.add(tag);
                }
            });
            assertThat(pullable).as(when).containsAll(content.pullableTags.nextToAdvertise(1000));
            if (!content.unread().isEmpty() || !content.isSettled()) {
                return;
            }
            settled++;
            assertThat(content.pullableTags.told()).as(when).isEqualTo(pullable);
            Set<Digest> told = new HashSet<>(content.blobs.told());
            told.addAll(content.manifests.told());
            assertThat(told).as(when).isEqualTo(present);
            assertThat(told)
                    .as(when)
                    .hasSize(content.blobs.told().size()
                            + content.manifests.told().size());
        }
    }
}
