package dev.spegel.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.Platform;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.AdvertisedNumbers;
import dev.spegel.routing.Advertiser;
import dev.spegel.routing.AdvertiserConfig;
import dev.spegel.routing.HeldBackTag;
import dev.spegel.routing.Key;
import dev.spegel.routing.MissingLayerConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an {@link Advertiser} does about layers that its store lacks. */
@Timeout(60)
class AdvertiserMissingLayersTest {
    private static final TagReference TAG = SampleImages.TAG;
    private static final Duration LIFETIME = Duration.ofMinutes(5);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(10);

    /** Looks at the clock often: nothing happens at the router while a test moves time. */
    private static final AdvertiserConfig CONFIG = new AdvertiserConfig(
            Duration.ZERO,
            100,
            Duration.ofMillis(2),
            Duration.ofMillis(10),
            Duration.ofMillis(500),
            Platform.of("linux", "amd64"),
            new MissingLayerConfig(100, 2, Duration.ofSeconds(1), LIFETIME, FIRST_RETRY, Duration.ofMinutes(10)));

    private final UnsteadyStore store = new UnsteadyStore();
    private final RecordingRouter router = new RecordingRouter(Duration.ofHours(10));
    private final ManualClock clock = new ManualClock();
    private final Advertiser advertiser = new Advertiser(store, router, RegistryFilter.ADMIT_ALL, CONFIG, clock);
    private final Thread thread = new Thread(advertiser, "advertiser");
    private final SampleImage image = SampleImages.severalLayers();
    private final Digest layer = image.layersAndConfigs().get(0).digest();
    private int markers;

    @BeforeEach
    void storeLacksALayer() {
        image.putInto(store.memory, TAG);
        store.memory.remove(layer);
    }

    @AfterEach
    void close() throws InterruptedException {
        advertiser.close();
        thread.join();
    }

    /** Waits until all is done that is to be done at this time, by the clock. */
    private void awaitRound() throws InterruptedException {
        router.awaitKnown(Key.of(store.memory.put(("marker " + markers++).getBytes(UTF_8))));
        router.awaitKnown(Key.of(store.memory.put(("marker " + markers++).getBytes(UTF_8))));
    }

    private void pass(Duration time) throws InterruptedException {
        clock.advance(time);
        awaitRound();
    }

    private boolean isKnown() {
        return router.known().contains(Key.of(TAG));
    }

    @Test
    void aTagIsAdvertisedIfAnotherNodeServesItsMissingLayer() throws Exception {
        router.servedElsewhere.add(Key.of(layer));
        thread.start();
        router.awaitKnown(Key.of(TAG));
        assertThat(router.lookups).containsExactly(Key.of(layer));
        assertThat(router.advertised()).endsWith(Key.of(TAG)).doesNotContain(Key.of(layer));
    }

    @Test
    void aTagIsHeldBackWhileNobodyServesItsMissingLayer() throws Exception {
        thread.start();
        awaitRound();
        assertThat(isKnown()).isFalse();
        HeldBackTag expected = new HeldBackTag(TAG, HeldBackTag.Reason.LAYER_MISSING, Optional.of(layer));
        assertThat(advertiser.whyNot(TAG)).contains(expected);
        assertThat(advertiser.heldBack(1)).containsExactly(expected);
        AdvertisedNumbers numbers = advertiser.numbers();
        assertThat(numbers.heldBack()).isEqualTo(Map.of(HeldBackTag.Reason.LAYER_MISSING, 1));
        assertThat(expected)
                .hasToString(TAG + ": a layer isn't here, and no other node was found to serve it, " + layer);
        router.servedElsewhere.add(Key.of(layer));
        pass(FIRST_RETRY);
        router.awaitKnown(Key.of(TAG));
        awaitRound(); // it knows just after the router has answered
        assertThat(advertiser.whyNot(TAG)).isEmpty();
    }

    @Test
    void aMissIsNotLookedUpAgainAtOnce() throws Exception {
        thread.start();
        awaitRound();
        pass(FIRST_RETRY.dividedBy(2).minusNanos(1));
        awaitRound();
        assertThat(router.lookups).hasSize(1);
        pass(FIRST_RETRY.dividedBy(2).plusNanos(1));
        assertThat(router.lookups).hasSize(2);
    }

