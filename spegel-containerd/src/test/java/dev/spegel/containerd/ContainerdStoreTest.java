package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreEvent.ContentAdded;
import dev.spegel.oci.store.StoreEvent.TagAdded;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreWatch;
import dev.spegel.testkit.Replica;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a containerd that does as it is told; the *IT have real ones. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ContainerdStoreTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final byte[] CONTENT = {1, 2, 3, 4};
    private static final Digest DIGEST = Digest.ofSha256(CONTENT);

    private final ExecutorService tasks = Executors.newCachedThreadPool();

    @TempDir
    private Path directory;

    private ContainerdConfig config;
    private FakeContainerd containerd;
    private final List<ContainerdStore> opened = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        config = ContainerdConfig.DEFAULTS
                .withSocket(directory.resolve("sock"))
                .withRelistInterval(Duration.ofHours(1))
                .withCallLimit(Duration.ofSeconds(5));
        containerd = new FakeContainerd(config.socket());
    }

    @AfterEach
    void stop() throws Exception {
        opened.forEach(ContainerdStore::close);
        tasks.shutdownNow();
        containerd.stop();
    }

    private ContainerdStore open(ContainerdConfig how) {
        ContainerdStore store = ContainerdStore.open(how, tasks);
        opened.add(store);
        await().atMost(LIMIT).until(() -> store.status().ready());
        return store;
    }

    @Test
    void imagesThatDontFitIntoOneAnswerAreAskedForInParts() throws Exception {
        containerd.imagesFitIntoOneAnswer = false;
        for (int i = 0; i < 100; i++) {
            containerd.name("registry.example/app:" + i, Digest.ofSha256(new byte[] {(byte) i}));
        }
        ContainerdStore store = open(config);
        assertThat(store.images()).hasSize(100);
    }

    @Test
    void aStreamOfEventsThatEndsIsBegunAnewAndWhatItMissedIsFound() throws Exception {
        ContainerdStore store = open(config);
        try (StoreWatch watch = store.watch()) {
            await().atMost(LIMIT).until(() -> containerd.subscribers.size() == 1);
            containerd.name("registry.example/app:1", DIGEST);
            containerd.subscribers.remove(0).onCompleted();
            TagReference tag = new TagReference("registry.example", "app", "1");
            assertThat(watch.next(LIMIT)).contains(new TagAdded(tag, DIGEST));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(store.status())
                            .matches(status -> status.connected() && status.connections() == 2));
        }
    }

    @Test
    void eventsOfOtherNamespacesAndOfWhatIsGoneAgainDoNoHarm() throws Exception {
        ContainerdStore store = open(config);
        try (StoreWatch watch = store.watch()) {
            await().atMost(LIMIT).until(() -> containerd.subscribers.size() == 1);
            containerd.tellOfImage("/images/create", "registry.example/gone:1");
            containerd.tellOfImage("/something/else", "registry.example/gone:1");
            containerd.name("registry.example/app:1", DIGEST);
            containerd.tellOfImage("/images/update", "registry.example/app:1");
            assertThat(watch.next(LIMIT)).containsInstanceOf(TagAdded.class);
            assertThat(store.images()).hasSize(1);
            assertThat(store.status().events())
                    .isEqualTo(Map.of(ContainerdEvent.IMAGE_CREATE, 1L, ContainerdEvent.IMAGE_UPDATE, 1L));
        }
    }

    /** Up to containerd 2.0 nothing else tells of content where its directory can't be seen. */
    @Test
    void anImageIsWalkedForContentThatNothingElseTellsOf() throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        ContainerdStore store = open(config);
        try (StoreWatch watch = store.watch()) {
            await().atMost(LIMIT).until(() -> containerd.subscribers.size() == 1);
            image.content().forEach(each -> containerd.putUnlisted(each.digest(), image.bytes(each.digest())));
            containerd.name(SampleImages.TAG.toString(), image.target().digest());
            containerd.tellOfImage("/images/create", SampleImages.TAG.toString());
            Replica replica = new Replica(watch);
            replica.followUntil(
                    state -> state.content().equals(ContainerdFixture.digests(image))
                            && state.tags().size() == 1,
                    LIMIT);
        }
    }

    /** As containerd renames a file before it commits to its database. */
    @Test
    void aFileThatContainerdDoesntKnowOfYetIsLookedAtAgain() throws Exception {
        Path content = directory.resolve("content");
        Path blobs = Files.createDirectories(ContentDirectory.blobs(content, Digest.Algorithm.SHA256));
        ContainerdStore store = open(config.withContentDirectory(content));
        try (StoreWatch watch = store.watch()) {
            Files.write(blobs.resolve(DIGEST.encoded()), CONTENT);
            assertThat(watch.next(Duration.ofMillis(100))).isEmpty();
            containerd.put(DIGEST, CONTENT);
            assertThat(watch.next(LIMIT)).contains(new ContentAdded(DIGEST));
        }
    }

    @Test
    void contentThatEndsEarlyIsAnError() throws Exception {
        containerd.put(DIGEST, CONTENT);
        ContainerdStore store = open(config);
        containerd.reading = FakeContainerd.Reading.SHORT;
        try (SeekableByteChannel channel = store.open(DIGEST).orElseThrow()) {
            assertThatThrownBy(() -> readAll(channel))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("ends after 3 bytes, though containerd says that it has 4");
        }
    }

    @Test
    void contentThatStallsIsAnErrorAfterTheLimit() throws Exception {
        containerd.put(DIGEST, CONTENT);
        ContainerdStore store = open(config.withCallLimit(Duration.ofMillis(300)));
        containerd.reading = FakeContainerd.Reading.STALLED;
        try (SeekableByteChannel channel = store.open(DIGEST).orElseThrow()) {
            assertThatThrownBy(() -> readAll(channel))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("no answer in time");
        }
    }

    @Test
    void whatIsOpenCanBeReadHoweverOftenTheStoreIsClosed() throws Exception {
        containerd.put(DIGEST, CONTENT);
        ContainerdStore store = open(config);
        try (SeekableByteChannel channel = store.open(DIGEST).orElseThrow()) {
            store.close();
            store.close();
            tasks.shutdown();
            assertThat(tasks.awaitTermination(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
            for (int i = 0; i < 3; i++) { // going back asks anew, on the connection that is left
                channel.position(0);
                readAll(channel);
                Thread.sleep(150); // longer than the event loop, were it shut down, would wait for more to do
            }
        }
    }

    @Test
    void asManyAreReadOverTheSocketAsMayBeAndOthersWait() throws Exception {
        containerd.put(DIGEST, CONTENT);
        ContainerdStore store = open(config.withCallLimit(Duration.ofMillis(300)));
        List<SeekableByteChannel> open = new ArrayList<>();
        for (int i = 0; i < ContainerdClient.MAX_READERS; i++) {
            open.add(store.open(DIGEST).orElseThrow());
        }
        assertThatThrownBy(() -> store.open(DIGEST))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("16 contents are being read");
        open.remove(0).close();
        open.add(store.open(DIGEST).orElseThrow());
        for (SeekableByteChannel channel : open) {
            readAll(channel);
            channel.close();
        }
    }

    private static void readAll(SeekableByteChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(CONTENT.length);
        while (channel.read(buffer) >= 0) {
            assertThat(buffer.position()).isLessThanOrEqualTo(CONTENT.length);
        }
        assertThat(buffer.array()).isEqualTo(CONTENT);
    }
}
