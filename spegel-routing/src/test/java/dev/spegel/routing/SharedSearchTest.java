package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SharedSearchTest {
    private static final Duration LONG = Duration.ofDays(365 * 1000); // more nanoseconds than a long has
    private static final Peer A = peer("a");
    private static final Peer B = peer("b");

    private final AtomicBoolean routerClosed = new AtomicBoolean();
    private final List<SharedSearch> ends = new CopyOnWriteArrayList<>();
    private final SharedSearch search = new SharedSearch(routerClosed::get, ends::add);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private static Peer peer(String id) {
        return new Peer(id, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void eachLookupReadsFromTheFirstResultOn() throws Exception {
        search.add(A);
        try (Lookup early = search.newLookup(10).orElseThrow()) {
            search.add(B);
            search.add(A);
            search.end();
            try (Lookup late = search.newLookup(10).orElseThrow()) {
                for (Lookup lookup : List.of(early, late)) {
                    assertThat(lookup.next(Duration.ZERO)).isEqualTo(new Lookup.Found(A));
                    assertThat(lookup.next(Duration.ZERO)).isEqualTo(new Lookup.Found(B));
                    assertThat(lookup.next(Duration.ZERO)).isEqualTo(new Lookup.Ended());
                }
            }
        }
    }

    @Test
    void nothingYetIsTimedOut() throws Exception {
        try (Lookup lookup = search.newLookup(10).orElseThrow()) {
            assertThat(lookup.next(Duration.ZERO)).isEqualTo(new Lookup.TimedOut());
            assertThat(lookup.next(Duration.ofMillis(1))).isEqualTo(new Lookup.TimedOut());
            assertThat(lookup.next(Duration.ofMillis(-1))).isEqualTo(new Lookup.TimedOut());
        }
    }

    @Test
    void aResultWakesAllWhoWait() throws Exception {
        try (Lookup first = search.newLookup(1).orElseThrow();
                Lookup second = search.newLookup(1).orElseThrow()) {
            Future<Lookup.Next> one = threads.submit(() -> first.next(LONG));
            Future<Lookup.Next> two = threads.submit(() -> second.next(LONG));
            search.add(A);
            assertThat(one.get()).isEqualTo(new Lookup.Found(A));
            assertThat(two.get()).isEqualTo(new Lookup.Found(A));
        }
    }

    @Test
    void theEndWakesWhoWaits() throws Exception {
        try (Lookup lookup = search.newLookup(1).orElseThrow()) {
            Future<Lookup.Next> waiting = threads.submit(() -> lookup.next(LONG));
            search.end();
            assertThat(waiting.get()).isEqualTo(new Lookup.Ended());
        }
    }

    @Test
    void closingALookupWakesItsReaderOnly() throws Exception {
        Lookup closed = search.newLookup(1).orElseThrow();
        try (Lookup other = search.newLookup(1).orElseThrow()) {
            Future<Lookup.Next> waiting = threads.submit(() -> closed.next(LONG));
            closed.close();
            assertThat(waiting.get()).isEqualTo(new Lookup.Ended());
            search.add(A);
            assertThat(other.next(Duration.ZERO)).isEqualTo(new Lookup.Found(A));
        }
    }

    @Test
    void anInterruptedReaderLosesNothing() throws Exception {
        search.add(A);
        try (Lookup lookup = search.newLookup(1).orElseThrow()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> lookup.next(LONG)).isInstanceOf(InterruptedException.class);
            assertThat(lookup.next(LONG)).isEqualTo(new Lookup.Found(A));
        }
    }

    @Test
    void aClosedRouterHidesUnreadResults() throws Exception {
        search.add(A);
        routerClosed.set(true);
        try (Lookup lookup = search.newLookup(1).orElseThrow()) {
            assertThat(lookup.next(LONG)).isEqualTo(new Lookup.Ended());
        }
    }

    @Test
    void whatComesAfterTheEndIsIgnored() throws Exception {
        search.end();
        search.add(A);
        assertThat(search.size()).isZero();
        try (Lookup lookup = search.newLookup(1).orElseThrow()) {
            assertThat(lookup.next(LONG)).isEqualTo(new Lookup.Ended());
        }
    }

    @Test
    void tellsOfItsEndOnce() {
        search.end();
        search.end();
        assertThat(search.endIfSatisfied()).isTrue();
        assertThat(ends).containsExactly(search);
    }

    @Test
    void isSatisfiedOnceItHasWhatTheLookupWantsThatWantsMost() throws Exception {
        try (Lookup one = search.newLookup(1).orElseThrow();
                Lookup two = search.newLookup(2).orElseThrow()) {
            assertThat(search.endIfSatisfied()).isFalse();
            search.add(A);
            assertThat(search.endIfSatisfied()).isFalse();
            search.add(B);
            assertThat(search.endIfSatisfied()).isTrue();
            assertThat(ends).containsExactly(search);
            assertThat(one.next(Duration.ZERO)).isEqualTo(new Lookup.Found(A));
            assertThat(one.next(LONG)).isEqualTo(new Lookup.Ended());
            assertThat(two.next(Duration.ZERO)).isEqualTo(new Lookup.Found(A));
            assertThat(two.next(Duration.ZERO)).isEqualTo(new Lookup.Found(B));
        }
    }

    @Test
    void aSearchThatWasStoppedHasNothingForWhoeverWantsMore() throws Exception {
        try (Lookup one = search.newLookup(1).orElseThrow()) {
            search.add(A);
            assertThat(search.endIfSatisfied()).isTrue();
            assertThat(one.next(Duration.ZERO)).isEqualTo(new Lookup.Found(A));
        }
        assertThat(search.newLookup(1)).isPresent();
        assertThat(search.newLookup(2)).isEmpty();
    }

    @Test
    void aSearchThatEndedByItselfServesWhoeverWantsMore() throws Exception {
        search.add(A);
        search.end();
        try (Lookup many = search.newLookup(10).orElseThrow()) {
            assertThat(many.next(Duration.ZERO)).isEqualTo(new Lookup.Found(A));
            assertThat(many.next(Duration.ZERO)).isEqualTo(new Lookup.Ended());
        }
    }
}