    @Test
    void aTagIsWithdrawnWhenTheOtherNodeHasGone() throws Exception {
        router.servedElsewhere.add(Key.of(layer));
        thread.start();
        router.awaitKnown(Key.of(TAG));
        router.servedElsewhere.clear();
        pass(LIFETIME.minusNanos(1));
        assertThat(isKnown()).as("a find is believed for a while").isTrue();
        pass(Duration.ofNanos(1));
        assertThat(isKnown()).isFalse();
        assertThat(router.withdrawn()).containsExactly(Key.of(TAG));
    }

    @Test
    void aTagIsWithdrawnWhenThisNodeIsLeftAlone() throws Exception {
        router.servedElsewhere.add(Key.of(layer));
        thread.start();
        router.awaitKnown(Key.of(TAG));
        router.lonely = true;
        pass(LIFETIME);
        assertThat(isKnown()).isFalse();
        assertThat(router.lookups).hasSize(1);
    }

    @Test
    void nothingIsLookedUpBeforeThereIsANetwork() throws Exception {
        router.servedElsewhere.add(Key.of(layer));
        router.lonely = true;
        thread.start();
        awaitRound();
        assertThat(router.lookups).isEmpty();
        router.lonely = false;
        awaitRound();
        router.awaitKnown(Key.of(TAG));
    }

    @Test
    void aLayerThatComesIsAdvertisedWithItsTagAsEver() throws Exception {
        thread.start();
        awaitRound();
        store.memory.put(image.bytes(layer));
        router.awaitKnown(Key.of(TAG));
        assertThat(router.advertised()).containsSubsequence(Key.of(layer), Key.of(TAG));
        pass(LIFETIME);
        assertThat(router.lookups).hasSize(1);
    }

    @Test
    void aLayerThatGoesIsLookedUpAndItsTagComesBack() throws Exception {
        store.memory.put(image.bytes(layer));
        router.servedElsewhere.add(Key.of(layer));
        thread.start();
        router.awaitKnown(Set.of(
                Key.of(TAG),
                Key.of(image.target().digest()),
                Key.of(layer),
                Key.of(image.layersAndConfigs().get(1).digest()),
                Key.of(image.layersAndConfigs().get(2).digest()),
                Key.of(image.layersAndConfigs().get(3).digest())));
        store.memory.remove(layer);
        awaitRound();
        assertThat(router.lookups).containsExactly(Key.of(layer));
        assertThat(isKnown()).isTrue();
        assertThat(router.known()).doesNotContain(Key.of(layer));
    }

    @Test
    void slowLookUpsHoldNothingUpAndAreBoundedInNumberAndTime() throws Exception {
        List<Digest> layers = image.layersAndConfigs().stream()
                .filter(each -> !each.mediaType().isImageConfig())
                .map(each -> each.digest())
                .toList();
        layers.forEach(store.memory::remove);
        router.slow = true;
        thread.start();
        awaitRound();
        assertThat(router.lookups).as("two at once").hasSize(2);
        assertThat(router.closedLookups).hasValue(0);
        pass(Duration.ofSeconds(1));
        assertThat(router.closedLookups).as("after their limit").hasValue(2);
        assertThat(router.lookups).as("then the third").hasSize(3).doesNotHaveDuplicates();
        assertThat(isKnown()).isFalse();
        advertiser.close();
        thread.join();
        assertThat(router.closedLookups).hasValue(3);
    }

    @Test
    void aMissingConfigOrManifestIsNotLookedUp() throws Exception {
        Digest config = image.layersAndConfigs().stream()
                .filter(each -> each.mediaType().isImageConfig())
                .findFirst()
                .orElseThrow()
                .digest();
        store.memory.remove(config);
        SampleImage other = SampleImages.dockerSchema2();
        other.putInto(store.memory, SampleImages.OTHER_TAG);
        store.memory.remove(other.target().digest());
        thread.start();
        awaitRound();
        assertThat(router.lookups).isEmpty();
        assertThat(advertiser.whyNot(TAG).orElseThrow().reason()).isEqualTo(HeldBackTag.Reason.CONFIG_MISSING);
        assertThat(advertiser.whyNot(SampleImages.OTHER_TAG).orElseThrow().reason())
                .isEqualTo(HeldBackTag.Reason.MANIFEST_MISSING);
    }
}
