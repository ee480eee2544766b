package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreSnapshot;
import dev.spegel.testkit.SampleImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A containerd, what fills it, and a store that follows it. */
final class ContainerdFixture implements AutoCloseable {
    static final String NAMESPACE = "k8s.io";

    /** What takes longer than this isn't noticed but found by a listing: those don't come so soon here. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    private final ContainerdDaemon daemon;
    private final ContainerdFiller filler;
    private final ExecutorService tasks = Executors.newCachedThreadPool();
    private @Nullable ContainerdStore store;

    ContainerdFixture(Path directory, ContainerdRelease release) throws IOException {
        daemon = ContainerdDaemon.in(directory, release);
        filler = new ContainerdFiller(daemon, NAMESPACE);
    }

    ContainerdDaemon daemon() {
        return daemon;
    }

    ContainerdFiller filler() {
        return filler;
    }

    /** One that lists everything only when something calls for it. */
    ContainerdConfig config() {
        return daemon.config().withRelistInterval(Duration.ofHours(1));
    }

    ContainerdStore openStore(ContainerdConfig config) {
        ContainerdStore opened = ContainerdStore.open(config, tasks);
        store = opened;
        return opened;
    }

    ContainerdStore openReady() {
        return openReady(config());
    }

    ContainerdStore openReady(ContainerdConfig config) {
        ContainerdStore opened = openStore(config);
        awaitStatus("ready", ContainerdStatus::ready);
        return opened;
    }

    ContainerdStore store() {
        assertThat(store).isNotNull();
        return store;
    }

    void awaitStatus(String what, Predicate<ContainerdStatus> wanted) {
        await(what)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(store().status()).matches(wanted));
    }

    static Set<Digest> digests(SampleImage... images) {
        Set<Digest> digests = new HashSet<>();
        for (SampleImage image : images) {
            image.content().forEach(content -> digests.add(content.digest()));
        }
        return digests;
    }

    static Predicate<StoreSnapshot> tagged(TagReference tag, SampleImage image) {
        return state -> image.target().digest().equals(state.tags().get(tag));
    }

    /** Reads content whole, and checks it by its digest. */
    void assertServed(Digest digest) throws IOException {
        Optional<SeekableByteChannel> opened = store().open(digest);
        assertThat(opened).as("content of %s", digest).isPresent();
        try (InputStream in = Channels.newInputStream(opened.orElseThrow())) {
            assertThat(Digest.ofSha256(in.readAllBytes())).isEqualTo(digest);
        }
        assertThat(store().describe(digest)).isPresent();
    }

    void assertNotServed(Digest digest) throws StoreException {
        assertThat(store().open(digest)).isEmpty();
        assertThat(store().describe(digest)).isEmpty();
    }

    @Override
    public void close() throws IOException {
        if (store != null) {
            store.close();
        }
        tasks.shutdownNow();
        filler.close();
        daemon.close();
    }
}
