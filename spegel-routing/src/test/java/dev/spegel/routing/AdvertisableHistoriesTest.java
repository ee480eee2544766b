package dev.spegel.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random stores and neighbours that change at random, against the definition of what may be advertised, computed anew each time. */
class AdvertisableHistoriesTest {
    private static final MissingLayerConfig CONFIG = new MissingLayerConfig(
            100, 4, Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofSeconds(30));
    private static final int BLOBS = 5;
    private static final int IMAGES = 5;
    private static final int INDEXES = 4;

    @Test
    void whateverHappensTheNetworkIsToldWhatIsTrue() {
        int settled = 0;
        int thanksToOthers = 0;
        for (int seed = 0; seed < 150; seed++) {
            History history = new History(seed);
            history.live();
            settled += history.settled;
            thanksToOthers += history.thanksToOthers;
        }
        assertThat(settled).as("states that could be compared in full").isGreaterThan(1_000);
        assertThat(thanksToOthers).as("tags with a layer elsewhere in those").isGreaterThan(100);
    }

    private static final class History {
        private final int seed;
        private final Random random;
        private final List<Digest> universe = new ArrayList<>();
        private final Map<Digest, ImageNeeds> documents = new HashMap<>();
        private final List<TagReference> names = List.of(
                new TagReference("example.com", "app", "1"),
                new TagReference("example.com", "app", "2"),
                new TagReference("example.org", "other", "1"));
        private final Set<Digest> present = new HashSet<>();
        private final Set<Digest> servedElsewhere = new HashSet<>();
        private final Map<TagReference, Digest> tags = new HashMap<>();
        private final Advertisable content;
        private long nowNanos = Long.MAX_VALUE;
        private int settled;
        private int thanksToOthers;

        History(int seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.content = new Advertisable(tag -> true, CONFIG, random);
            for (int i = 0; i < BLOBS + IMAGES + INDEXES; i++) {
                Digest digest = Digest.ofSha256(("thing " + i).getBytes(UTF_8));
                if (i >= BLOBS + IMAGES) {
                    List<List<Digest>> choices = new ArrayList<>();
                    for (int n = random.nextInt(3); n >= 0; n--) {
                        choices.add(some(BLOBS - 1, i));
                    }
                    documents.put(digest, new ImageNeeds.OfIndex(choices));
                } else if (i >= BLOBS) {
                    documents.put(digest, new ImageNeeds.OfImage(universe.get(random.nextInt(BLOBS)), some(0, BLOBS)));
                }
                universe.add(digest);
            }
        }

        private List<Digest> some(int from, int to) {
            List<Digest> some = new ArrayList<>();
            for (int n = random.nextInt(3); n >= 0; n--) {
                some.add(universe.get(from + random.nextInt(to - from)));
            }
            return some;
        }

        private boolean isWhole(Digest digest) {
            if (!present.contains(digest)) {
                return false;
            }
            ImageNeeds needs = documents.get(digest);
            if (needs instanceof ImageNeeds.OfImage image) {
                return present.contains(image.config())
                        && image.layers().stream()
                                .allMatch(layer -> present.contains(layer) || servedElsewhere.contains(layer));
            }
            return needs instanceof ImageNeeds.OfIndex index
                    && (index.choices().isEmpty() || chosen(index).stream().anyMatch(this::isWhole));
        }

        private List<Digest> chosen(ImageNeeds.OfIndex index) {
            return index.choices().stream()
                    .filter(choice -> choice.stream().anyMatch(present::contains))
                    .findFirst()
                    .orElse(List.of());
        }

        /** All that a client that pulls would come to, and that is there. */
        private Set<Digest> inUse() {
            Set<Digest> inUse = new HashSet<>();
            tags.values().forEach(root -> addInUse(root, inUse));
            return inUse;
        }

        private void addInUse(Digest digest, Set<Digest> inUse) {
            if (present.contains(digest)
                    && inUse.add(digest)
                    && documents.get(digest) instanceof ImageNeeds.OfIndex index) {
                chosen(index).forEach(child -> addInUse(child, inUse));
            }
        }

        private Set<Digest> worthALookUp() {
            Set<Digest> worth = new HashSet<>();
            for (Digest digest : inUse()) {
                if (documents.get(digest) instanceof ImageNeeds.OfImage image && present.contains(image.config())) {
                    worth.addAll(image.layers());
                }
            }
            worth.removeAll(present);
            return worth;
        }

        void live() {
            for (int step = 0; step < 200; step++) {
                Digest digest = universe.get(random.nextInt(universe.size()));
                TagReference tag = names.get(random.nextInt(names.size()));
                switch (random.nextInt(9)) {
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
                    case 6 -> servedElsewhere.add(digest);
                    case 7 -> servedElsewhere.remove(digest);
                    default -> content.reconcile(new StoreSnapshot(present, tags));
                }
                content.unread().stream().limit(random.nextInt(3)).forEach(this::read);
                String when = "seed %d, step %d".formatted(seed, step);
                boolean lookedUp = random.nextBoolean();
                if (lookedUp) {
                    lookAllUp(when);
                } else {
                    content.layersToLookUp(nowNanos, 1).forEach(this::lookUp);
                }
                tellSome();
                if (lookedUp) {
                    check(when);
                }
            }
        }

        private void lookUp(Digest layer) {
            content.lookedUp(layer, servedElsewhere.contains(layer), nowNanos);
        }

        private void lookAllUp(String when) {
            nowNanos += Duration.ofSeconds(60).toNanos();
            List<Digest> due = content.layersToLookUp(nowNanos, 1_000);
            due.forEach(this::lookUp);
            assertThat(due).as(when).doesNotHaveDuplicates();
            if (content.unread().isEmpty()) {
                assertThat(due).as(when).containsExactlyInAnyOrderElementsOf(worthALookUp());
            }
        }

        private void read(Digest digest) {
            content.read(digest, documents.getOrDefault(digest, ImageNeeds.OF_NO_IMAGE));
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
                if (isWhole(root)) {
                    pullable.add(tag);
                }
            });
            assertThat(pullable).as(when).containsAll(content.pullableTags.nextToAdvertise(1000));
            if (!content.unread().isEmpty() || !content.isSettled()) {
                return;
            }
            settled++;
            thanksToOthers += worthALookUp().stream().anyMatch(servedElsewhere::contains) ? pullable.size() : 0;
            assertThat(content.pullableTags.told()).as(when).isEqualTo(pullable);
            Set<TagReference> others = new HashSet<>(tags.keySet());
            others.removeAll(pullable);
            assertThat(content.heldBack(10))
                    .as(when)
                    .extracting(HeldBackTag::tag)
                    .containsExactlyInAnyOrderElementsOf(others);
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
