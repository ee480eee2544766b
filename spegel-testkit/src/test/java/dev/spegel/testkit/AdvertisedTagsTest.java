package dev.spegel.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.Advertiser;
import dev.spegel.routing.AdvertiserConfig;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.MemoryNetwork;
import dev.spegel.routing.MemoryRouter;
import dev.spegel.routing.MissingLayerConfig;
import dev.spegel.routing.Peer;
import dev.spegel.routing.Router;
import dev.spegel.routing.RoutingException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever finds a tag finds its content: asked by another node after each change that the network hears of, while images are
 * pulled, imported, tagged, deleted and collected at random, and a neighbour that serves some of their layers has its own ups and
 * downs.
 */
@Timeout(120)
class AdvertisedTagsTest {
    private static final int HISTORIES = 12;
    private static final int BURSTS = 40;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** One key a call, so that the network is asked in every state that it passes through; and no patience. */
    private static final AdvertiserConfig CONFIG = new AdvertiserConfig(
            Duration.ofMillis(1),
            1,
            Duration.ofMillis(1),
            Duration.ofMillis(2),
            Duration.ofSeconds(1),
            Platform.of("linux", "amd64"),
            new MissingLayerConfig(
                    100, 4, Duration.ofSeconds(5), Duration.ofMillis(5), Duration.ofMillis(1), Duration.ofMillis(5)));

    private static final List<SampleImage> IMAGES = List.of(
            SampleImages.severalLayers(),
            SampleImages.dockerSchema2(),
            SampleImages.twoPlatforms(),
            SampleImages.artifactWithEmptyConfig());

    private static final List<TagReference> TAGS = List.of(
            SampleImages.TAG, SampleImages.OTHER_TAG, new TagReference("registry.example", "samples/app", "latest"));

