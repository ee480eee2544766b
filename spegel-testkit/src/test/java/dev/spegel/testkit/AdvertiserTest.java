package dev.spegel.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Platform;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.AdvertisedNumbers;
import dev.spegel.routing.Advertiser;
import dev.spegel.routing.AdvertiserConfig;
import dev.spegel.routing.Key;
import dev.spegel.routing.MissingLayerConfig;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AdvertiserTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final TagReference TAG = SampleImages.TAG;
    private static final TagReference OTHER_TAG = SampleImages.OTHER_TAG;

    /** Small batches, so that an image takes several, and waits as short as a test wants them. */
    private static final AdvertiserConfig CONFIG =
            config(Duration.ofMillis(1), 2, Duration.ofMillis(2), Duration.ofMillis(10), Duration.ofMillis(500));

    private final UnsteadyStore store = new UnsteadyStore();
    private final RecordingRouter router = new RecordingRouter(HOUR);
    private final ManualClock clock = new ManualClock();
    private final SampleImage image = SampleImages.severalLayers();
    private Advertiser advertiser = advertiser(RegistryFilter.ADMIT_ALL);
    private Thread thread = new Thread(advertiser);

    private static AdvertiserConfig config(
            Duration coalescing, int maxBatchKeys, Duration first, Duration longest, Duration withdrawalLimit) {
        return new AdvertiserConfig(
                coalescing,
                maxBatchKeys,
                first,
                longest,
                withdrawalLimit,
                Platform.of("linux", "amd64"),
                MissingLayerConfig.DEFAULTS);
    }

    private Advertiser advertiser(RegistryFilter filter) {
        return new Advertiser(store, router, filter, CONFIG, System::nanoTime);
    }

    private void start() {
        start(advertiser);
    }

    private void start(Advertiser started) {
        advertiser = started;
        thread = new Thread(started, "advertiser");
        thread.start();
    }

    @AfterEach
    void close() throws InterruptedException {
        advertiser.close();
        thread.join();
    }

    private static Set<Key> keys(SampleImage image, TagReference... tags) {
        Set<Key> keys = new HashSet<>();
        image.content().forEach(each -> keys.add(Key.of(each.digest())));
        List.of(tags).forEach(tag -> keys.add(Key.of(tag)));
        return keys;
    }

    private static Set<Key> union(Set<Key> some, Set<Key> others) {
        Set<Key> keys = new HashSet<>(some);
        keys.addAll(others);
        return keys;
    }

    private static List<Key> keysOf(Collection<Descriptor> descriptors) {
        return descriptors.stream().map(each -> Key.of(each.digest())).toList();
    }

    /** Adds content and waits until it is advertised: whatever the store said before has been dealt with then. */
    private void awaitEarlierEvents(String marker) throws InterruptedException {
        router.awaitKnown(Key.of(store.memory.put(marker.getBytes(UTF_8))));
    }

    @Test
    void advertisesBlobsThenManifestsThenTags() throws Exception {
        SampleImage platforms = SampleImages.twoPlatforms();
        platforms.putInto(store.memory, TAG);
        start();
        router.awaitKnown(keys(platforms, TAG));
        List<Key> order = router.advertised();
        int blobs = platforms.layersAndConfigs().size();
        assertThat(order.subList(0, blobs)).containsExactlyInAnyOrderElementsOf(keysOf(platforms.layersAndConfigs()));
        assertThat(order.subList(blobs, order.size() - 1))
                .contains(Key.of(platforms.target().digest()))
                .containsAll(keysOf(platforms.manifests()));
        assertThat(order).endsWith(Key.of(TAG)).doesNotHaveDuplicates();
        assertThat(router.calls()).allSatisfy(call -> assertThat(call.keys()).hasSizeBetween(1, 2));
    }

    @Test
    void tellsWhichDigestsTheNetworkKnows() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        Set<Digest> digests = image.content().stream().map(Descriptor::digest).collect(Collectors.toSet());
        Digest unknown = Digest.ofSha256("elsewhere".getBytes(UTF_8));
        assertThat(advertiser.advertised(digests)).as("before it works").isEmpty();
        image.putInto(store.memory, TAG);
        start();
        router.awaitKnown(keys(image, TAG));
        awaitEarlierEvents("later"); // the router knows before the advertiser notes that it does
        assertThat(advertiser.advertised(union(digests, unknown))).isEqualTo(digests);
    }

    private static Set<Digest> union(Set<Digest> some, Digest other) {
        Set<Digest> all = new HashSet<>(some);
        all.add(other);
        return all;
    }

    @Test
    void closingWithdrawsEverythingInReverse() throws Exception {
        image.putInto(store.memory, TAG);
        start();
        router.awaitKnown(keys(image, TAG));
        advertiser.close();
        thread.join();
        assertThat(router.known()).isEmpty();
        List<Key> order = router.withdrawn();
        assertThat(order.get(0)).isEqualTo(Key.of(TAG));
        assertThat(order.get(1)).isEqualTo(Key.of(image.target().digest()));
        assertThat(order.subList(2, order.size()))
                .containsExactlyInAnyOrderElementsOf(keysOf(image.layersAndConfigs()));
        assertThat(thread.isInterrupted()).isFalse();
    }

    @Test
    void aTagWaitsForItsLastLayer() throws Exception {
        Descriptor last = image.layersAndConfigs().get(0);
        image.content().stream()
                .filter(each -> !each.equals(last))
                .forEach(each -> store.memory.put(image.bytes(each.digest())));
        store.memory.tag(TAG, image.target().digest());
        start();
        awaitEarlierEvents("first");
        assertThat(router.known()).doesNotContain(Key.of(TAG));
        store.memory.put(image.bytes(last.digest()));
        router.awaitKnown(Key.of(TAG));
        assertThat(router.known()).containsAll(keys(image, TAG));
    }

    @Test
    void aTagIsWithdrawnBeforeTheContentThatItNeeds() throws Exception {
        image.putInto(store.memory, TAG);
        start();
        router.awaitKnown(keys(image, TAG));
        Digest layer = image.layersAndConfigs().get(1).digest();
        store.memory.remove(layer);
        Set<Key> left = keys(image);
        left.remove(Key.of(layer));
        router.awaitKnown(left);
        assertThat(router.withdrawn()).containsExactly(Key.of(TAG), Key.of(layer));
    }

    @Test
    void anIndexIsAdvertisedForAnotherPlatformIfThatIsWhatIsThere() throws Exception {
        SampleImage platforms = SampleImages.twoPlatforms();
        platforms.putInto(store.memory, TAG);
        store.memory.remove(platforms.manifests().get(0).digest());
        start();
        router.awaitKnown(Key.of(TAG));
        store.memory.remove(platforms.manifests().get(1).digest());
        awaitEarlierEvents("then");
        assertThat(router.known()).doesNotContain(Key.of(TAG));
    }

    @Test
    void allKindsOfImagesAreAdvertised() throws Exception {
        Set<Key> expected = new HashSet<>();
        List<SampleImage> images = List.of(
                SampleImages.dockerSchema2(),
                SampleImages.withoutMediaType(),
                SampleImages.dockerTwoPlatforms(),
                SampleImages.artifactWithEmptyConfig(),
                SampleImages.emptyAndLargeLayer());
        start();
        for (int i = 0; i < images.size(); i++) {
            TagReference tag = new TagReference("registry.example", "samples/kinds", "v" + i);
            images.get(i).putInto(store.memory, tag);
            expected.addAll(keys(images.get(i), tag));
        }
        router.awaitKnown(expected);
    }

    @Test
    void filteredTagsAreNotAdvertisedButTheirContentIs() throws Exception {
        image.putInto(store.memory, TAG);
        store.memory.tag(OTHER_TAG, image.target().digest());
        start(advertiser(RegistryFilter.of(List.of(OTHER_TAG.registry()), List.of())));
        router.awaitKnown(keys(image, OTHER_TAG));
        awaitEarlierEvents("then");
        assertThat(router.known()).doesNotContain(Key.of(TAG));
    }

    @Test
    void aStoreThatComesBackIsReconciledWithNothingLostOrToldTwice() throws Exception {
        SampleImage second = SampleImages.dockerSchema2();
        image.putInto(store.memory, TAG);
        start();
        router.awaitKnown(keys(image, TAG));
        store.fail();
        second.putInto(store.memory, OTHER_TAG);
        Digest gone = image.layersAndConfigs().get(0).digest();
        store.memory.remove(gone);
        store.awaitRefusals();
        assertThat(router.withdrawn()).isEmpty();
        store.recover();
        Set<Key> expected = union(keys(image), keys(second, OTHER_TAG));
        expected.remove(Key.of(gone));
        router.awaitKnown(expected);
        assertThat(router.advertised()).doesNotHaveDuplicates();
        assertThat(router.withdrawn()).containsExactly(Key.of(TAG), Key.of(gone));
    }

    @Test
    void aStoreThatIsDownAtTheStartIsWaitedFor() throws Exception {
        store.fail();
        start();
        store.awaitRefusals();
        image.putInto(store.memory, TAG);
        store.recover();
        router.awaitKnown(keys(image, TAG));
    }

    @Test
    void aStoreThatComesAndGoesIsWatchedLessAndLessOften() throws Exception {
        AdvertiserConfig config = config(Duration.ZERO, 100, Duration.ofMillis(8), HOUR, Duration.ZERO);
        store.flap();
        long begin = System.nanoTime();
        start(new Advertiser(store, router, RegistryFilter.ADMIT_ALL, config, System::nanoTime));
        store.awaitRefusals();
        // Seven waits, from half of what is doubled each time: 8, 8, 16, 32, 64, 128 and 256 ms.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(512));
    }

    @Test
    void aRouterThatFailsIsTriedAgain() throws Exception {
        image.putInto(store.memory, TAG);
        router.failNext(5);
        start();
        router.awaitKnown(keys(image, TAG));
        assertThat(router.advertised()).endsWith(Key.of(TAG)).doesNotHaveDuplicates();
    }

    @Test
    void contentThatGoesWhileTheRouterFailsIsWithdrawnAllTheSame() throws Exception {
        Digest layer = store.memory.put("layer".getBytes(UTF_8));
        router.failNext(Integer.MAX_VALUE);
        start();
        router.awaitAttempts(2);
        store.memory.remove(layer);
        router.awaitAttempts(4);
        router.failNext(0);
        awaitEarlierEvents("then");
        assertThat(router.known()).doesNotContain(Key.of(layer));
        assertThat(router.withdrawn()).containsExactly(Key.of(layer));
    }

    @Test
    void everythingIsRepeatedAtTheIntervalInOrder() throws Exception {
        image.putInto(store.memory, TAG);
        start(new Advertiser(store, router, RegistryFilter.ADMIT_ALL, CONFIG, clock));
        router.awaitKnown(keys(image, TAG));
        int first = router.advertised().size();
        Duration shortly = Duration.ofMillis(50); // what it waits for in real time, before it looks at the clock again
        clock.advance(HOUR.minus(shortly));
        awaitEarlierEvents("early");
        assertThat(router.advertised()).hasSize(first + 1);
        clock.advance(shortly);
        int all = first + 1;
        router.await("all repeated", () -> router.advertised().size() == all + all);
        List<Key> repeated = router.advertised().subList(all, all + all);
        assertThat(repeated)
                .doesNotHaveDuplicates()
                .endsWith(Key.of(image.target().digest()), Key.of(TAG));
    }

    @Test
    void aManifestThatCannotBeReadHoldsUpNothingButItsTags() throws Exception {
        SampleImage second = SampleImages.dockerSchema2();
        image.putInto(store.memory, TAG);
        second.putInto(store.memory, OTHER_TAG);
        store.unreadable.add(image.target().digest());
        start();
        router.awaitKnown(union(keys(image), keys(second, OTHER_TAG)));
        store.unreadable.clear();
        router.awaitKnown(union(keys(image, TAG), keys(second, OTHER_TAG)));
    }

    @Test
    void anImageThatComesWhileAManifestCannotBeReadDoesNotWaitForIt() throws Exception {
        SampleImage platforms = SampleImages.twoPlatforms();
        store.unreadable.add(image.target().digest());
        image.putInto(store.memory, TAG);
        AdvertiserConfig patient = config(Duration.ZERO, 100, HOUR, HOUR, Duration.ofMillis(500));
        start(new Advertiser(store, router, RegistryFilter.ADMIT_ALL, patient, System::nanoTime));
        router.awaitKnown(keys(image));
        platforms.putInto(store.memory, OTHER_TAG);
        router.awaitKnown(union(keys(image), keys(platforms, OTHER_TAG)));
    }

    @Test
    void aDamagedManifestIsAdvertisedUnderNoTag() throws Exception {
        SampleImage second = SampleImages.dockerSchema2();
        image.putInto(store.memory, TAG);
        second.putInto(store.memory, OTHER_TAG);
        store.damaged.add(image.target().digest());
        start();
        router.awaitKnown(union(keys(image), keys(second, OTHER_TAG)));
        awaitEarlierEvents("then");
        assertThat(router.known()).doesNotContain(Key.of(TAG));
    }

    @Test
    void aManifestIsReadOnce() throws Exception {
        image.putInto(store.memory, TAG);
        store.memory.tag(OTHER_TAG, image.target().digest());
        start();
        router.awaitKnown(keys(image, TAG, OTHER_TAG));
        store.memory.remove(image.layersAndConfigs().get(0).digest());
        store.memory.untag(OTHER_TAG);
        awaitEarlierEvents("then");
        assertThat(store.reads).hasValue(1);
    }

    @Test
    void numbersSayWhatIsAdvertised() throws Exception {
        image.putInto(store.memory, TAG);
        start();
        router.awaitKnown(keys(image, TAG));
        awaitEarlierEvents("a blob of no image");
        Map<String, AdvertisedNumbers.OfRegistry> expected = Map.of(
                TAG.registry(),
                new AdvertisedNumbers.OfRegistry(1, 1, image.content().size()));
        awaitNumbers(new AdvertisedNumbers(expected, image.content().size() + 2, Map.of()));
        store.memory.untag(TAG);
        awaitNumbers(new AdvertisedNumbers(Map.of(), image.content().size() + 1, Map.of()));
    }

    /** The numbers change just after the router has answered. */
    private void awaitNumbers(AdvertisedNumbers expected) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!advertiser.numbers().equals(expected) && end - System.nanoTime() > 0) {
            Thread.onSpinWait();
        }
        assertThat(advertiser.numbers()).isEqualTo(expected);
    }

    @Test
    void closingDoesNotWaitForARouterThatHangs() throws Exception {
        image.putInto(store.memory, TAG);
        router.hang();
        start();
        router.awaitAttempts(1);
        long begin = System.nanoTime();
        advertiser.close();
        thread.join();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
        router.awaitAttempts(2); // it tried to withdraw what the first call may have told
    }

    @Test
    void anInterruptionByOthersStopsItWithNothingWithdrawn() throws Exception {
        image.putInto(store.memory, TAG);
        AtomicBoolean flag = new AtomicBoolean();
        thread = new Thread(() -> {
            advertiser.run();
            flag.set(Thread.currentThread().isInterrupted());
        });
        thread.start();
        router.awaitKnown(keys(image, TAG));
        thread.interrupt();
        thread.join();
        assertThat(flag).isTrue();
        assertThat(router.withdrawn()).isEmpty();
    }

    @Test
    void closingTwiceOrBeforeItRanIsHarmless() throws Exception {
        advertiser.close();
        advertiser.close();
        image.putInto(store.memory, TAG);
        start();
        thread.join();
        assertThat(router.calls()).isEmpty();
        assertThatThrownBy(advertiser::run).isInstanceOf(IllegalStateException.class);
    }
}
