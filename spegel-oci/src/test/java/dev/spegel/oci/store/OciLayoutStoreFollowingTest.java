package dev.spegel.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.TagReference;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is particular to layouts; what all stores do is in the contract, which the tests of spegel-testkit hold against this. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class OciLayoutStoreFollowingTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final TagReference TAG = Layouts.NAME.toTag().orElseThrow();

    private static final OciLayoutStore.Settings NO_RESCAN =
            new OciLayoutStore.Settings(Duration.ofHours(1), Duration.ofMillis(200), 1_000);

    private final ExecutorService watchers = Executors.newCachedThreadPool();

    @TempDir
    private Path directory;

    private Path layout() {
        return directory.resolve("layout");
    }

    @AfterEach
    void stopWatchers() throws Exception {
        watchers.shutdownNow();
        assertThat(watchers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitTag(StoreWatch watch, Descriptor target) throws Exception {
        Optional<StoreEvent> event = watch.next(LIMIT);
        while (event.isPresent() && !event.get().equals(new StoreEvent.TagAdded(TAG, target.digest()))) {
            event = watch.next(LIMIT);
        }
        assertThat(event).as("the tag was added").isPresent();
    }

    @Test
    void aLayoutMayBeFilledWhereThereWasAnEmptyDirectory() throws Exception {
        Files.createDirectory(layout());
        try (OciLayoutStore store = OciLayoutStore.open(layout(), watchers, NO_RESCAN);
                StoreWatch watch = store.watch()) {
            assertThat(watch.snapshot()).isEqualTo(StoreSnapshot.EMPTY);
            Descriptor target = Layouts.writeImage(layout(), 2, 10_000);
            awaitTag(watch, target);
            assertThat(store.describe(target.digest())).isPresent();
            assertThat(store.problems()).isEmpty();
        }
    }

    @Test
    void aDirectoryThatIsReplacedIsFoundOnLookingAgain() throws Exception {
        Descriptor target = Layouts.writeImage(directory.resolve("new"), 2, 10_000);
        Files.createDirectory(layout());
        OciLayoutStore.Settings often =
                new OciLayoutStore.Settings(Duration.ofMillis(20), Duration.ofMillis(200), 1_000);
        try (OciLayoutStore store = OciLayoutStore.open(layout(), watchers, often);
                StoreWatch watch = store.watch()) {
            Files.move(layout(), directory.resolve("old"));
            Files.move(directory.resolve("new"), layout());
            awaitTag(watch, target);
        }
    }

    @Test
    void whatWasBeingWrittenIsLookedAtAgainSoon() throws Exception {
        Descriptor target = Layouts.writeImage(layout(), 1, 10_000);
        byte[] manifest = Files.readAllBytes(Layouts.blob(layout(), target.digest()));
        Files.write(Layouts.blob(layout(), target.digest()), new byte[] {'{'});
        try (OciLayoutStore store = OciLayoutStore.open(layout(), watchers, NO_RESCAN)) {
            assertThat(store.describe(target.digest())).isEmpty();
            // Without any further change it turns from half-written into a problem.
            long start = System.nanoTime();
            while (store.problems().isEmpty()) {
                assertThat(System.nanoTime() - start).isLessThan(LIMIT.toNanos());
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertThat(store.problems())
                    .extracting(LayoutProblem::path)
                    .containsExactly(Layouts.blob(layout(), target.digest()));
            try (StoreWatch watch = store.watch()) {
                Files.write(Layouts.blob(layout(), target.digest()), manifest);
                assertThat(watch.next(LIMIT)).contains(new StoreEvent.ContentAdded(target.digest()));
                assertThat(store.problems()).isEmpty();
            }
        }
    }

    @Nested
    class Opening {
        @Test
        void contentIsAFileChannel() throws Exception {
            Descriptor target = Layouts.writeImage(layout(), 1, 10_000);
            try (OciLayoutStore store = OciLayoutStore.open(layout(), watchers, NO_RESCAN);
                    SeekableByteChannel channel = store.open(target.digest()).orElseThrow()) {
                assertThat(channel).isInstanceOf(FileChannel.class);
            }
        }

        @Test
        void aDirectoryThatIsNotThereFails() {
            assertThatThrownBy(() -> OciLayoutStore.open(layout(), watchers))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining(layout().toString());
        }

        @Test
        void anExecutorThatRefusesFails() throws Exception {
            Files.createDirectory(layout());
            assertThatThrownBy(() -> OciLayoutStore.open(layout(), task -> {
                        throw new RejectedExecutionException("full");
                    }))
                    .isInstanceOf(RejectedExecutionException.class);
        }
    }

    @Nested
    class Ending {
        @Test
        void closingEndsTheTask() throws Exception {
            Files.createDirectory(layout());
            CompletableFuture<Void> ended = new CompletableFuture<>();
            OciLayoutStore store = OciLayoutStore.open(
                    layout(),
                    task -> watchers.execute(() -> {
                        task.run();
                        ended.complete(null);
                    }));
            store.close();
            ended.get(20, TimeUnit.SECONDS);
        }

        @Test
        void interruptingTheTaskClosesTheStore() throws Exception {
            Files.createDirectory(layout());
            try (OciLayoutStore store = OciLayoutStore.open(layout(), watchers, NO_RESCAN);
                    StoreWatch watch = store.watch()) {
                watchers.shutdownNow();
                assertThatThrownBy(() -> watch.next(LIMIT)).isInstanceOf(StoreException.class);
                assertThatThrownBy(store::images).isInstanceOf(StoreException.class);
            }
        }
    }
}