    @Test
    void whoeverFindsATagFindsItsContent() throws Exception {
        int questions = 0;
        int sharedWithNeighbour = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            History history = new History(seed);
            try {
                history.live();
            } finally {
                history.stop();
            }
            history.assertAllIsWithdrawn();
            questions += history.questions.get();
            sharedWithNeighbour += history.sharedWithNeighbour;
        }
        assertThat(questions)
                .as("how often a tag was found, and its content asked for")
                .isGreaterThan(1_000);
        assertThat(sharedWithNeighbour).as("tags found with a layer elsewhere").isGreaterThan(20);
    }

    private static final class History {
        private final int seed;
        private final Random random;
        private final MemoryNetwork network = new MemoryNetwork();
        private final MemoryRouter observer = network.join(peer("observer"));
        private final MemoryRouter neighbour = network.join(peer("neighbour"));
        private final MemoryStore store = new MemoryStore();
        private final Advertiser advertiser;
        private final Thread thread;

        /** What is in the store, as this test put it there. */
        private final Set<Digest> held = new HashSet<>();

        private final Map<TagReference, Digest> tags = new HashMap<>();
        private final Set<Digest> neighbours = new HashSet<>();

        /** All that a tag has named since the network was last seen to know all: it may not have heard of the move yet. */
        private final Map<TagReference, Set<Digest>> recentTargets = new ConcurrentHashMap<>();
        /** What the neighbour has lost, and the holder may believe in for a while. */
        private final Set<Digest> recentlyLost = ConcurrentHashMap.newKeySet();
        /** What the holder has looked up since the neighbour lost it. */
        private final Set<Key> lookedUpSince = ConcurrentHashMap.newKeySet();

        private final Queue<String> faults = new ConcurrentLinkedQueue<>();
        private final AtomicInteger questions = new AtomicInteger();
        private int sharedWithNeighbour;

        History(int seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.advertiser = new Advertiser(
                    store,
                    new AskedRouter(network.join(peer("holder")), this::ask, lookedUpSince),
                    RegistryFilter.ADMIT_ALL,
                    CONFIG,
                    System::nanoTime);
            this.thread = new Thread(advertiser, "advertiser");
            TAGS.forEach(tag -> recentTargets.put(tag, ConcurrentHashMap.newKeySet()));
            thread.start();
        }

        private static Peer peer(String id) {
            return new Peer(id, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
        }

        /** Also on a thread that is being stopped: the network can be asked then as well, and asking must not hide what it says. */
        private boolean isFound(Key key) {
            boolean interrupted = false;
            try {
                while (true) {
                    try (Lookup lookup = observer.lookup(key, 1)) {
                        return lookup.next(Duration.ZERO) instanceof Lookup.Found;
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        /** Runs between any two changes that the network hears of. */
        private void ask() {
            for (TagReference tag : TAGS) {
                if (isFound(Key.of(tag))) {
                    questions.incrementAndGet();
                    boolean whole = requireNonNull(recentTargets.get(tag)).stream()
                            .anyMatch(target ->
                                    isWhole(target, digest -> isFound(Key.of(digest)), this::isFoundOrWasLost));
                    if (!whole) {
                        faults.add("%s is found, and not its content".formatted(tag));
                    }
                }
            }
        }

        private boolean isFoundOrWasLost(Digest layer) {
            return isFound(Key.of(layer)) || recentlyLost.contains(layer);
        }

        /** The definition: for this node's platform if its manifest is there, else for whichever is. */
        private static boolean isWhole(Digest target, Predicate<Digest> documentOrConfig, Predicate<Digest> layer) {
            SampleImage image = IMAGES.stream()
                    .filter(each -> each.target().digest().equals(target))
                    .findFirst()
                    .orElseThrow();
            if (!documentOrConfig.test(target)) {
                return false;
            }
            List<Digest> manifests =
                    image.manifests().stream().map(Descriptor::digest).toList();
            Optional<Digest> wanted =
                    manifests.stream().filter(documentOrConfig).findFirst(); // amd64 is the first of two
            return wanted.isPresent()
                    && parts(image, wanted.get())
                            .allMatch(part ->
                                    isConfig(part) ? documentOrConfig.test(part.digest()) : layer.test(part.digest()));
        }

        private static Stream<Descriptor> parts(SampleImage image, Digest manifest) {
            return ImageManifest.parse(image.bytes(manifest)).blobs().stream();
        }

        private static boolean isConfig(Descriptor part) {
            return part.mediaType().isImageConfig() || part.mediaType().equals(MediaType.OCI_EMPTY);
        }

        void live() throws InterruptedException {
            for (int burst = 0; burst < BURSTS; burst++) {
                String when = "seed %d, burst %d".formatted(seed, burst);
                for (int n = random.nextInt(4); n >= 0; n--) {
                    change();
                }
                awaitTruth(when);
                assertThat(faults).as(when).isEmpty();
            }
        }

        private void change() {
            SampleImage image = IMAGES.get(random.nextInt(IMAGES.size()));
            TagReference tag = TAGS.get(random.nextInt(TAGS.size()));
            Descriptor one = image.content().get(random.nextInt(image.content().size()));
            switch (random.nextInt(10)) {
                case 0, 1 -> pull(image, tag);
                case 2 -> importWhole(image, tag);
                case 3 -> tag(tag, image);
                case 4 -> untag(tag);
                case 5 -> collect();
                case 6 -> remove(one.digest());
                case 7, 8 -> neighbourBrings(image);
                default -> neighbourLoses(one.digest());
            }
        }

        /** Parents first, as containerd does, and the tag last; some layers it has already unpacked. */
        private void pull(SampleImage image, TagReference tag) {
            List<Descriptor> parentsFirst = new ArrayList<>(image.content());
            Collections.reverse(parentsFirst);
            for (Descriptor part : parentsFirst) {
                if (part.mediaType().isManifest() || isConfig(part) || random.nextInt(3) > 0) {
                    put(image, part);
                }
            }
            tag(tag, image);
        }

        private void importWhole(SampleImage image, TagReference tag) {
            List<Descriptor> anyOrder = new ArrayList<>(image.content());
            Collections.shuffle(anyOrder, random);
            boolean tagFirst = random.nextBoolean();
            if (tagFirst) {
                tag(tag, image);
            }
            anyOrder.forEach(part -> put(image, part));
            tag(tag, image);
        }

        private void put(SampleImage image, Descriptor part) {
            held.add(store.put(image.bytes(part.digest())));
        }

        private void tag(TagReference tag, SampleImage image) {
            requireNonNull(recentTargets.get(tag)).add(image.target().digest());
            store.tag(tag, image.target().digest());
            tags.put(tag, image.target().digest());
        }

        private void untag(TagReference tag) {
            store.untag(tag);
            tags.remove(tag);
        }

        /** What no tag leads to, in any order. */
        private void collect() {
            List<Digest> garbage = new ArrayList<>(held);
            for (SampleImage image : IMAGES) {
                if (tags.containsValue(image.target().digest())) {
                    image.content().forEach(part -> garbage.remove(part.digest()));
                }
            }
            Collections.sort(garbage, Comparator.comparing(Digest::toString));
            Collections.shuffle(garbage, random);
            garbage.forEach(this::remove);
        }

        private void remove(Digest digest) {
            store.remove(digest);
            held.remove(digest);
        }

        private void neighbourBrings(SampleImage image) {
            for (Descriptor part : image.layersAndConfigs()) {
                if (neighbours.add(part.digest())) {
                    recentlyLost.remove(part.digest());
                    tell(() -> neighbour.advertise(List.of(Key.of(part.digest()))));
                }
            }
        }

        private void neighbourLoses(Digest digest) {
            if (neighbours.remove(digest)) {
                recentlyLost.add(digest);
                tell(() -> neighbour.withdraw(List.of(Key.of(digest))));
                lookedUpSince.remove(Key.of(digest));
            }
        }

        private interface Telling {
            void tell() throws RoutingException;
        }

        private static void tell(Telling telling) {
            try {
                telling.tell();
            } catch (RoutingException e) {
                throw new AssertionError("a network in memory doesn't fail", e);
            }
        }

        /** Waits until exactly those tags are found that may be, and all content. */
        private void awaitTruth(String when) throws InterruptedException {
            // Its announcement shows that all that came before has been noticed.
            held.add(store.put(when.getBytes(UTF_8)));
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!(truth().equals(found()) && contentIsFound()) && end - System.nanoTime() > 0) {
                Thread.sleep(1);
            }
            assertThat(found()).as(when).isEqualTo(truth());
            assertThat(contentIsFound()).as(when).isTrue();
            recentTargets.forEach((tag, targets) -> {
                Optional<Digest> target = Optional.ofNullable(tags.get(tag));
                targets.removeIf(each -> !target.equals(Optional.of(each)));
            });
            recentlyLost.removeIf(layer -> lookedUpSince.contains(Key.of(layer)));
            sharedWithNeighbour += (int) truth().stream()
                    .filter(tag -> !isWhole(requireNonNull(tags.get(tag)), held::contains, held::contains))
                    .count();
        }

        private boolean contentIsFound() {
            return held.stream().map(Key::of).allMatch(this::isFound);
        }

        private Set<TagReference> truth() {
            Set<TagReference> truth = new HashSet<>();
            tags.forEach((tag, target) -> {
                if (isWhole(target, held::contains, layer -> held.contains(layer) || neighbours.contains(layer))) {
                    truth.add(tag);
                }
            });
            return truth;
        }

        private Set<TagReference> found() {
            Set<TagReference> found = new HashSet<>(TAGS);
            found.removeIf(tag -> !isFound(Key.of(tag)));
            return found;
        }

        void stop() throws InterruptedException {
            advertiser.close();
            thread.join();
        }

        void assertAllIsWithdrawn() {
            assertThat(found()).isEmpty();
            assertThat(faults).as("while it withdrew all, seed %d", seed).isEmpty();
        }
    }

    /** Has the network asked after each call, and notes what was looked up. */
    private record AskedRouter(Router router, Runnable question, Set<Key> lookedUp) implements Router {
        @Override
        public void advertise(Collection<Key> keys) throws RoutingException, InterruptedException {
            router.advertise(keys);
            question.run();
        }

        @Override
        public void withdraw(Collection<Key> keys) throws RoutingException, InterruptedException {
            router.withdraw(keys);
            question.run();
        }

        @Override
        public boolean ready() {
            return router.ready();
        }

        @Override
        public Lookup lookup(Key key, int maxPeers) {
            lookedUp.add(key); // before it is
            return router.lookup(key, maxPeers);
        }

        @Override
        public Duration advertisementInterval() {
            return router.advertisementInterval();
        }

        @Override
        public List<Peer> peers() {
            return router.peers();
        }

        @Override
        public void close() {
            router.close();
        }
    }
}
