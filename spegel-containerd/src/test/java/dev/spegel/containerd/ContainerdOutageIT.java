package dev.spegel.containerd;

import static dev.spegel.containerd.ContainerdFixture.LIMIT;
import static dev.spegel.containerd.ContainerdFixture.digests;
import static dev.spegel.containerd.ContainerdFixture.tagged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreEvent.ContentAdded;
import dev.spegel.oci.store.StoreEvent.ContentRemoved;
import dev.spegel.oci.store.StoreEvent.TagAdded;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreWatch;
import dev.spegel.testkit.Replica;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** containerd goes away, hangs, comes back, was never there; and its directory isn't as it should be. */
@ParameterizedClass
@EnumSource
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ContainerdOutageIT {
    private static final TagReference TAG = SampleImages.TAG;
    private static final String NAME = TAG.toString();

    private final ContainerdRelease release;
    private final SampleImage image = SampleImages.severalLayers();
    private final Descriptor layer = image.layersAndConfigs().get(0);

    @TempDir
    private Path directory;

    private ContainerdFixture fixture;

    ContainerdOutageIT(ContainerdRelease release) {
        this.release = release;
    }

    @BeforeEach
    void prepare() throws Exception {
        release.assumeUsable();
        fixture = new ContainerdFixture(directory.resolve("containerd"), release);
    }

    @AfterEach
    void stop() throws Exception {
        if (fixture != null) {
            fixture.close();
        }
    }

    private Path blob(Digest digest) {
        return ContentDirectory.blobs(fixture.daemon().contentDirectory(), digest.algorithm())
                .resolve(digest.encoded());
    }

    private void assertProblem(String part) {
        await(part)
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(fixture.store().status().problems())
                        .anySatisfy(problem -> assertThat(problem).contains(part)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRestartIsSurvivedWithNothingToldTwiceOrLost(boolean killed) throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        ContainerdStore store = fixture.openReady();
        try (StoreWatch watch = store.watch()) {
            if (killed) {
                fixture.daemon().kill();
            } else {
                fixture.daemon().stop();
            }
            fixture.awaitStatus("disconnected", status -> !status.connected() && status.ready());
            assertThat(store.status().problems()).isNotEmpty();

            // It lies on disk, so it is served; and what is gone from there isn't.
            assertThat(store.resolve(TAG)).contains(image.target().digest());
            for (Digest digest : digests(image)) {
                fixture.assertServed(digest);
            }
            assertThat(watch.next(Duration.ZERO)).isEmpty();
            Files.delete(blob(layer.digest()));
            assertThat(watch.next(LIMIT)).contains(new ContentRemoved(layer.digest()));
            fixture.assertNotServed(layer.digest());

            fixture.daemon().start();
            SampleImage news = SampleImages.dockerSchema2();
            fixture.filler().pull(SampleImages.OTHER_TAG.toString(), news);
            fixture.awaitStatus("connected again", status -> status.connected() && status.connections() == 2);
            assertThat(store.status().problems()).isEmpty();
            List<Object> events = new ArrayList<>();
            for (int i = 0; i < news.content().size() + 1; i++) {
                events.add(watch.next(LIMIT).orElseThrow());
            }
            List<Object> expected = new ArrayList<>();
            news.content().forEach(content -> expected.add(new ContentAdded(content.digest())));
            expected.add(new TagAdded(SampleImages.OTHER_TAG, news.target().digest()));
            assertThat(events).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(watch.next(Duration.ofSeconds(1))).isEmpty();
        }
    }

    @Test
    void whatIsReadGoesOnWhileContainerdIsRestarted() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        try (ContainerdStore store = fixture.openReady();
                SeekableByteChannel channel = store.open(layer.digest()).orElseThrow()) {
            assertThat(channel).isInstanceOf(FileChannel.class);
            fixture.daemon().kill();
            ByteBuffer content = ByteBuffer.allocate((int) layer.sizeBytes());
            while (content.hasRemaining()) {
                assertThat(channel.read(content)).isPositive();
            }
            assertThat(layer.digest().matches(content.array())).isTrue();
        }
    }

    @Test
    void containerdNeedntRunAtFirst() throws Exception {
        ContainerdStore store = fixture.openStore(fixture.config());
        assertProblem("there is no socket");
        assertThat(store.status().ready()).isFalse();
        assertThatThrownBy(() -> store.resolve(TAG))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("hasn't answered yet")
                .hasMessageContaining(fixture.daemon().socket().toString());
        assertThatThrownBy(() -> store.open(layer.digest())).isInstanceOf(StoreException.class);
        assertThatThrownBy(store::images).isInstanceOf(StoreException.class);
        assertThatThrownBy(store::watch).isInstanceOf(StoreException.class);

        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        fixture.awaitStatus(
                "ready", status -> status.ready() && status.problems().isEmpty());
        try (StoreWatch watch = store.watch()) {
            new Replica(watch).followUntil(tagged(TAG, image), LIMIT);
        }
        fixture.assertServed(layer.digest());
    }

    @Test
    void aDirectoryInPlaceOfTheSocketIsSaidToBeOne() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        fixture.openReady();
        fixture.daemon().stop();
        Files.deleteIfExists(fixture.daemon().socket());
        Files.createDirectory(fixture.daemon().socket());
        assertProblem("is a directory, not a socket");
        fixture.assertServed(layer.digest());

        Files.delete(fixture.daemon().socket());
        fixture.daemon().start();
        fixture.awaitStatus("connected again", ContainerdStatus::connected);
    }

    @Test
    void containerdThatHangsCountsAsGoneAndIsFoundAgain() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        fixture.openReady(
                fixture.config().withCallLimit(Duration.ofMillis(500)).withRelistInterval(Duration.ofMillis(200)));
        fixture.daemon().signal("STOP");
        try {
            assertProblem("no answer in time");
            fixture.awaitStatus("disconnected", status -> !status.connected());
            assertThat(fixture.store().resolve(TAG)).contains(image.target().digest());
            fixture.assertServed(layer.digest());
        } finally {
            fixture.daemon().signal("CONT");
        }
        fixture.awaitStatus("connected again", ContainerdStatus::connected);
    }

    @Test
    void aNamespaceThatDoesntExistIsEmptyAndSaidToBeMissing() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        ContainerdStore store = fixture.openReady(fixture.config().withNamespace("no-such"));
        assertProblem("has no namespace no-such, only [k8s.io]");
        assertThat(store.images()).isEmpty();
        fixture.assertNotServed(layer.digest());
        try (StoreWatch watch = store.watch();
                ContainerdFiller filler = new ContainerdFiller(fixture.daemon(), "no-such")) {
            Replica replica = new Replica(watch);
            assertThat(replica.state().content()).isEmpty();
            filler.pull(NAME, image);
            replica.followUntil(
                    state -> tagged(TAG, image).test(state) && state.content().equals(digests(image)), LIMIT);
        }
        fixture.assertServed(layer.digest());
        fixture.awaitStatus("no problem left", status -> status.problems().isEmpty());
    }

    @Test
    void contentThatIsCutShortIsntServed() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        ContainerdStore store = fixture.openReady();
        try (StoreWatch watch = store.watch();
                FileChannel file = FileChannel.open(blob(layer.digest()), StandardOpenOption.WRITE)) {
            file.truncate(100);
            fixture.assertNotServed(layer.digest()); // at once, whoever notices first
            assertThat(watch.next(LIMIT)).contains(new ContentRemoved(layer.digest()));
            fixture.awaitStatus("damaged", status -> status.damaged() == 1);
            fixture.assertNotServed(layer.digest());
        }
    }

    @Test
    void linksAreRefused() throws Exception {
        Path secret = Files.write(directory.resolve("secret"), image.bytes(layer.digest()));
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        Digest planted = Digest.ofSha256(new byte[] {42});
        try (ContainerdStore store = fixture.openReady();
                StoreWatch watch = store.watch()) {
            Files.delete(blob(layer.digest()));
            Files.createSymbolicLink(blob(layer.digest()), secret); // even to the very same bytes
            Files.createSymbolicLink(blob(planted), secret);
            fixture.assertNotServed(layer.digest());
            fixture.assertNotServed(planted);
            assertThat(watch.next(LIMIT)).contains(new ContentRemoved(layer.digest()));
            assertThat(watch.next(Duration.ofMillis(500))).isEmpty();
        }
    }

    @Test
    void filesThatContainerdKnowsNothingOfArentServed() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        byte[] stranger = {1, 2, 3};
        try (StoreWatch watch = fixture.openReady().watch()) {
            Files.write(blob(Digest.ofSha256(stranger)), stranger);
            Files.write(blob(layer.digest()).resolveSibling("not-a-digest"), stranger);
            assertThat(watch.next(Duration.ofSeconds(1))).isEmpty();
            fixture.assertNotServed(Digest.ofSha256(stranger));
        }
    }

    @Test
    void anotherDirectoryIsntTakenForContainerds() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        Path other = directory.resolve("other");
        Files.createDirectories(other.resolve("blobs/sha256"));
        fixture.openReady(fixture.config().withContentDirectory(other));
        assertProblem("so it isn't containerd's");
        fixture.assertServed(layer.digest());
        try (SeekableByteChannel channel = fixture.store().open(layer.digest()).orElseThrow()) {
            assertThat(channel).isNotInstanceOf(FileChannel.class);
        }
    }

    /** Root may go anywhere; so this looks as a root without that capability, in a process of its own. */
    @Test
    void aDirectoryWithoutPermissionIsReadOverTheSocket() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        Path blobs = ContentDirectory.blobs(fixture.daemon().contentDirectory());
        Files.setPosixFilePermissions(blobs, Set.of());
        Process reader = new ProcessBuilder(
                        "setpriv",
                        "--bounding-set=-dac_override,-dac_read_search",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StatusPrinter.class.getName(),
                        fixture.daemon().socket().toString(),
                        layer.digest().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(reader.waitFor()).as(printed).isZero();
        assertThat(printed).contains("no permission to go into " + blobs).contains("read " + layer.sizeBytes());
    }

    @Test
    void imagesShowAgainAfterAllWasRemovedAndPulledAnew() throws Exception {
        fixture.daemon().start();
        fixture.filler().pull(NAME, image);
        try (StoreWatch watch = fixture.openReady().watch()) {
            Replica replica = new Replica(watch);
            fixture.filler().unnameAndCollect(NAME);
            replica.followUntil(
                    state -> state.content().isEmpty() && state.tags().isEmpty(), LIMIT);
            fixture.filler().pull(NAME, image);
            replica.followUntil(
                    state -> state.content().equals(digests(image))
                            && state.tags().equals(Map.of(TAG, image.target().digest())),
                    LIMIT);
        }
    }
}
