package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreEvent;
import dev.spegel.oci.store.StoreEvent.ContentAdded;
import dev.spegel.oci.store.StoreEvent.TagAdded;
import dev.spegel.oci.store.StoreEvent.TagRemoved;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreSnapshot;
import dev.spegel.oci.store.StoreWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ContentStore} does. A store's test extends this and says how to open the store and to change what it holds; see
 * {@link ContentReadingContract} for what it must supply.
 */
public abstract class ContentStoreContract extends ContentReadingContract {
    /** Long enough for a store that reports what didn't happen to do so, short enough to wait for. */
    private static final Duration A_MOMENT = Duration.ofMillis(100);

    /** A bound that a test reaches with a few changes. */
    private static final int SHORT_QUEUE = 16;

    /** For subclasses. */
    protected ContentStoreContract() {}

    @Test
    public void aWatchBeginsWithWhatIsThere() throws Exception {
        SampleImage image = putTagged(SampleImages.TAG, SampleImages.severalLayers());
        try (StoreWatch watch = store().watch()) {
            assertThat(watch.snapshot().content()).isEqualTo(digests(image));
            assertThat(watch.snapshot().tags())
                    .isEqualTo(Map.of(SampleImages.TAG, image.target().digest()));
        }
    }

    @Test
    public void nothingHappensInAStoreThatNobodyChanges() throws Exception {
        putTagged(SampleImages.TAG, SampleImages.severalLayers());
        try (StoreWatch watch = store().watch()) {
            assertThat(watch.next(A_MOMENT)).isEmpty();
            assertThat(watch.next(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    public void contentIsAddedBeforeTheTagThatNamesIt() throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        try (StoreWatch watch = store().watch()) {
            Replica replica = new Replica(watch);
            put(image);
            tag(SampleImages.TAG, image.target());
            replica.followUntil(state -> state.tags().containsKey(SampleImages.TAG), visibilityLimit());
            assertThat(replica.state()).isEqualTo(holding(SampleImages.TAG, image));
            assertThat(replica.events())
                    .hasSize(image.content().size() + 1)
                    .last()
                    .isEqualTo(new TagAdded(SampleImages.TAG, image.target().digest()));
        }
    }

    @Test
    public void tagsAreRemovedBeforeTheContentThatTheyName() throws Exception {
        SampleImage image = putTagged(SampleImages.TAG, SampleImages.severalLayers());
        try (StoreWatch watch = store().watch()) {
            Replica replica = new Replica(watch);
            untag(SampleImages.TAG);
            removeAll(image);
            replica.followUntil(state -> state.equals(StoreSnapshot.EMPTY), visibilityLimit());
            assertThat(replica.events())
                    .hasSize(image.content().size() + 1)
                    .first()
                    .isEqualTo(new TagRemoved(SampleImages.TAG, image.target().digest()));
        }
    }

    @Test
    public void aTagThatMovesIsRemovedAndThenAdded() throws Exception {
        SampleImage before = putTagged(SampleImages.TAG, SampleImages.severalLayers());
        SampleImage after = putWhole(SampleImages.dockerSchema2());
        try (StoreWatch watch = store().watch()) {
            Replica replica = new Replica(watch);
            tag(SampleImages.TAG, after.target());
            Digest now = after.target().digest();
            replica.followUntil(state -> now.equals(state.tags().get(SampleImages.TAG)), visibilityLimit());
            assertThat(replica.events())
                    .containsExactly(
                            new TagRemoved(SampleImages.TAG, before.target().digest()),
                            new TagAdded(SampleImages.TAG, now));
        }
    }

    @Test
    public void addedContentCanBeOpenedAtOnce() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        try (StoreWatch watch = store().watch()) {
            put(image);
            for (int i = 0; i < image.content().size(); i++) {
                StoreEvent event = watch.next(visibilityLimit()).orElseThrow();
                assertThat(event)
                        .isInstanceOfSatisfying(
                                ContentAdded.class,
                                added -> assertThat(describe(added.digest()))
                                        .isEqualTo(image.bytes(added.digest()).length));
            }
        }
    }

    @Test
    public void aTagResolvesAtOnceWhenItIsAdded() throws Exception {
        SampleImage image = putWhole(SampleImages.severalLayers());
        try (StoreWatch watch = store().watch()) {
            tag(SampleImages.TAG, image.target());
            assertThat(watch.next(visibilityLimit()))
                    .contains(new TagAdded(SampleImages.TAG, image.target().digest()));
            assertThat(store().resolve(SampleImages.TAG))
                    .contains(image.target().digest());
        }
    }

    @Test
    public void watchesThatBeginAmidChangesMissNone() throws Exception {
        StoreSnapshot end = new StoreSnapshot(expectedContent(), expectedTags());
        ExecutorService changer = Executors.newSingleThreadExecutor();
        List<StoreWatch> watches = new ArrayList<>();
        try {
            Future<?> changes = changer.submit(() -> {
                changeALot();
                return null;
            });
            List<Replica> replicas = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                StoreWatch watch = store().watch();
                watches.add(watch);
                Replica replica = new Replica(watch);
                replicas.add(replica);
                int seen = i;
                // So the next watch begins later, wherever the changes are by then.
                replica.followUntil(state -> replica.events().size() > seen || state.equals(end), visibilityLimit());
            }
            changes.get();
            for (Replica replica : replicas) {
                replica.followUntil(end::equals, visibilityLimit());
            }
            try (StoreWatch fresh = store().watch()) {
                assertThat(fresh.snapshot()).isEqualTo(end);
            }
        } finally {
            changer.shutdownNow();
            watches.forEach(StoreWatch::close);
        }
    }

    @Test
    public void aReaderThatFallsTooFarBehindFailsAndStartsAgain() throws Exception {
        reopen(SHORT_QUEUE);
        SampleImage image = putWhole(SampleImages.severalLayers());
        try (StoreWatch unread = store().watch()) {
            for (int i = 0; i < SHORT_QUEUE; i++) { // two events each time
                tag(SampleImages.TAG, image.target());
                eventually(() -> assertThat(store().resolve(SampleImages.TAG)).isPresent());
                untag(SampleImages.TAG);
                eventually(() -> assertThat(store().resolve(SampleImages.TAG)).isEmpty());
            }
            assertThatThrownBy(() -> unread.next(Duration.ZERO)).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> unread.next(Duration.ZERO)).isInstanceOf(StoreException.class);
        }
        try (StoreWatch watch = store().watch()) {
            assertThat(watch.snapshot()).isEqualTo(new StoreSnapshot(digests(image), Map.of()));
            tag(SampleImages.TAG, image.target());
            assertThat(watch.next(visibilityLimit()))
                    .contains(new TagAdded(SampleImages.TAG, image.target().digest()));
        }
    }

