package dev.spegel.containerd;

import static dev.spegel.containerd.ContainerdFixture.LIMIT;
import static dev.spegel.containerd.ContainerdFixture.digests;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.Advertiser;
import dev.spegel.routing.AdvertiserConfig;
import dev.spegel.routing.HeldBackTag;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.MemoryNetwork;
import dev.spegel.routing.MemoryRouter;
import dev.spegel.routing.MissingLayerConfig;
import dev.spegel.routing.Peer;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What other nodes find advertised, asked all the time while a real containerd's images come, move and go. */
@ParameterizedClass
@EnumSource
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AdvertisedTagsIT {
    private static final int ROUNDS = 5;

    /**
     * containerd may have collected content by the time that it tells of what that makes useless: a tag's deletion, or its move. Until
     * the network knows takes a moment.
     */
    private static final Duration WITHDRAWN_WITHIN = Duration.ofSeconds(2);

    private final ContainerdRelease release;
    private final SampleImage before = SampleImages.severalLayers();
    private final SampleImage after = SampleImages.dockerSchema2();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final MemoryNetwork network = new MemoryNetwork();

    @TempDir
    private Path directory;

    private ContainerdFixture fixture;
    private MemoryRouter observer;
    /** What the tag is about to name no longer. */
    private volatile Optional<Digest> leaving = Optional.empty();

    private volatile boolean over;

    AdvertisedTagsIT(ContainerdRelease release) {
        this.release = release;
    }

    @BeforeEach
    void start() throws Exception {
        release.assumeUsable();
        fixture = new ContainerdFixture(directory, release);
        fixture.daemon().start();
        observer = network.join(peer("observer"));
    }

    @AfterEach
    void stop() throws Exception {
        over = true;
        threads.shutdownNow();
        if (fixture != null) {
            fixture.close();
        }
    }

    private static Peer peer(String id) {
        return new Peer(id, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    private boolean isAdvertised(Key key) throws InterruptedException {
        try (Lookup lookup = observer.lookup(key, 1)) {
            return lookup.next(Duration.ZERO) instanceof Lookup.Found;
        }
    }

    private boolean isAdvertised(TagReference tag) throws InterruptedException {
        return isAdvertised(Key.of(tag));
    }

    /** Whether all that a client would ask for next is served. */
    private boolean isServed(Digest target) throws Exception {
        for (Digest digest : digests(target.equals(before.target().digest()) ? before : after)) {
            if (fixture.store().describe(digest).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Asks until the test is over; returns how often the tag was there. */
    private int poll() throws Exception {
        int seen = 0;
        long missingSince = 0;
        while (!over) {
            Optional<Digest> wasLeaving = leaving;
            Optional<Digest> target = fixture.store().resolve(SampleImages.TAG);
            if (target.isEmpty() || !isAdvertised(SampleImages.TAG) || isServed(target.get())) {
                seen += target.isPresent() ? 1 : 0;
                missingSince = 0;
            } else if (!target.equals(fixture.store().resolve(SampleImages.TAG))) {
                missingSince = 0; // it moved while we looked
            } else {
                missingSince = missingSince == 0 ? System.nanoTime() : missingSince;
                long nanos = System.nanoTime() - missingSince;
                assertThat(target)
                        .as("a tag that is advertised without its content is on its way out")
                        .isIn(wasLeaving, leaving);
                assertThat(Duration.ofNanos(nanos))
                        .as("how long a deleted tag is advertised without its content")
                        .isLessThan(WITHDRAWN_WITHIN);
            }
            Thread.sleep(1);
        }
        return seen;
    }

    private void awaitAdvertised(SampleImage image) {
        await().atMost(LIMIT)
                .until(() -> isAdvertised(SampleImages.TAG)
                        && fixture.store()
                                .resolve(SampleImages.TAG)
                                .equals(Optional.of(image.target().digest())));
    }

    @Test
    void aTagIsAdvertisedOnlyWhileItsContentIsServed() throws Exception {
        fixture.openReady();
        Advertiser advertiser = new Advertiser(
                fixture.store(),
                network.join(peer("holder")),
                RegistryFilter.ADMIT_ALL,
                AdvertiserConfig.DEFAULTS,
                System::nanoTime);
        threads.execute(advertiser);
        Future<Integer> polls = threads.submit(this::poll);
        String name = SampleImages.TAG.toString();
        for (int i = 0; i < ROUNDS; i++) {
            fixture.filler().pull(name, before);
            awaitAdvertised(before);
            leaving = Optional.of(before.target().digest());
            fixture.filler().pull(name, after);
            awaitAdvertised(after);
            leaving = Optional.of(after.target().digest());
            fixture.filler().unnameAndCollect(name);
            await().atMost(LIMIT).until(() -> !isAdvertised(SampleImages.TAG));
            for (Digest digest : digests(before, after)) {
                await().atMost(LIMIT).until(() -> !isAdvertised(Key.of(digest)));
            }
            leaving = Optional.empty();
        }
        over = true;
        assertThat(polls.get()).as("how often it was seen").isGreaterThan(ROUNDS);
        advertiser.close();
    }

    /** containerd doesn't download a layer whose snapshot it has: here as it looks in the store then. */
    @Test
    void aTagWithALayerThatWasNeverDownloadedIsAdvertisedWhileAnotherNodeServesThat() throws Exception {
        fixture.openReady();
        MissingLayerConfig impatient = new MissingLayerConfig(
                10, 2, Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofMillis(20), Duration.ofMillis(100));
        AdvertiserConfig defaults = AdvertiserConfig.DEFAULTS;
        AdvertiserConfig config = new AdvertiserConfig(
                defaults.coalescing(),
                defaults.maxBatchKeys(),
                defaults.firstBackoff(),
                defaults.longestBackoff(),
                defaults.withdrawalLimit(),
                defaults.platform(),
                impatient);
        Advertiser advertiser = new Advertiser(
                fixture.store(), network.join(peer("holder")), RegistryFilter.ADMIT_ALL, config, System::nanoTime);
        threads.execute(advertiser);
        Digest layer = before.layersAndConfigs().get(0).digest();
        fixture.filler().pull(SampleImages.TAG.toString(), before, digest -> !digest.equals(layer));
        await().atMost(LIMIT)
                .until(() -> advertiser
                        .whyNot(SampleImages.TAG)
                        .equals(Optional.of(new HeldBackTag(
                                SampleImages.TAG, HeldBackTag.Reason.LAYER_MISSING, Optional.of(layer)))));
        assertThat(isAdvertised(SampleImages.TAG)).isFalse();
        try (MemoryRouter neighbour = network.join(peer("neighbour"))) {
            neighbour.advertise(List.of(Key.of(layer)));
            await().atMost(LIMIT).until(() -> isAdvertised(SampleImages.TAG));
        }
        await().atMost(LIMIT).until(() -> !isAdvertised(SampleImages.TAG));
        advertiser.close();
    }
}
