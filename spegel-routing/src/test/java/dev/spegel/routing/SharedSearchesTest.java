package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SharedSearchesTest {
    private static final Key KEY = new Key("key");
    private static final SearchLimits LIMITS =
            new SearchLimits(Duration.ofSeconds(8), Duration.ofSeconds(4), Duration.ofSeconds(2), 3, 2);

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1); // wraps
    private final SharedSearches searches = new SharedSearches(LIMITS, clock::get);
    private final List<SharedSearch> started = new ArrayList<>();

    private static Peer peer(String id) {
        return new Peer(id, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    private Lookup lookup(Key key, int maxPeers) {
        return searches.lookup(key, maxPeers, started::add);
    }

    /** What a lookup that doesn't wait finds, and whether it has ended. */
    private List<String> read(Key key, int maxPeers) throws InterruptedException {
        List<String> seen = new ArrayList<>();
        try (Lookup lookup = lookup(key, maxPeers)) {
            Lookup.Next next = lookup.next(Duration.ZERO);
            while (next instanceof Lookup.Found found) {
                seen.add(found.peer().id());
                next = lookup.next(Duration.ZERO);
            }
            seen.add(next instanceof Lookup.Ended ? "ended" : "running");
            return seen;
        }
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void aRunningSearchIsShared() throws Exception {
        assertThat(read(KEY, 3)).containsExactly("running");
        started.get(0).add(peer("a"));
        assertThat(read(KEY, 5)).containsExactly("a", "running");
        assertThat(started).hasSize(1);
    }

    @Test
    void keysDoNotShare() throws Exception {
        read(KEY, 1);
        read(new Key("other"), 1);
        assertThat(started).hasSize(2);
    }

    @Test
    void aResultLastsAsLongAsItIsGood() throws Exception {
        record Case(int found, Duration lifetime) {}
        for (Case each : List.of(
                new Case(0, LIMITS.missLifetime()),
                new Case(1, LIMITS.fewLifetime()),
                new Case(2, LIMITS.foundLifetime()))) {
            Key key = new Key("found " + each.found());
            read(key, 2);
            SharedSearch search = started.get(started.size() - 1);
            for (int i = 0; i < each.found(); i++) {
                search.add(peer("peer " + i));
            }
            search.end();
            pass(each.lifetime().minusNanos(1));
            assertThat(read(key, 2)).hasSize(each.found() + 1).endsWith("ended");
            pass(Duration.ofNanos(1));
            assertThat(read(key, 2)).containsExactly("running");
            started.get(started.size() - 1).end();
        }
    }

    @Test
    void whoeverWantsMoreThanASearchWasStoppedAtGetsAnother() throws Exception {
        read(KEY, 1);
        started.get(0).add(peer("a"));
        started.get(0).endIfSatisfied();
        assertThat(read(KEY, 1)).containsExactly("a", "ended");
        assertThat(read(KEY, 2)).containsExactly("running");
        assertThat(started).hasSize(2);
        started.get(1).add(peer("b"));
        assertThat(read(KEY, 2)).containsExactly("b", "running");
    }

    @Test
    void tooManySearchesEndAtOnceWithNothing() throws Exception {
        read(new Key("1"), 1);
        read(new Key("2"), 1);
        assertThat(read(new Key("3"), 1)).containsExactly("ended");
        assertThat(started).hasSize(2);
        started.get(0).end();
        assertThat(read(new Key("3"), 1)).containsExactly("running");
    }

    @Test
    void keepsTheResultsLeastRecentlyAskedForTheShortest() throws Exception {
        for (int i = 0; i < 4; i++) {
            read(new Key("key " + i), 1);
            started.get(i).add(peer("a"));
            started.get(i).end();
            read(new Key("key 0"), 1);
        }
        assertThat(searches.cachedKeys()).isEqualTo(3);
        assertThat(read(new Key("key 0"), 1)).containsExactly("a", "ended");
        assertThat(read(new Key("key 1"), 1)).containsExactly("running");
    }

    @Test
    void aSearchThatCannotBeStartedIsForgotten() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> searches.lookup(KEY, 1, search -> {
                    throw new IllegalStateException();
                }));
        pass(LIMITS.missLifetime());
        assertThat(read(KEY, 1)).containsExactly("running");
    }

    @Test
    void closingEndsWhatRunsAndStartsNothingMore() throws Exception {
        try (Lookup running = lookup(KEY, 1)) {
            started.get(0).add(peer("a"));
            searches.close();
            searches.close();
            assertThat(running.next(Duration.ZERO)).isEqualTo(new Lookup.Ended());
        }
        assertThat(read(KEY, 1)).containsExactly("ended");
        assertThat(started).hasSize(1);
        assertThat(searches.cachedKeys()).isZero();
    }

    @Test
    void refusesToLookForNoPeers() {
        assertThatIllegalArgumentException().isThrownBy(() -> lookup(KEY, 0));
    }
}
