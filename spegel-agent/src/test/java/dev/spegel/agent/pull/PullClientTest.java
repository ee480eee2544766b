package dev.spegel.agent.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import dev.spegel.testkit.SeenRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60) // a stall that isn't noticed must fail the test, not the build
class PullClientTest {
    private static final SampleImage IMAGE = SampleImages.emptyAndLargeLayer();
    private static final Reference NAME = Reference.parse(SampleImages.TAG.toString());
    private static final Descriptor LARGE = IMAGE.content().stream()
            .max(Comparator.comparingLong(Descriptor::sizeBytes))
            .orElseThrow();
    private static final Fault NONE = new Fault.None();

    /** Longer than a busy machine takes for a byte, short enough to wait for. */
    private static final Duration STALL = Duration.ofSeconds(1);

    private final MemoryTarget target = new MemoryTarget();
    private FaultyPeer mirror;
    private PullClient client;

    @BeforeEach
    void start() throws IOException {
        mirror = FaultyPeer.start();
        IMAGE.content().forEach(each -> mirror.addAs(each.digest(), each.mediaType(), IMAGE.bytes(each.digest())));
        mirror.tag(SampleImages.TAG, IMAGE.target().digest());
        client = new PullClient(
                URI.create("http://" + mirror.hostAndPort()), new PullLimits(Duration.ofSeconds(5), STALL, 3, 1));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        mirror.close();
    }

    private PullReport pull() throws IOException, InterruptedException {
        return client.pull(NAME, ManifestChoice.ALL, target, PullProgress.NONE);
    }

    /** The requests before the one for the large layer: HEAD, manifest, config, empty layer. */
    private void behaveForTheLargeLayer(Fault... faults) {
        mirror.enqueue(NONE, NONE, NONE, NONE);
        mirror.enqueue(faults);
    }

    private List<String> rangesOfTheLargeLayer() {
        return mirror.requests().stream()
                .filter(request -> request.target().contains(LARGE.digest().toString()))
                .map(request -> request.header("Range").orElse("none"))
                .toList();
    }

    private void assertComplete() {
        assertThat(target.contents.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        IMAGE.content().stream().map(Descriptor::digest).toList());
        target.contents.forEach(
                (digest, bytes) -> assertThat(digest.matches(bytes)).isTrue());
    }

    @Test
    void sendsWhatContainerdSends() throws Exception {
        PullReport report = pull();
        assertComplete();
        assertThat(target.names).containsExactly(NAME);
        assertThat(report.target().digest()).isEqualTo(IMAGE.target().digest());
        assertThat(report.contents())
                .extracting(PulledContent::role)
                .containsExactly("manifest", "config", "layer 1", "layer 2");
        List<SeenRequest> requests = mirror.requests();
        assertThat(requests.get(0).method()).isEqualTo("HEAD");
        assertThat(requests.get(0).target()).isEqualTo("/v2/samples/app/manifests/1.0?ns=registry.example");
        assertThat(requests.get(0).header("Accept").orElseThrow())
                .startsWith("application/vnd.docker.distribution.manifest.v2+json, ")
                .endsWith(", */*");
        assertThat(requests.stream().skip(1)).allSatisfy(request -> {
            assertThat(request.method()).isEqualTo("GET");
            assertThat(request.target()).contains("sha256:").endsWith("?ns=registry.example");
            assertThat(request.header("Range")).isEmpty();
            assertThat(request.header("X-Spegel-Mirrored")).isEmpty();
        });
    }

    @Test
    void addsAManifestAfterAllThatItNames() throws Exception {
        pull();
        assertThat(new ArrayList<>(target.contents.keySet()))
                .last()
                .isEqualTo(IMAGE.target().digest());
    }

    @Test
    void anAnswerThatIsCutIsTakenUpAtTheByteReached() throws Exception {
        behaveForTheLargeLayer(new Fault.CutAt(1_000_000), new Fault.CutAt(500_000));
        pull();
        assertComplete();
        assertThat(rangesOfTheLargeLayer()).containsExactly("none", "bytes=1000000-", "bytes=1500000-");
    }

    @Test
    void anAnswerThatStallsIsTakenUpToo() throws Exception {
        behaveForTheLargeLayer(new Fault.StallAt(2_000_000));
        pull();
        assertComplete();
        assertThat(rangesOfTheLargeLayer()).containsExactly("none", "bytes=2000000-");
    }

    @Test
    void aMirrorMayIgnoreTheRange() throws Exception {
        behaveForTheLargeLayer(new Fault.CutAt(1_000_000), new Fault.IgnoreRange());
        pull();
        assertComplete();
    }

    @Test
    void attemptsEnd() {
        Fault cut = new Fault.CutAt(10);
        behaveForTheLargeLayer(cut, cut, cut, cut);
        assertThatThrownBy(this::pull)
                .isInstanceOf(PullException.class)
                .hasMessageContaining("broke off at byte 30 of " + LARGE.sizeBytes());
        assertThat(rangesOfTheLargeLayer()).hasSize(3);
        assertThat(target.names).isEmpty();
    }

    @Test
    void wrongBytesFailThePullAndAreNotKept() {
        behaveForTheLargeLayer(new Fault.CorruptAt(3_000_000));
        assertThatThrownBy(this::pull)
                .isInstanceOf(PullException.class)
                .hasMessageContaining("other bytes for " + LARGE.digest());
        assertThat(target.contents).doesNotContainKey(LARGE.digest());
        assertThat(target.names).isEmpty();
    }

