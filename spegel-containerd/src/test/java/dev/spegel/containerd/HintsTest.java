package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.StoreException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HintsTest {
    private static final long AN_HOUR = Duration.ofHours(1).toNanos();
    private static final Digest DIGEST = Digest.ofSha256(new byte[] {1});

    private final Hints hints = new Hints();

    private Hints.Taken take() throws InterruptedException {
        long now = System.nanoTime();
        return hints.await(now + AN_HOUR, now);
    }

    @Test
    void whatComesTogetherIsTakenTogetherAndOnce() throws Exception {
        EventSubscription.Listener listener = hints.listenAnew();
        listener.imageChanged("a", false);
        listener.imageChanged("a", false);
        listener.contentChanged(DIGEST.toString());
        hints.content(DIGEST);
        Hints.Taken taken = take();
        assertThat(taken.names()).isEqualTo(Set.of("a"));
        assertThat(taken.digests()).isEqualTo(Set.of(DIGEST));
        assertThat(taken.garbage()).isFalse();
        assertThat(taken.everything()).isFalse();
        long now = System.nanoTime();
        Hints.Taken none = hints.await(now, now);
        assertThat(none.names()).isEmpty();
        assertThat(none.digests()).isEmpty();
    }

    @Test
    void aDeletionMayLeaveGarbage() throws Exception {
        hints.listenAnew().imageChanged("a", true);
        assertThat(take().garbage()).isTrue();
    }

    @Test
    void tooManyHintsBecomeALookAtEverything() throws Exception {
        EventSubscription.Listener listener = hints.listenAnew();
        for (int i = 0; i <= Hints.MAX_HINTS; i++) {
            listener.imageChanged("image " + i, false);
        }
        Hints.Taken taken = take();
        assertThat(taken.everything()).isTrue();
        assertThat(taken.names()).isEmpty();
    }

    @Test
    void digestsThatMakeNoSenseAreLeftOut() throws Exception {
        EventSubscription.Listener listener = hints.listenAnew();
        listener.contentChanged("md5:1234");
        listener.contentChanged(DIGEST.toString());
        assertThat(take().digests()).isEqualTo(Set.of(DIGEST));
    }

    @Test
    void theEndOfAStreamIsToldAtOnceButNotThatOfAnEarlierOne() throws Exception {
        EventSubscription.Listener first = hints.listenAnew();
        EventSubscription.Listener second = hints.listenAnew();
        first.ended(new StoreException("the first"));
        hints.content(DIGEST);
        assertThat(take().streamEnd()).isEmpty();
        second.ended(new StoreException("the second"));
        long now = System.nanoTime();
        Hints.Taken taken = hints.await(now + AN_HOUR, now + AN_HOUR);
        assertThat(taken.streamEnd()).hasValueSatisfying(end -> assertThat(end).hasMessage("the second"));
    }

    @Test
    void hintsAreGatheredForAsLongAsIsAskedFor() throws Exception {
        hints.content(DIGEST);
        long start = System.nanoTime();
        Hints.Taken taken =
                hints.await(start + AN_HOUR, start + Duration.ofMillis(50).toNanos());
        assertThat(taken.digests()).isEqualTo(Set.of(DIGEST));
        assertThat(System.nanoTime() - start)
                .isGreaterThanOrEqualTo(Duration.ofMillis(50).toNanos());
    }

    @Test
    void closingWakesWhoeverWaits() throws Exception {
        Thread closer = new Thread(hints::close, "closer");
        closer.start();
        take();
        closer.join();
        assertThat(hints.isClosed()).isTrue();
    }
}
