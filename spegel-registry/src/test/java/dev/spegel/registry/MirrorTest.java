package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.ByteRange;
import dev.spegel.oci.ContentRange;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.RangeSpec;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.RotatingCredentials;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import dev.spegel.testkit.SeenRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MirrorTest {
    private static final SampleImage IMAGE = SampleImages.twoPlatforms();
    private static final String REPOSITORY = SampleImages.TAG.repository();
    private static final String NS = "?ns=" + SampleImages.TAG.registry();

    /** Too large to be verified before the first byte goes out. */
    private static final byte[] LARGE = new byte[6 * 1024 * 1024 + 17];

    private static final byte[] SMALL = new byte[100_000];

    /** So that a test decides whom it is from; {@link RacingTest} is about several at a time. */
    private static final HedgeBounds ONE_AT_A_TIME = new HedgeBounds(Duration.ofHours(1), Duration.ofHours(1));

    /** Short, so that stalls show soon; long enough for a busy machine. */
    private static final MirrorConfig QUICK = new MirrorConfig(
            Duration.ofMillis(50),
            3,
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofSeconds(1),
            ONE_AT_A_TIME,
            QuarantineTerms.DEFAULTS);

    static {
        new Random(1).nextBytes(LARGE);
        new Random(2).nextBytes(SMALL);
    }

    private final MemoryStore store = new MemoryStore();
    private FaultyPeer first;
    private FaultyPeer second;
    private final Digest large = Digest.ofSha256(LARGE);
    private final Digest small = Digest.ofSha256(SMALL);
    private TestRegistry registry;
    private RawHttp client;

    @BeforeEach
    void start() throws Exception {
        first = FaultyPeer.start();
        second = FaultyPeer.start();
        for (FaultyPeer peer : List.of(first, second)) {
            peer.addBlob(LARGE);
            peer.addBlob(SMALL);
            for (Descriptor content : IMAGE.content()) {
                peer.add(content.mediaType(), IMAGE.bytes(content.digest()));
            }
            peer.tag(SampleImages.TAG, IMAGE.target().digest());
        }
        restart(RegistryConfig.DEFAULTS.withMirror(QUICK));
    }

    private void restart(RegistryConfig config) throws Exception {
        if (registry != null) {
            registry.close();
        }
        registry = new TestRegistry(config, store, new OrderedRouter(first.peer(), second.peer()));
        client = registry.client();
    }

    @AfterEach
    void stop() {
        registry.close();
        first.close();
        second.close();
        assertThat(registry.meters
                        .get("spegel.transfer.buffers.available")
                        .gauge()
                        .value())
                .as("buffers that came back")
                .isEqualTo(TransferConfig.DEFAULTS.maxBuffers());
    }

    private static String blob(Digest digest) {
        return "/v2/" + REPOSITORY + "/blobs/" + digest + NS;
    }

    private static String manifest(Object reference) {
        return "/v2/" + REPOSITORY + "/manifests/" + reference + NS;
    }

    /** An answer is counted when it is done, which its client may see first. */
    private void awaitRequests(String cache, int count) {
        await("%d requests are counted as %s".formatted(count, cache)).until(() -> requests(cache) == count);
    }

    private double requests(String cache) {
        return registry.meters.find("spegel.mirror.requests").tag("cache", cache).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Nested
    class Hits {
        @Test
        void wholeImageComesFromAPeerWithExactHeaders() throws IOException {
            RawHttp.Answer head = client.head(manifest("1.0"));
            assertThat(head.header("Content-Length"))
                    .contains(Long.toString(IMAGE.target().sizeBytes()));
            assertThat(head.header("Content-Type"))
                    .contains(IMAGE.target().mediaType().value());
            assertThat(head.header("Docker-Content-Digest"))
                    .contains(IMAGE.target().digest().toString());
            for (Descriptor content : IMAGE.content()) {
                boolean isManifest = content.mediaType().isManifest();
                RawHttp.Answer answer = client.get(isManifest ? manifest(content.digest()) : blob(content.digest()));
                RawHttp.assertWhole(answer, IMAGE.bytes(content.digest()));
                assertThat(answer.header("Spegel-Served-By")).contains(first.hostAndPort());
                if (isManifest) {
                    assertThat(answer.header("Content-Type"))
                            .contains(content.mediaType().value());
                }
            }
            awaitRequests("hit", IMAGE.content().size() + 1);
            assertThat(requests("miss")).isZero();
        }

        @Test
        void largeBlobComesWhole() throws IOException {
            RawHttp.assertWhole(client.get(blob(large)), LARGE);
        }

        @Test
        void peersAreToldThatThisIsMirroredAndAskedInContainerdsForm() throws IOException {
            client.get(blob(small));
            SeenRequest seen = first.requests().get(0);
            assertThat(seen.method()).isEqualTo("GET");
            assertThat(seen.target()).isEqualTo(blob(small));
            assertThat(seen.header("X-Spegel-Mirrored")).contains("true");
            assertThat(seen.header("Range")).isEmpty();
            assertThat(seen.header("Authorization")).isEmpty();
        }

        @Test
        void peersAreShownTheCredentials() throws Exception {
            BasicCredentials credentials = new BasicCredentials("mirror", "secret");
            restart(RegistryConfig.DEFAULTS.withMirror(QUICK).withCredentials(credentials));
            client.get(blob(small), "Authorization: " + credentials.headerValue());
            assertThat(first.requests().get(0).header("Authorization")).contains(credentials.headerValue());
        }

        @Test
        void aPeerThatRefusesTheNewestIsShownTheOneBeforeOnce() throws Exception {
            BasicCredentials old = new BasicCredentials("mirror", "old");
            BasicCredentials newest = new BasicCredentials("mirror", "new");
            RotatingCredentials credentials = new RotatingCredentials(old, Duration.ofHours(1), System::nanoTime);
            restart(RegistryConfig.DEFAULTS.withMirror(QUICK).withCredentials(credentials));
            credentials.rotate(newest);
            first.enqueue(new Fault.Answer(401));
            RawHttp.assertWhole(client.get(blob(small), "Authorization: " + old.headerValue()), SMALL);
            assertThat(first.requests())
                    .extracting(request -> request.header("Authorization").orElseThrow())
                    .containsExactly(newest.headerValue(), old.headerValue());
            assertThat(second.requests()).isEmpty();
        }

        @Test
        void aPeerThatRefusesAllIsLeft() throws Exception {
            BasicCredentials old = new BasicCredentials("mirror", "old");
            RotatingCredentials credentials = new RotatingCredentials(old, Duration.ofHours(1), System::nanoTime);
            restart(RegistryConfig.DEFAULTS.withMirror(QUICK).withCredentials(credentials));
            credentials.rotate(new BasicCredentials("mirror", "new"));
            first.behave(new Fault.Answer(401));
            RawHttp.assertWhole(client.get(blob(small), "Authorization: " + old.headerValue()), SMALL);
            assertThat(first.requests()).hasSize(2);
        }

        @Test
        void rangesArePassedOn() throws IOException {
            for (String range : List.of("bytes=1000-1999", "bytes=6000000-", "bytes=-500", "bytes=0-")) {
                RawHttp.Answer whole = client.get(blob(large), "Range: " + range);
                assertThat(whole.status()).isEqualTo(206);
                ContentRange sent =
                        ContentRange.parse(whole.header("Content-Range").orElseThrow());
                ByteRange part = sent.range().orElseThrow();
                assertThat(sent.sizeBytes()).hasValue(LARGE.length);
                assertThat(part)
                        .isEqualTo(RangeSpec.parse(range)
                                .orElseThrow()
                                .within(LARGE.length)
                                .orElseThrow());
                assertThat(whole.body())
                        .isEqualTo(Arrays.copyOfRange(LARGE, (int) part.first(), (int) part.last() + 1));
            }
        }

        @Test
        void unsatisfiableRangeIs416WithTheSize() throws IOException {
            RawHttp.Answer answer = client.get(blob(small), "Range: bytes=100000-");
            assertThat(answer.status()).isEqualTo(416);
            assertThat(answer.header("Content-Range")).contains("bytes */100000");
        }

        @Test
        void connectionsAreUsedAgain() throws IOException {
            for (int i = 0; i < 5; i++) {
                RawHttp.assertWhole(client.get(blob(small)), SMALL);
            }
            assertThat(first.openConnections()).isEqualTo(1);
        }
    }

    @Test
    void handlerGoesOnAfterItsServerIsRestarted() throws Exception {
        RawHttp.assertWhole(client.get(blob(small)), SMALL);
        registry.restart();
        RawHttp.assertWhole(registry.client().get(blob(small)), SMALL);
    }

    @Test
    void manifestWaitsForABuffer() throws Exception {
        TransferConfig one = new TransferConfig(256 * 1024, 1, Duration.ofSeconds(30));
        first.enqueue(new Fault.Trickle(LARGE.length / 8, Duration.ofMillis(100)));
        try (TestRegistry small = new TestRegistry(
                RegistryConfig.DEFAULTS.withMirror(QUICK).withTransfer(one),
                store,
                new OrderedRouter(first.peer(), second.peer()))) {
            CompletableFuture<RawHttp.Answer> slow = CompletableFuture.supplyAsync(() -> {
                try {
                    return small.client().get(blob(large));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            first.awaitRequests(1, Duration.ofSeconds(20));
            RawHttp.assertWhole(
                    small.client().get(manifest("1.0")),
                    IMAGE.bytes(IMAGE.target().digest()));
            RawHttp.assertWhole(slow.get(20, TimeUnit.SECONDS), LARGE);
        }
    }

    @Nested
    class Misses {
        @Test
        void requestOfAPeerIsNeverMirrored() throws IOException {
            RawHttp.Answer answer = client.get(blob(small), "X-Spegel-Mirrored: true");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text()).contains("BLOB_UNKNOWN");
            assertThat(first.requests()).isEmpty();
            assertThat(requests("miss")).isZero();
        }

        @Test
        void contentThatNobodyHasIs404WithTheAttempts() throws IOException {
            RawHttp.Answer answer = client.get(blob(Digest.ofSha256(new byte[] {7})));
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text()).contains("BLOB_UNKNOWN", first.hostAndPort(), second.hostAndPort(), "404");
            awaitRequests("miss", 1);
        }

        @Test
        void searchThatTakesTooLongIsToldFromOneThatFindsNobody() throws Exception {
            try (TestRegistry searching =
                    new TestRegistry(RegistryConfig.DEFAULTS.withMirror(QUICK), store, OrderedRouter.searching())) {
                RawHttp.Answer answer = searching.client().get(blob(small));
                assertThat(answer.status()).isEqualTo(404);
                assertThat(answer.text()).contains("no peer was found within 50 ms");
            }
            try (TestRegistry alone =
                    new TestRegistry(RegistryConfig.DEFAULTS.withMirror(QUICK), store, new OrderedRouter())) {
                RawHttp.Answer answer = alone.client().get(blob(small));
                assertThat(answer.status()).isEqualTo(404);
                assertThat(answer.text()).contains("no peer has it");
            }
        }

        @Test
        void otherTagIs404() throws IOException {
            assertThat(client.head(manifest("2.0")).status()).isEqualTo(404);
        }

        @Test
        void allPeersRefusingIs404() throws IOException {
            first.refuse();
            second.refuse();
            assertThat(client.get(blob(small)).status()).isEqualTo(404);
        }

        @Test
        void allPeersStallingIs404InBoundedTime() throws IOException {
            first.behave(new Fault.StallBeforeHeaders());
            second.behave(new Fault.StallBeforeHeaders());
            assertThat(client.head(manifest("1.0")).status()).isEqualTo(404);
        }
    }

    @Nested
    class Failover {
        static Stream<Fault> beforeTheFirstByte() {
            return Stream.of(
                    new Fault.CloseAfterAccept(),
                    new Fault.StallBeforeHeaders(),
                    Fault.Answer.redirectTo("http://127.0.0.1:1/"),
                    new Fault.Answer(500, Map.of()),
                    new Fault.Answer(404, Map.of()),
                    new Fault.Answer(429, Map.of("retry-after", "1")),
                    new Fault.Answer(200, Map.of("content-encoding", "gzip")));
        }

        static Stream<Fault> withinTheBody() {
            return Stream.of(
                    new Fault.StallAt(0),
                    new Fault.StallAt(50_000),
                    new Fault.CutAt(0),
                    new Fault.CutAt(50_000),
                    new Fault.ResetAt(50_000));
        }

        static Stream<Fault> all() {
            return Stream.concat(beforeTheFirstByte(), withinTheBody());
        }

        @ParameterizedTest
        @MethodSource("all")
        void smallBlobComesFromTheNextPeer(Fault fault) throws IOException {
            first.behave(fault);
            RawHttp.Answer answer = client.get(blob(small));
            RawHttp.assertWhole(answer, SMALL);
            assertThat(answer.header("Spegel-Served-By")).contains(second.hostAndPort());
        }

        @ParameterizedTest
        @MethodSource("all")
        void largeBlobComesWhole(Fault fault) throws IOException {
            first.behave(fault);
            RawHttp.assertWhole(client.get(blob(large)), LARGE);
        }

        @ParameterizedTest
        @MethodSource("beforeTheFirstByte")
        void manifestByTagComesFromTheNextPeer(Fault fault) throws IOException {
            first.behave(fault);
            RawHttp.assertWhole(
                    client.get(manifest("1.0")), IMAGE.bytes(IMAGE.target().digest()));
        }

        @Test
        void smallBlobThatIsShorterThanPromisedComesFromTheNextPeer() throws IOException {
            first.behave(new Fault.WrongLength(1000));
            RawHttp.assertWhole(client.get(blob(small)), SMALL);
        }

        @Test
        void largeBlobGoesOnAtTheByteReached() throws IOException {
            first.behave(new Fault.CutAt(3_000_000));
            RawHttp.assertWhole(client.get(blob(large)), LARGE);
            assertThat(second.requests()).hasSize(1);
            assertThat(second.requests().get(0).header("Range")).contains("bytes=3000000-" + (LARGE.length - 1));
            assertThat(registry.count("spegel.mirror.resumes", "outcome", "resumed"))
                    .isEqualTo(1);
            assertThat(registry.count("spegel.mirror.resumes", "outcome", "failed"))
                    .isZero();
        }

        @Test
        void rangeGoesOnAtTheByteReached() throws IOException {
            first.behave(new Fault.CutAt(1_000_000));
            RawHttp.Answer answer = client.get(blob(large), "Range: bytes=1000000-4999999");
            assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(LARGE, 1_000_000, 5_000_000));
            assertThat(second.requests().get(0).header("Range")).contains("bytes=2000000-4999999");
        }

        @Test
        void wrongContentRangeIsNotSent() throws IOException {
            first.behave(new Fault.WrongContentRange());
            RawHttp.Answer answer = client.get(blob(large), "Range: bytes=1000-1999");
            assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(LARGE, 1000, 2000));
            assertThat(answer.header("Spegel-Served-By")).contains(second.hostAndPort());
        }

        @Test
        void peerThatIgnoresTheRangeIsNotAskedForTheRest() throws IOException {
            first.behave(new Fault.CutAt(3_000_000));
            second.behave(new Fault.IgnoreRange());
            RawHttp.Answer answer = client.get(blob(large));
            assertThat(answer.ending()).isEqualTo(RawHttp.Ending.CUT);
            assertThat(answer.body()).isEqualTo(Arrays.copyOf(LARGE, 3_000_000));
        }

        @Test
        void connectionThatThePeerHasClosedIsReplaced() throws IOException {
            RawHttp.assertWhole(client.get(blob(small)), SMALL);
            first.refuse(); // closes its connections
            first.listen();
            RawHttp.Answer answer = client.get(blob(small));
            assertThat(answer.header("Spegel-Served-By")).contains(first.hostAndPort());
        }

        @Test
        void slowPeerIsNotAStalledOne() throws IOException {
            first.behave(new Fault.Trickle(20_000, Duration.ofMillis(100)));
            RawHttp.Answer answer = client.get(blob(small));
            assertThat(answer.header("Spegel-Served-By")).contains(first.hostAndPort());
            RawHttp.assertWhole(answer, SMALL);
        }
    }

    @Nested
    class NobodyLeft {
        @Test
        void brokenBodyEndsInOrderSoThatContainerdAsksForTheRest() throws IOException {
            first.behave(new Fault.CutAt(3_000_000));
            second.behave(new Fault.Answer(500, Map.of()));
            RawHttp.Answer answer = client.get(blob(large));
            assertThat(answer.ending()).isEqualTo(RawHttp.Ending.CUT);
            assertThat(answer.body()).isEqualTo(Arrays.copyOf(LARGE, 3_000_000));
            assertThat(client.get(blob(large), "Range: bytes=3000000-").status())
                    .as("the rest comes from elsewhere")
                    .isEqualTo(206);
        }

        @Test
        void bodiesThatBreakOffBeforeTheirFirstByteAreAMiss() throws IOException {
            first.behave(new Fault.CutAt(0));
            second.behave(new Fault.ResetAt(0));
            RawHttp.Answer answer = client.get(blob(large));
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text()).contains("the body ended " + LARGE.length + " bytes early");
            assertThat(client.get(blob(large), "Range: bytes=1000-1999").status())
                    .isEqualTo(404);
        }

        @Test
        void brokenBodyCountsAsAMiss() throws IOException {
            first.behave(new Fault.CutAt(3_000_000));
            second.behave(new Fault.Answer(500, Map.of()));
            client.get(blob(large));
            awaitRequests("miss", 1);
            assertThat(requests("hit")).isZero();
            assertThat(registry.count("spegel.mirror.resumes", "outcome", "failed"))
                    .isEqualTo(1);
        }
    }

    @Nested
    class Lies {
        @Test
        void wrongSmallBlobIsNeverSentAndItsPeerLeftAlone() throws IOException {
            first.behave(new Fault.CorruptAt(50_000));
            RawHttp.assertWhole(client.get(blob(small)), SMALL);
            RawHttp.assertWhole(client.get(blob(small)), SMALL);
            assertThat(first.requests()).as("asked once, then no more").hasSize(1);
            assertThat(registry.meters
                            .get("spegel.mirror.quarantined.peers")
                            .gauge()
                            .value())
                    .isEqualTo(1);
            assertThat(registry.count("spegel.mirror.verification.failures")).isEqualTo(1);
        }

        @Test
        void wrongLargeBlobNeverArrivesWhole() throws IOException {
            first.behave(new Fault.CorruptAt(1_000_000));
            RawHttp.Answer answer = client.get(blob(large));
            assertThat(answer.ending()).isEqualTo(RawHttp.Ending.RESET);
            assertThat(answer.body().length).isLessThan(LARGE.length);
            RawHttp.assertWhole(client.get(blob(large)), LARGE);
        }

        @Test
        void wrongLargeBlobByOpenRangeNeverArrivesWhole() throws IOException {
            first.behave(new Fault.CorruptAt(1_000_000));
            assertThat(client.get(blob(large), "Range: bytes=0-").ending()).isEqualTo(RawHttp.Ending.RESET);
        }

        @Test
        void liarsAloneGive404() throws IOException {
            first.behave(new Fault.CorruptAt(5));
            second.behave(new Fault.CorruptAt(5));
            assertThat(client.get(blob(small)).status()).isEqualTo(404);
            assertThat(client.get(manifest("1.0")).status()).isEqualTo(404);
        }

        @Test
        void shortenedBlobIsNotTakenForWhole() throws IOException {
            first.behave(new Fault.WrongLength(-1000));
            RawHttp.assertWhole(client.get(blob(small)), SMALL);
        }

        @Test
        void peerThatPromisesMoreThanThereIsIsLeftAlone() throws IOException {
            first.behave(new Fault.WrongLength(1000));
            assertThat(client.get(blob(large)).ending())
                    .as("what has a wrong length can't end well")
                    .isEqualTo(RawHttp.Ending.RESET);
            RawHttp.assertWhole(client.get(blob(large)), LARGE);
            assertThat(first.requests()).hasSize(1);
        }

        @Test
        void otherDigestThanAskedForIsRefused() throws IOException {
            Digest absent = Digest.ofSha256(new byte[] {9});
            first.addAs(absent, MediaType.OCTET_STREAM, SMALL);
            assertThat(client.get(blob(absent)).status()).isEqualTo(404);
        }

        @Test
        void manifestOfAnUnusableTypeIsRefused() throws IOException {
            byte[] text = "{}".getBytes(StandardCharsets.UTF_8);
            Digest digest = first.add(new MediaType("application/json"), text);
            assertThat(client.get(manifest(digest)).status()).isEqualTo(404);
        }
    }
}