    @Test
    void aWrongLengthFailsThePull() {
        behaveForTheLargeLayer(new Fault.WrongLength(1));
        assertThatThrownBy(this::pull).isInstanceOf(PullException.class).hasMessageContaining("the mirror announces");
    }

    @Test
    void whatTheMirrorLacksIsNamedWithItsStatus() {
        mirror.remove(LARGE.digest());
        assertThatThrownBy(this::pull)
                .isInstanceOf(PullException.class)
                .hasMessageContaining("answered 404 for " + LARGE.digest());
    }

    @Test
    void anImageThatTheMirrorLacksIsNamed() {
        mirror.removeTag(SampleImages.TAG);
        assertThatThrownBy(this::pull)
                .isInstanceOf(PullException.class)
                .hasMessage("neither the mirror nor a node that it found has " + NAME);
    }

    @Test
    void aMirrorThatRefusesConnectionsIsNamed() throws Exception {
        mirror.refuse();
        assertThatThrownBy(this::pull)
                .isInstanceOf(PullException.class)
                .hasMessageContaining("HEAD http://" + mirror.hostAndPort())
                .hasMessageContaining("refused");
    }

    @Test
    void whatIsThereAlreadyIsNotPulled() throws Exception {
        target.contents.put(LARGE.digest(), IMAGE.bytes(LARGE.digest()));
        PullReport report = pull();
        assertThat(report.contents()).extracting(PulledContent::role).containsExactly("manifest", "config", "layer 1");
        assertThat(rangesOfTheLargeLayer()).isEmpty();
    }

    @Test
    void asksTheMirrorForItselfOnly() throws Exception {
        assertThat(client.mirrorHolds(NAME)).isTrue();
        assertThat(mirror.requests().get(0).header("X-Spegel-Mirrored")).contains("true");
        mirror.removeTag(SampleImages.TAG);
        assertThat(client.mirrorHolds(NAME)).isFalse();
    }

    @Test
    void aRedirectIsFollowedAndTheOtherNodeNamed() throws Exception {
        try (FaultyPeer other = FaultyPeer.start()) {
            other.addAs(LARGE.digest(), LARGE.mediaType(), IMAGE.bytes(LARGE.digest()));
            String location = "http://%s/v2/samples/app/blobs/%s?ns=registry.example&spegel-redirected=true"
                    .formatted(other.hostAndPort(), LARGE.digest());
            behaveForTheLargeLayer(new Fault.Answer(307, Map.of("Location", location)));
            PullReport report = pull();
            assertComplete();
            assertThat(report.contents())
                    .last()
                    .satisfies(layer -> assertThat(layer.servedBy()).containsExactly(other.hostAndPort()));
        }
    }

    @Test
    void aRedirectToSomethingElseFailsThePull() {
        behaveForTheLargeLayer(new Fault.Answer(307, Map.of("Location", "file:///etc/passwd")));
        assertThatThrownBy(this::pull)
                .isInstanceOf(PullException.class)
                .hasMessage("the mirror redirects to \"file:///etc/passwd\"");
    }

    @Test
    void theFirstByteComesBeforeTheLast() throws Exception {
        assertThat(pull().contents()).allSatisfy(content -> {
            assertThat(content.firstByte()).isPositive().isLessThanOrEqualTo(content.elapsed());
        });
    }

    @Test
    void credentialsAreShownToTheMirror() throws Exception {
        BasicCredentials credentials = new BasicCredentials("node", "secret");
        try (PullClient known = new PullClient(
                URI.create("http://" + mirror.hostAndPort()),
                credentials,
                new PullLimits(Duration.ofSeconds(5), STALL, 3, 1))) {
            known.pull(NAME, ManifestChoice.ALL, target, PullProgress.NONE);
        }
        assertThat(mirror.requests())
                .isNotEmpty()
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).contains(credentials.headerValue()));
    }

    @Test
    void closingItEndsAPull() throws Exception {
        behaveForTheLargeLayer(new Fault.Trickle(1_000, Duration.ofMillis(10)));
        AtomicBoolean closed = new AtomicBoolean();
        PullProgress closing = new PullProgress() {
            @Override
            public void found(Descriptor descriptor) {}

            @Override
            public void received(long bytes) {
                if (rangesOfTheLargeLayer().size() == 1 && !closed.getAndSet(true)) {
                    new Thread(() -> assertThatCloses(client), "closer").start();
                }
            }
        };
        assertThatThrownBy(() -> client.pull(NAME, ManifestChoice.ALL, target, closing))
                .isInstanceOf(PullException.class);
    }

    private static void assertThatCloses(PullClient client) {
        try {
            client.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Keeps all in the heap. */
    private static final class MemoryTarget implements PullTarget {
        private final Map<Digest, byte[]> contents = new LinkedHashMap<>();
        private final List<Reference> names = new ArrayList<>();

        @Override
        public boolean contains(Descriptor descriptor) {
            return contents.containsKey(descriptor.digest());
        }

        @Override
        public void add(Descriptor descriptor, InputStream content) throws IOException {
            contents.put(descriptor.digest(), content.readAllBytes());
        }

        @Override
        public void finish(Reference name, Descriptor manifest) {
            names.add(name);
        }
    }
}
