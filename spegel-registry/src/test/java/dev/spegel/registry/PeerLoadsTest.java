package dev.spegel.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.spegel.routing.Peer;
import dev.spegel.testkit.ManualClock;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PeerLoadsTest {
    private static final Peer A = peer("a");
    private static final Peer B = peer("b");
    private static final Peer C = peer("c");
    private static final int MIB = 1024 * 1024;

    private final ManualClock clock = new ManualClock();
    private final PeerLoads loads = new PeerLoads(clock, new Random(1)::nextInt);

    private static Peer peer(String id) {
        return new Peer(id, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    private PeerLoads.Use use(Peer peer) {
        return loads.begin(List.of(peer)).orElseThrow();
    }

    /** Moves 8 MiB from this peer at this speed. */
    private void move(Peer peer, int mibPerSecond) {
        try (PeerLoads.Use use = use(peer)) {
            use.moved(8 * MIB, 8_000_000_000L / mibPerSecond);
        }
    }

    /** How often each is chosen while nothing else is in flight. */
    private Map<String, Integer> choices(int count, Peer... candidates) {
        Map<String, Integer> chosen = new HashMap<>();
        for (int i = 0; i < count; i++) {
            try (PeerLoads.Use use = loads.begin(List.of(candidates)).orElseThrow()) {
                chosen.merge(use.peer().id(), 1, Integer::sum);
            }
        }
        return chosen;
    }

    @Test
    void nobodyIsChosenOfNobody() {
        assertThat(loads.begin(List.of())).isEmpty();
    }

    @Test
    void ofTwoTheOneWithFewerRequestsInFlightIsChosen() {
        try (PeerLoads.Use busy = use(A)) {
            assertThat(busy.peer()).isEqualTo(A);
            assertThat(choices(100, A, B)).containsOnlyKeys("b");
        }
    }

    @Test
    void tiesAreDecidedByChance() {
        Map<String, Integer> chosen = choices(3000, A, B, C);
        assertThat(chosen.values()).allSatisfy(count -> assertThat(count).isBetween(900, 1100));
    }

    @Test
    void ofThreeTheBusiestIsNeverChosen() {
        try (PeerLoads.Use a = use(A);
                PeerLoads.Use c = use(C);
                PeerLoads.Use c2 = use(C)) {
            assertThat(List.of(a.peer(), c.peer(), c2.peer())).containsExactly(A, C, C);
            Map<String, Integer> chosen = choices(3000, A, B, C);
            // B wins the two pairs of three that it's in, A the third.
            assertThat(chosen).containsOnlyKeys("a", "b");
            assertThat(chosen.get("b")).isBetween(1900, 2100);
        }
    }

    @Test
    void fasterPeerIsChosenUntilItIsAsMuchBusier() {
        move(A, 100);
        move(B, 300);
        assertThat(choices(100, A, B)).containsOnlyKeys("b");
        try (PeerLoads.Use one = use(B);
                PeerLoads.Use two = use(B);
                PeerLoads.Use three = use(B)) {
            assertThat(List.of(one.peer(), two.peer(), three.peer())).containsOnly(B);
            assertThat(choices(100, A, B))
                    .as("a fourth of 300 is less than 100")
                    .containsOnlyKeys("a");
        }
    }

    @Test
    void peerOfUnknownSpeedIsAsGoodAsAnyOther() {
        move(A, 1);
        assertThat(choices(1000, A, B)).containsOnlyKeys("a", "b");
    }

    @Test
    void streamsThatShareAPeerDoNotMakeItSlow() {
        try (PeerLoads.Use one = use(A);
                PeerLoads.Use two = use(A);
                PeerLoads.Use three = use(A)) {
            for (PeerLoads.Use use : List.of(one, two, three)) {
                use.moved(8 * MIB, 80_000_000); // 100 MiB/s each
            }
        }
        move(B, 200);
        assertThat(choices(100, A, B)).containsOnlyKeys("a");
    }

    @Test
    void peerThatWasSlowGetsItsChanceAgain() {
        move(A, 1000);
        move(B, 10);
        assertThat(choices(100, A, B)).containsOnlyKeys("a");
        clock.advance(Duration.ofNanos(PeerLoads.MEMORY_NANOS));
        assertThat(choices(100, A, B)).containsOnlyKeys("a", "b");
    }

    @Test
    void lastPullCountsMost() {
        move(A, 10);
        move(B, 100);
        clock.advance(Duration.ofNanos(3 * PeerLoads.HALF_LIFE_NANOS)); // an eighth is left of it
        for (int i = 0; i < 10; i++) {
            move(A, 400);
        }
        move(B, 100);
        assertThat(choices(100, A, B)).containsOnlyKeys("a");
    }

    @Test
    void smallBodiesSayNothingOfSpeed() {
        try (PeerLoads.Use use = use(A)) {
            use.moved((int) PeerLoads.MIN_MEASURED_BYTES - 1, 1);
        }
        move(B, 1);
        assertThat(choices(1000, A, B)).containsOnlyKeys("a", "b");
    }

    @Test
    void peerInTroubleIsAvoidedForAWhile() {
        try (PeerLoads.Use use = use(A)) {
            use.troubled();
        }
        assertThat(choices(100, A, B)).containsOnlyKeys("b");
        assertThat(choices(1, A)).as("who is alone is asked").containsOnlyKeys("a");
        clock.advance(Duration.ofNanos(PeerLoads.TROUBLE_NANOS));
        assertThat(choices(100, A, B)).containsOnlyKeys("a", "b");
    }

    @Test
    void closingAUseTwiceCountsOnce() {
        PeerLoads.Use first = use(A);
        try (PeerLoads.Use second = use(A)) {
            assertThat(loads.inFlight(A)).isEqualTo(2);
            first.close();
            first.close();
            assertThat(loads.inFlight(second.peer())).isOne();
        }
        assertThat(loads.inFlight(A)).isZero();
    }

    @Test
    void idlePeerUsedLeastRecentlyIsForgotten() {
        PeerLoads.Use busy = use(A);
        move(B, 1);
        for (int i = 2; i <= PeerLoads.MAX_PEERS; i++) {
            use(peer("other-" + i)).close();
        }
        assertThat(loads.peers()).isEqualTo(PeerLoads.MAX_PEERS);
        assertThat(loads.inFlight(A)).as("in use, so not forgotten").isOne();
        move(C, 1000);
        assertThat(choices(1000, B, C)).as("B's speed is forgotten").containsOnlyKeys("b", "c");
        busy.close();
    }

    private PeerLoad known(String id) {
        return requireNonNull(loads.current().get(id), id);
    }

    @Test
    void tellsWhatIsKnown() {
        move(A, 64);
        use(B).troubled();
        PeerLoads.Use busy = use(C);
        busy.busyFor(Duration.ofSeconds(3));
        busy.close();
        clock.advance(Duration.ofSeconds(1));
        assertThat(loads.current()).containsOnlyKeys("a", "b", "c");
        assertThat(known("a").inFlight()).isZero();
        assertThat(known("a").bytesPerSecond()).hasValueCloseTo(64.0 * MIB, within(1.0));
        assertThat(known("b")).isEqualTo(new PeerLoad(1, OptionalDouble.empty(), true, Optional.empty()));
        assertThat(known("c"))
                .isEqualTo(new PeerLoad(0, OptionalDouble.empty(), false, Optional.of(Duration.ofSeconds(2))));
        clock.advance(Duration.ofMinutes(2));
        assertThat(known("a").bytesPerSecond()).as("long ago").isEmpty();
        assertThat(known("b").avoided()).isFalse();
        assertThat(known("c").busyFor()).isEmpty();
    }

    @Test
    void threadsThatChooseAtOnceSpread() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            PeerLoads shared = new PeerLoads(clock);
            List<Callable<PeerLoads.Use>> choices = Collections.nCopies(
                    300, () -> shared.begin(List.of(A, B, C)).orElseThrow());
            List<PeerLoads.Use> uses = new ArrayList<>();
            for (Future<PeerLoads.Use> choice : threads.invokeAll(choices)) {
                uses.add(choice.get());
            }
            // Two choices keep the fullest within a few of the mean; one choice alone would be off by about 15.
            assertThat(List.of(shared.inFlight(A), shared.inFlight(B), shared.inFlight(C)))
                    .allSatisfy(count -> assertThat(count).isBetween(88, 112));
            uses.forEach(PeerLoads.Use::close);
            assertThat(shared.inFlight(A) + shared.inFlight(B) + shared.inFlight(C))
                    .isZero();
        } finally {
            threads.shutdownNow();
        }
    }
}
