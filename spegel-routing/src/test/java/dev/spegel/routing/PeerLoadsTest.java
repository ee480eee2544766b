package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PeerLoadsTest {
    private static final Peer A = peer("a");
    private static final Peer B = peer("b");
    private static final Peer C = peer("c");

    private final PeerLoads loads = new PeerLoads();

    private static Peer peer(String id) {
        return new Peer(id, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    @Test
    void nobodyIsLeastUsedOfNobody() {
        assertThat(loads.leastUsed(List.of())).isEmpty();
        assertThat(loads.beginLeastUsed(List.of())).isEmpty();
    }

    @Test
    void leastUsedIsThePeerWithTheFewestOpenUses() {
        try (PeerLoads.Use a1 = loads.begin(A);
                PeerLoads.Use a2 = loads.begin(A);
                PeerLoads.Use b = loads.begin(B)) {
            assertThat(loads.leastUsed(List.of(A, B))).contains(B);
            assertThat(loads.leastUsed(List.of(A, B, C))).contains(C);
            assertThat(List.of(a1.peer(), a2.peer(), b.peer())).containsExactly(A, A, B);
        }
    }

    @Test
    void tiesAreDecidedByChance() {
        List<Integer> bounds = new ArrayList<>();
        PeerLoads last = new PeerLoads(bound -> {
            bounds.add(bound);
            return bound - 1;
        });
        try (PeerLoads.Use use = last.begin(B)) {
            assertThat(use.peer()).isEqualTo(B);
            assertThat(last.leastUsed(List.of(A, B, C))).contains(C);
        }
        assertThat(bounds).containsExactly(2);
    }

    @Test
    void everyPeerOfATieIsChosenSoonerOrLater() {
        Set<Peer> chosen = new HashSet<>();
        for (int i = 0; i < 1000; i++) { // all miss one of three with a chance of 3 * (2/3)^1000
            loads.leastUsed(List.of(A, B, C)).ifPresent(chosen::add);
        }
        assertThat(chosen).containsExactlyInAnyOrder(A, B, C);
    }

    @Test
    void aPeerWithoutOpenUsesTakesNoMemory() {
        PeerLoads.Use first = loads.begin(A);
        PeerLoads.Use second = loads.begin(A);
        assertThat(loads.inFlight(A)).isEqualTo(2);
        first.close();
        assertThat(loads.peersInUse()).isOne();
        second.close();
        assertThat(loads.inFlight(A)).isZero();
        assertThat(loads.peersInUse()).isZero();
    }

    @Test
    void closingAUseTwiceCountsOnce() {
        PeerLoads.Use first = loads.begin(A);
        try (PeerLoads.Use second = loads.begin(A)) {
            first.close();
            first.close();
            assertThat(loads.inFlight(second.peer())).isOne();
        }
    }

    @Test
    void threadsThatChooseAtOnceSpreadEvenly() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Callable<PeerLoads.Use>> choices = Collections.nCopies(
                    300, () -> loads.beginLeastUsed(List.of(A, B, C)).orElseThrow());
            List<PeerLoads.Use> uses = new ArrayList<>();
            for (Future<PeerLoads.Use> choice : threads.invokeAll(choices)) {
                uses.add(choice.get());
            }
            assertThat(List.of(loads.inFlight(A), loads.inFlight(B), loads.inFlight(C)))
                    .containsOnly(100);
            uses.forEach(PeerLoads.Use::close);
            assertThat(loads.peersInUse()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }
}
