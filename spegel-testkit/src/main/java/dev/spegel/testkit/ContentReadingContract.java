package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link ContentStore} does, apart from its watches. A store's test extends {@link ContentStoreContract}, which has both.
 *
 * <p>A subclass opens a store and changes what it holds, by whatever means fill such a store. A change may take a while until the
 * store shows it: the tests wait for up to {@link #visibilityLimit}.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
public abstract class ContentReadingContract {
    /** More events than any of these tests causes while nobody reads. */
    private static final int AMPLE_QUEUE = 10_000;

    private static final Duration POLL_INTERVAL = Duration.ofMillis(5);

    private ContentStore store;

    /** For subclasses. */
    protected ContentReadingContract() {}

    /**
     * Opens the store under test. It is empty when a test begins; a test may close it and open it again, which finds it empty or as
     * it was, as the store's nature is.
     *
     * @param maxQueuedEvents what a watch keeps for its reader before it fails
     */
    protected abstract ContentStore openStore(int maxQueuedEvents) throws Exception;

    /** Adds content that has this digest. It must stay until it is removed, also if nothing names it. */
    protected abstract void put(Digest digest, byte[] content) throws Exception;

    /** Has the tag name this manifest or index, which was put before with all that it names, and no longer what it named. */
    protected abstract void tag(TagReference tag, Descriptor target) throws Exception;

    /** Takes the tag away. */
    protected abstract void untag(TagReference tag) throws Exception;

    /** Takes the content away, even if a tag names it. */
    protected abstract void remove(Digest digest) throws Exception;

    /** How long a change may take until the store shows it. Ten seconds unless a subclass says otherwise. */
    protected Duration visibilityLimit() {
        return Duration.ofSeconds(10);
    }

    /** The store that was opened last. */
    protected final ContentStore store() {
        return store;
    }

    /** Closes the store and opens it anew. */
    final void reopen(int maxQueuedEvents) throws Exception {
        store.close();
        store = openStore(maxQueuedEvents);
    }

    @BeforeEach
    final void openStore() throws Exception {
        store = openStore(AMPLE_QUEUE);
    }

    @AfterEach
    final void closeStore() {
        if (store != null) {
            store.close();
        }
    }

    @Test
    public void unknownDigestIsEmpty() throws Exception {
        Digest unknown = SampleImages.severalLayers().target().digest();
        assertThat(store.describe(unknown)).isEmpty();
        assertThat(store.open(unknown)).isEmpty();
    }

    @Test
    public void unknownTagIsEmpty() throws Exception {
        assertThat(store.resolve(SampleImages.TAG)).isEmpty();
        assertThat(store.images()).isEmpty();
    }

    @Test
    public void streamsTheVeryBytes() throws Exception {
        SampleImage image = putWhole(SampleImages.severalLayers());
        for (Descriptor content : image.content()) {
            assertThat(read(content.digest())).isEqualTo(image.bytes(content.digest()));
        }
    }

    @Test
    public void emptyAndLargeContentIsServed() throws Exception {
        SampleImage image = putWhole(SampleImages.emptyAndLargeLayer());
        for (Descriptor content : image.content()) {
            assertThat(read(content.digest())).isEqualTo(image.bytes(content.digest()));
            assertThat(store.describe(content.digest()).orElseThrow().sizeBytes())
                    .isEqualTo(content.sizeBytes());
        }
    }

    @Test
    public void contentMayHaveASha512Digest() throws Exception {
        byte[] content = {1, 2, 3};
        Digest.Algorithm sha512 = Digest.Algorithm.SHA512;
        Digest digest = Digest.of(sha512, sha512.newMessageDigest().digest(content));
        put(digest, content);
        eventually(() -> assertThat(store.describe(digest)).isPresent());
        assertThat(read(digest)).isEqualTo(content);
    }

    @Test
    public void channelsBeginAtTheStartAndSeek() throws Exception {
        byte[] content = putOne();
        try (SeekableByteChannel channel = openNow(Digest.ofSha256(content))) {
            assertThat(channel.position()).isZero();
            assertThat(channel.size()).isEqualTo(content.length);
            channel.position(7);
            ByteBuffer part = ByteBuffer.allocate(5);
            while (part.hasRemaining()) {
                assertThat(channel.read(part)).isPositive();
            }
            assertThat(part.array()).containsExactly(content[7], content[8], content[9], content[10], content[11]);
            assertThat(channel.position()).isEqualTo(12);
            channel.position(content.length);
            assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    @Test
    public void channelsAreReadOnly() throws Exception {
        byte[] content = putOne();
        try (SeekableByteChannel channel = openNow(Digest.ofSha256(content))) {
            assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(NonWritableChannelException.class);
        }
    }

    @Test
    public void twoReadersDoNotDisturbEachOther() throws Exception {
        byte[] content = putOne();
        try (SeekableByteChannel first = openNow(Digest.ofSha256(content));
                SeekableByteChannel second = openNow(Digest.ofSha256(content))) {
            first.position(100);
            ByteBuffer start = ByteBuffer.allocate(1);
            assertThat(second.read(start)).isEqualTo(1);
            assertThat(start.get(0)).isEqualTo(content[0]);
            assertThat(second.position()).isEqualTo(1);
        }
    }

    @Test
    public void manyThreadsReadAtOnce() throws Exception {
        SampleImage image = putWhole(SampleImages.twoPlatforms());
        ExecutorService readers = Executors.newFixedThreadPool(8);
        try {
            List<Future<byte[]>> reads = new ArrayList<>();
            List<Descriptor> content = image.content();
            for (int i = 0; i < 64; i++) {
                Digest digest = content.get(i % content.size()).digest();
                reads.add(readers.submit(() -> read(digest)));
            }
            for (int i = 0; i < reads.size(); i++) {
                Digest digest = content.get(i % content.size()).digest();
                assertThat(reads.get(i).get()).isEqualTo(image.bytes(digest));
            }
        } finally {
            readers.shutdownNow();
        }
    }

    @Test
    public void describesDocumentsExactly() throws Exception {
        for (SampleImage image : List.of(
                SampleImages.severalLayers(),
                SampleImages.twoPlatforms(),
                SampleImages.withoutMediaType(),
                SampleImages.dockerSchema2(),
                SampleImages.dockerTwoPlatforms(),
                SampleImages.artifactWithEmptyConfig())) {
            putWhole(image);
            for (Descriptor document : image.content()) {
                MediaType type = document.mediaType();
                // Nothing in Docker's config tells it from OCI's.
                MediaType expected = type.equals(MediaType.DOCKER_CONFIG) ? MediaType.OCI_CONFIG : type;
                if (type.isManifest() || type.isImageConfig() || type.equals(MediaType.OCI_EMPTY)) {
                    assertThat(store.describe(document.digest()))
                            .contains(Descriptor.of(expected, document.digest(), document.sizeBytes()));
                }
            }
        }
    }

    @Test
    public void describesLayersAsOctetStreams() throws Exception {
        SampleImage image = putWhole(SampleImages.severalLayers());
        Descriptor layer = image.layersAndConfigs().get(0);
        assertThat(store.describe(layer.digest()))
                .contains(Descriptor.of(MediaType.OCTET_STREAM, layer.digest(), layer.sizeBytes()));
    }

    @Test
    public void tagsResolve() throws Exception {
        SampleImage image = putWhole(SampleImages.severalLayers());
        tag(SampleImages.TAG, image.target());
        eventually(() -> assertThat(store.resolve(SampleImages.TAG))
                .contains(image.target().digest()));
        assertThat(store.resolve(SampleImages.OTHER_TAG)).isEmpty();
    }

    @Test
    public void severalTagsMayNameOneImage() throws Exception {
        SampleImage image = putWhole(SampleImages.twoPlatforms());
        tag(SampleImages.TAG, image.target());
        tag(SampleImages.OTHER_TAG, image.target());
        eventually(() -> {
            assertThat(store.resolve(SampleImages.TAG)).contains(image.target().digest());
            assertThat(store.resolve(SampleImages.OTHER_TAG))
                    .contains(image.target().digest());
        });
    }

    @Test
    public void aMovedTagResolvesToWhatItNamesNow() throws Exception {
        SampleImage before = putWhole(SampleImages.severalLayers());
        SampleImage after = putWhole(SampleImages.dockerSchema2());
        tag(SampleImages.TAG, before.target());
        eventually(() -> assertThat(store.resolve(SampleImages.TAG))
                .contains(before.target().digest()));
        tag(SampleImages.TAG, after.target());
        eventually(() -> assertThat(store.resolve(SampleImages.TAG))
                .contains(after.target().digest()));
    }

    @Test
    public void aRemovedTagIsEmpty() throws Exception {
        SampleImage image = putWhole(SampleImages.severalLayers());
        tag(SampleImages.TAG, image.target());
        eventually(() -> assertThat(store.resolve(SampleImages.TAG)).isPresent());
        untag(SampleImages.TAG);
        eventually(() -> assertThat(store.resolve(SampleImages.TAG)).isEmpty());
        assertThat(read(image.target().digest()))
                .isEqualTo(image.bytes(image.target().digest()));
    }

    @Test
    public void aTagOutlivesItsContent() throws Exception {
        SampleImage image = putWhole(SampleImages.severalLayers());
        tag(SampleImages.TAG, image.target());
        eventually(() -> assertThat(store.resolve(SampleImages.TAG)).isPresent());
        remove(image.target().digest());
        eventually(() -> assertThat(store.describe(image.target().digest())).isEmpty());
        assertThat(store.resolve(SampleImages.TAG)).contains(image.target().digest());
    }

    @Test
    public void imagesHaveNameAndTarget() throws Exception {
        SampleImage image = putWhole(SampleImages.twoPlatforms());
        tag(SampleImages.TAG, image.target());
        eventually(() -> assertThat(store.images())
                .filteredOn(stored -> stored.name().toTag().equals(Optional.of(SampleImages.TAG)))
                .singleElement()
                .extracting(StoredImage::target)
                .satisfies(target -> {
                    assertThat(target.digest()).isEqualTo(image.target().digest());
                    assertThat(target.sizeBytes()).isEqualTo(image.target().sizeBytes());
                    assertThat(target.mediaType()).isEqualTo(image.target().mediaType());
                }));
    }

    @Test
    public void removedContentIsEmptyButStaysReadableForWhoOpenedIt() throws Exception {
        byte[] content = putOne();
        Digest digest = Digest.ofSha256(content);
        try (SeekableByteChannel channel = openNow(digest)) {
            remove(digest);
            eventually(() -> {
                assertThat(store.describe(digest)).isEmpty();
                assertThat(store.open(digest)).isEmpty();
            });
            assertThat(Channels.newInputStream(channel).readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    public void anInterruptedThreadDoesNotHarmOthers() throws Exception {
        byte[] content = putOne();
        Digest digest = Digest.ofSha256(content);
        Thread.currentThread().interrupt();
        try {
            store.describe(digest);
            store.open(digest).ifPresent(ContentReadingContract::closeQuietly);
        } catch (StoreException e) {
            // The interrupted call itself may fail.
        } finally {
            Thread.interrupted();
        }
        assertThat(store.describe(digest)).isPresent();
        assertThat(read(digest)).isEqualTo(content);
    }

    @Test
    public void aClosedStoreFails() throws Exception {
        Digest digest = Digest.ofSha256(putOne());
        store.close();
        assertThatThrownBy(() -> store.describe(digest)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.open(digest)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.resolve(SampleImages.TAG)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.images()).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.watch()).isInstanceOf(StoreException.class);
    }

    @Test
    public void closingTwiceIsHarmlessAndOpenChannelsStayUsable() throws Exception {
        byte[] content = putOne();
        try (SeekableByteChannel channel = openNow(Digest.ofSha256(content))) {
            store.close();
            store.close();
            assertThat(Channels.newInputStream(channel).readAllBytes()).isEqualTo(content);
        }
    }

    /** Puts all content of the image and waits until it is there. */
    final SampleImage putWhole(SampleImage image) throws Exception {
        for (Descriptor content : image.content()) {
            put(content.digest(), image.bytes(content.digest()));
        }
        for (Descriptor content : image.content()) {
            eventually(() -> assertThat(store.describe(content.digest())).isPresent());
        }
        return image;
    }

    /** Waits until these assertions hold; fails with what was wrong the last time. */
    final void eventually(ThrowingCallable assertions) throws Exception {
        long start = System.nanoTime();
        Throwable failure = catchThrowable(assertions);
        while (failure instanceof AssertionError
                && System.nanoTime() - start < visibilityLimit().toNanos()) {
            Thread.sleep(POLL_INTERVAL.toMillis());
            failure = catchThrowable(assertions);
        }
        if (failure instanceof AssertionError) {
            throw new AssertionError("doesn't hold within %s".formatted(visibilityLimit()), failure);
        }
        if (failure != null) {
            throw new IllegalStateException("looking at the store failed", failure);
        }
    }

    private byte[] putOne() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        Descriptor layer = image.layersAndConfigs().get(0);
        byte[] content = image.bytes(layer.digest());
        put(layer.digest(), content);
        eventually(() -> assertThat(store.describe(layer.digest())).isPresent());
        return content;
    }

    private SeekableByteChannel openNow(Digest digest) throws StoreException {
        return store.open(digest).orElseThrow();
    }

    private byte[] read(Digest digest) throws IOException {
        try (InputStream in = Channels.newInputStream(openNow(digest))) {
            return in.readAllBytes();
        }
    }

    private static void closeQuietly(SeekableByteChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new AssertionError("closing failed", e);
        }
    }
}
