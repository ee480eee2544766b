package dev.spegel.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreEvent.ContentAdded;
import dev.spegel.oci.store.StoreEvent.ContentRemoved;
import dev.spegel.oci.store.StoreEvent.TagAdded;
import dev.spegel.oci.store.StoreEvent.TagRemoved;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WatchedContentsTest {
    private static final Digest A = Digest.ofSha256(new byte[] {1});
    private static final Digest B = Digest.ofSha256(new byte[] {2});
    private static final TagReference TAG = new TagReference("registry.example", "app", "1");
    private static final TagReference OTHER_TAG = new TagReference("registry.example", "app", "2");

    @Test
    void oneUpdateGivesContentThenTagsThenWhatIsGone() throws Exception {
        WatchedContents contents = new WatchedContents(new StoreSnapshot(Set.of(A), Map.of(TAG, A)));
        StoreWatch watch = contents.watch();
        contents.update(new StoreSnapshot(Set.of(B), Map.of(TAG, B)));
        assertThat(watch.next(Duration.ZERO)).contains(new ContentAdded(B));
        assertThat(watch.next(Duration.ZERO)).contains(new TagRemoved(TAG, A));
        assertThat(watch.next(Duration.ZERO)).contains(new TagAdded(TAG, B));
        assertThat(watch.next(Duration.ZERO)).contains(new ContentRemoved(A));
        assertThat(watch.next(Duration.ZERO)).isEmpty();
    }

    @Test
    void anUpdateThatChangesNothingGivesNoEvent() throws Exception {
        StoreSnapshot state = new StoreSnapshot(Set.of(A), Map.of(TAG, A));
        WatchedContents contents = new WatchedContents(state);
        StoreWatch watch = contents.watch();
        contents.update(new StoreSnapshot(Set.of(A), Map.of(TAG, A)));
        assertThat(watch.next(Duration.ZERO)).isEmpty();
        assertThat(contents.current()).isEqualTo(state);
    }

    @Test
    void aQueueHoldsExactlyItsBound() throws Exception {
        WatchedContents contents = new WatchedContents(StoreSnapshot.EMPTY, 2);
        StoreWatch watch = contents.watch();
        contents.update(new StoreSnapshot(Set.of(A, B), Map.of()));
        assertThat(watch.next(Duration.ZERO)).isPresent();
        contents.update(new StoreSnapshot(Set.of(A, B), Map.of(TAG, A)));
        assertThat(watch.next(Duration.ZERO)).isPresent();
        assertThat(watch.next(Duration.ZERO)).contains(new TagAdded(TAG, A));
        contents.update(new StoreSnapshot(Set.of(A, B), Map.of()));
        contents.update(new StoreSnapshot(Set.of(A, B), Map.of(OTHER_TAG, A)));
        contents.update(new StoreSnapshot(Set.of(A, B), Map.of()));
        assertThatThrownBy(() -> watch.next(Duration.ZERO))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("more than 2 events behind");
    }

    @Test
    void aWatchThatFellBehindDoesNotHarmAnother() throws Exception {
        WatchedContents contents = new WatchedContents(StoreSnapshot.EMPTY, 1);
        StoreWatch slow = contents.watch();
        StoreWatch quick = contents.watch();
        contents.update(new StoreSnapshot(Set.of(A), Map.of()));
        assertThat(quick.next(Duration.ZERO)).contains(new ContentAdded(A));
        contents.update(new StoreSnapshot(Set.of(), Map.of()));
        assertThat(quick.next(Duration.ZERO)).contains(new ContentRemoved(A));
        assertThatThrownBy(() -> slow.next(Duration.ZERO)).isInstanceOf(StoreException.class);
    }

    @Test
    void interruptionEndsWatchesWithItsCauseAndNewOnesMayBegin() throws Exception {
        WatchedContents contents = new WatchedContents(StoreSnapshot.EMPTY);
        StoreWatch watch = contents.watch();
        IOException cause = new IOException("socket closed");
        contents.interrupt("the store lost its source", cause);
        assertThatThrownBy(() -> watch.next(Duration.ZERO))
                .isInstanceOf(StoreException.class)
                .hasMessage("the store lost its source")
                .hasCause(cause);
        StoreWatch fresh = contents.watch();
        contents.update(new StoreSnapshot(Set.of(A), Map.of()));
        assertThat(fresh.next(Duration.ZERO)).contains(new ContentAdded(A));
    }

    @Test
    void stepsBuildOnEachOtherWhicheverThreadTakesThem() throws Exception {
        WatchedContents contents = new WatchedContents(StoreSnapshot.EMPTY);
        StoreWatch watch = contents.watch();
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            int first = t * 50;
            threads[t] = new Thread(() -> {
                for (int i = first; i < first + 50; i++) {
                    Digest digest = Digest.ofSha256(new byte[] {(byte) i, 7});
                    contents.update(before -> {
                        Set<Digest> content = new HashSet<>(before.content());
                        content.add(digest);
                        return new StoreSnapshot(content, before.tags());
                    });
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(contents.current().content()).hasSize(200);
        Set<Digest> announced = new HashSet<>();
        for (Optional<StoreEvent> event = watch.next(Duration.ZERO);
                event.isPresent();
                event = watch.next(Duration.ZERO)) {
            announced.add(((ContentAdded) event.get()).digest());
        }
        assertThat(announced).isEqualTo(contents.current().content());
    }

    @Test
    void onceClosedNothingChanges() throws Exception {
        WatchedContents contents = new WatchedContents(StoreSnapshot.EMPTY);
        contents.close();
        contents.update(new StoreSnapshot(Set.of(A), Map.of()));
        assertThat(contents.current()).isEqualTo(StoreSnapshot.EMPTY);
        assertThatThrownBy(contents::watch).isInstanceOf(StoreException.class);
    }

    @Test
    void aQueueWithoutRoomIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WatchedContents(StoreSnapshot.EMPTY, 0))
                .withMessage("maxQueuedEvents must be positive, got 0");
    }
}