    @Test
    public void closingAWatchEndsItsReader() throws Exception {
        try (StoreWatch other = store().watch()) {
            StoreWatch watch = store().watch();
            CompletableFuture<Throwable> end = reader(watch);
            watch.close();
            watch.close();
            assertThat(end.get()).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> watch.next(Duration.ZERO)).isInstanceOf(StoreException.class);
            assertThat(other.next(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    public void closingTheStoreEndsItsWatches() throws Exception {
        try (StoreWatch watch = store().watch()) {
            CompletableFuture<Throwable> end = reader(watch);
            store().close();
            assertThat(end.get()).isInstanceOf(StoreException.class);
        }
    }

    @Test
    public void waitingForAnEventObeysInterruption() throws Exception {
        try (StoreWatch watch = store().watch()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> watch.next(visibilityLimit())).isInstanceOf(InterruptedException.class);
            assertThat(watch.next(Duration.ZERO)).isEmpty();
        }
    }

    /** Adds five images, moves a tag from each to the next, and takes every other one away again. */
    private void changeALot() throws Exception {
        List<SampleImage> images = images();
        for (int i = 0; i < images.size(); i++) {
            put(images.get(i));
            tag(SampleImages.TAG, images.get(i).target());
            tag(ownTag(i), images.get(i).target());
            if (i % 2 == 1) {
                untag(ownTag(i - 1));
                removeAll(images.get(i - 1));
            }
        }
    }

    private static Set<Digest> expectedContent() {
        Set<Digest> content = new HashSet<>();
        List<SampleImage> images = images();
        for (int i = 0; i < images.size(); i++) {
            if (i % 2 == 1 || i == images.size() - 1) {
                content.addAll(digests(images.get(i)));
            }
        }
        return content;
    }

    private static Map<TagReference, Digest> expectedTags() {
        Map<TagReference, Digest> tags = new HashMap<>();
        List<SampleImage> images = images();
        for (int i = 0; i < images.size(); i++) {
            if (i % 2 == 1 || i == images.size() - 1) {
                tags.put(ownTag(i), images.get(i).target().digest());
            }
        }
        tags.put(SampleImages.TAG, images.get(images.size() - 1).target().digest());
        return tags;
    }

    /** They share no content, so that taking one away harms no other. */
    private static List<SampleImage> images() {
        return List.of(
                SampleImages.severalLayers(),
                SampleImages.dockerSchema2(),
                SampleImages.withoutMediaType(),
                SampleImages.twoPlatforms(),
                SampleImages.artifactWithEmptyConfig());
    }

    private static TagReference ownTag(int image) {
        return new TagReference("registry.example", "samples/many", "v" + image);
    }

    private SampleImage putTagged(TagReference tag, SampleImage image) throws Exception {
        putWhole(image);
        tag(tag, image.target());
        eventually(
                () -> assertThat(store().resolve(tag)).contains(image.target().digest()));
        return image;
    }

    private void put(SampleImage image) throws Exception {
        for (Descriptor content : image.content()) {
            put(content.digest(), image.bytes(content.digest()));
        }
    }

    private void removeAll(SampleImage image) throws Exception {
        for (Descriptor content : image.content()) {
            remove(content.digest());
        }
    }

    private static Set<Digest> digests(SampleImage image) {
        Set<Digest> digests = new HashSet<>();
        image.content().forEach(content -> digests.add(content.digest()));
        return digests;
    }

    private static StoreSnapshot holding(TagReference tag, SampleImage image) {
        return new StoreSnapshot(digests(image), Map.of(tag, image.target().digest()));
    }

    private long describe(Digest digest) {
        try {
            return store().describe(digest).orElseThrow().sizeBytes();
        } catch (StoreException e) {
            throw new AssertionError("describe " + digest, e);
        }
    }

    /** What a reader that waits for the next event of this watch gets in the end. */
    private CompletableFuture<Throwable> reader(StoreWatch watch) throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> end.complete(
                        catchThrowable(() -> watch.next(visibilityLimit().multipliedBy(10)))),
                "watch-reader");
        reader.start();
        eventually(() -> assertThat(reader.getState()).isEqualTo(Thread.State.TIMED_WAITING));
        return end;
    }
}
