package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.ProvidePlan.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The plan against a network whose lookups are perfect and take a tenth of a second, as does a batch. */
class ProvidePlanTest {
    private static final int REPLICATION = 20;
    private static final ProviderConfig CONFIG = SimulatedNetworkTest.CONFIG.providers();
    private static final long TENTH = Duration.ofMillis(100).toNanos();

    private record Event(long atNanos, Runnable action) {}

    private static final class Network {
        final Random random;
        final PeerId self;
        final ProvidePlan plan;
        final Map<PeerId, Contact> peers = new HashMap<>();
        final Set<PeerId> unreachable = new HashSet<>();
        final Map<PeerId, Map<KadKey, Long>> records = new HashMap<>();
        final PriorityQueue<Event> events = new PriorityQueue<>((a, b) -> Long.compare(a.atNanos(), b.atNanos()));
        final Set<PeerId> busy = new HashSet<>();
        final List<KadKey> told = new ArrayList<>();
        final List<KadKey> toldFailed = new ArrayList<>();
        long now;
        int lookups;
        int batches;
        long announcements;
        long longestGap;

        Network(long seed, int size) {
            random = new Random(seed);
            self = Peers.random(random);
            plan = new ProvidePlan(self, REPLICATION, CONFIG, random, now);
            grow(size);
            plan.online(now);
        }

        void grow(int count) {
            for (int i = 0; i < count; i++) {
                PeerId peer = Peers.random(random);
                peers.put(peer, Contact.of(peer));
            }
        }

        List<KadKey> provide(int count) {
            List<KadKey> keys =
                    Stream.generate(() -> Peers.randomKey(random)).limit(count).toList();
            plan.provide(keys, now);
            return keys;
        }

        List<Contact> nearest(Position target) {
            return peers.values().stream()
                    .sorted(Contact.nearestTo(target))
                    .limit(REPLICATION)
                    .toList();
        }

        void run(Duration time) {
            long end = now + time.toNanos();
            while (true) {
                plan.next(now).forEach(this::carryOut);
                for (int turns = 0; plan.wakeNanos(now) <= now; turns++) {
                    assertThat(turns * ProvidePlan.MAX_SHARED_KEYS)
                            .as("doesn't spin")
                            .isLessThanOrEqualTo(plan.size());
                    plan.next(now).forEach(this::carryOut);
                }
                long wake = plan.wakeNanos(now);
                long next =
                        events.isEmpty() ? wake : Math.min(wake, events.peek().atNanos());
                if (next > end) {
                    now = end;
                    return;
                }
                now = next;
                while (!events.isEmpty() && events.peek().atNanos() <= now) {
                    events.remove().action().run();
                }
            }
        }

        private void carryOut(Step step) {
            if (step instanceof Step.Outcome outcome) {
                (outcome.sent() ? told : toldFailed).addAll(outcome.keys());
            } else if (step instanceof Step.LookUp lookUp) {
                lookups++;
                List<Contact> found = nearest(lookUp.target().position());
                events.add(new Event(now + TENTH, () -> plan.lookedUp(lookUp.id(), found, now)));
            } else if (step instanceof Step.Send send) {
                batches++;
                announcements += send.keys().size();
                assertThat(send.keys()).hasSizeBetween(1, Batches.MAX_KEYS).doesNotHaveDuplicates();
                assertThat(busy.add(send.peer())).as("one batch a peer").isTrue();
                assertThat(busy).hasSizeLessThanOrEqualTo(Batches.MAX_IN_FLIGHT);
                events.add(new Event(now + TENTH, () -> {
                    busy.remove(send.peer());
                    if (unreachable.contains(send.peer())) {
                        plan.failed(send.id(), now);
                    } else {
                        Map<KadKey, Long> held = records.computeIfAbsent(send.peer(), p -> new HashMap<>());
                        send.keys().forEach(key -> {
                            Long before = held.put(key, now);
                            longestGap = Math.max(longestGap, before == null ? 0 : now - before);
                        });
                        plan.sent(send.id(), now);
                    }
                }));
            }
        }

        /** How many of the peers nearest to the key that can be reached hold a valid record of it. */
        int holders(KadKey key) {
            return (int) peers.values().stream()
                    .filter(peer -> !unreachable.contains(peer.id()))
                    .sorted(Contact.nearestTo(key.position()))
                    .limit(REPLICATION)
                    .filter(peer -> {
                        Long stored = records.getOrDefault(peer.id(), Map.of()).get(key);
                        return stored != null
                                && now - stored < CONFIG.validity().toNanos();
                    })
                    .count();
        }

        void assertAllHeld(Collection<KadKey> keys) {
            for (KadKey key : keys) {
                assertThat(holders(key)).isEqualTo(Math.min(REPLICATION, peers.size() - unreachable.size()));
            }
        }
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void keysAreHeldByTheNearestAtOnceAndForEver(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 300) int size,
            @ForAll @IntRange(min = 1, max = 300) int count) {
        Network network = new Network(seed, size);
        List<KadKey> keys = new ArrayList<>(network.provide(count));

        network.run(Duration.ofSeconds(20));
        network.assertAllHeld(keys);
        network.run(Duration.ofMinutes(7));
        keys.addAll(network.provide(10));
        for (int i = 0; i < 8; i++) {
            network.run(Duration.ofMinutes(5).plusSeconds(7));
            network.assertAllHeld(keys);
        }
        assertThat(Duration.ofNanos(network.longestGap))
                .as("from one announcement to the next")
                .isLessThanOrEqualTo(CONFIG.interval().plus(CONFIG.maxDelay()));
    }

    @Test
    void whatWasSentAMomentAgoIsNotTakenAlongWithOthers() {
        Network network = new Network(5, 12);
        Duration all = Duration.ofSeconds(50);
        assertThat(all).isLessThan(ProvidePlan.early(CONFIG));
        for (int i = 0; i < 50; i++) {
            network.provide(100);
            network.run(all.dividedBy(50));
        }
        assertThat(network.announcements).isEqualTo(12 * 5000);
    }

    @Test
    void keysStayHeldWhenTheNetworkGrowsAndShrinks() {
        Network network = new Network(8, 15);
        List<KadKey> keys = network.provide(200);
        network.run(Duration.ofMinutes(20));

        network.grow(185);
        network.run(Duration.ofMinutes(20));
        network.assertAllHeld(keys);
        List.copyOf(network.peers.keySet()).subList(0, 170).forEach(network.peers::remove);
        network.run(Duration.ofMinutes(20));

        network.assertAllHeld(keys);
    }

    @Test
    void aRegionIsExploredOnceForAllItsKeys() {
        Network network = new Network(9, 1000);
        List<KadKey> keys = network.provide(5000);

        network.run(Duration.ofMinutes(1));

        network.assertAllHeld(keys);
        // A key whose time is just far enough off may be taken along by a neighbour a moment later.
        assertThat(network.announcements).isBetween(100_000L, 101_000L);
        assertThat(network.lookups).isLessThan(200);
    }

    @Test
    void fewKeysAreLookedUpOneByOne() {
        Network network = new Network(10, 1000);
        List<KadKey> keys = network.provide(2);

        network.run(Duration.ofSeconds(5));

        network.assertAllHeld(keys);
        assertThat(network.lookups).isEqualTo(2);
        assertThat(network.batches).isBetween(20, 40);
    }

    @Test
    void aKeyIsGivenToTheNextNearestWhenAPeerFails() {
        Network network = new Network(11, 200);
        network.peers.keySet().stream()
                .filter(peer -> network.random.nextInt(10) == 0)
                .forEach(network.unreachable::add);
        List<KadKey> keys = network.provide(200);

        network.run(Duration.ofSeconds(20));

        double held = keys.stream().mapToInt(network::holders).average().orElseThrow();
        assertThat(held).isGreaterThan(19);
    }

    @Test
    void whatNobodyTookIsTriedAgain() {
        Network network = new Network(12, 30);
        network.unreachable.addAll(network.peers.keySet());
        List<KadKey> keys = network.provide(5);
        network.run(Duration.ofSeconds(20));
        assertThat(keys).allMatch(key -> network.records.isEmpty());

        network.unreachable.clear();
        network.run(ProvidePlan.RETRY_AFTER);

        network.assertAllHeld(keys);
    }

    @Test
    void aNearerPeerThatJoinsGetsItsKeysWithoutWaiting() {
        Network network = new Network(13, 100);
        List<KadKey> keys = network.provide(200);
        network.run(Duration.ofSeconds(20));
        long before = network.announcements;
        PeerId late = Peers.random(network.random);
        network.peers.put(late, Contact.of(late));
        network.plan.peerJoined(late, network.now);

        network.run(Duration.ofSeconds(1));

        network.assertAllHeld(keys);
        assertThat(network.announcements - before).isBetween(10L, 100L);
    }

    @Test
    void eachKeyIsToldOnceWhenItIsAnnounced() {
        Network network = new Network(21, 60);
        List<KadKey> keys = network.provide(2000);
        network.plan.next(network.now).forEach(network::carryOut);
        assertThat(network.told).isEmpty();
        network.run(Duration.ofSeconds(20));
        assertThat(network.told).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(network.toldFailed).isEmpty();
        assertThat(network.announcements).isEqualTo(2000 * REPLICATION);

        long before = network.announcements;
        network.plan.provide(keys, network.now);
        network.run(Duration.ofMillis(1));
        assertThat(network.told).hasSize(4000);
        assertThat(network.announcements).isEqualTo(before);
    }

    @Test
    void aKeyIsToldWithoutWaitingForTheRenewalsThatGoAlong() {
        Network network = new Network(22, 30);
        network.provide(500);
        network.run(CONFIG.interval().minus(Duration.ofSeconds(10)));
        network.told.clear();
        KadKey late = network.provide(1).get(0);
        network.run(Duration.ofSeconds(2));
        assertThat(network.told).contains(late);
    }

    @Test
    void keysAreToldToHaveFailedWhileThereIsNobody() {
        Network network = new Network(23, 30);
        network.plan.offline();
        List<KadKey> keys = network.provide(3);
        network.run(Duration.ofMillis(1));
        assertThat(network.toldFailed).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(network.told).isEmpty();

        network.plan.online(network.now);
        network.run(Duration.ofSeconds(2));
        assertThat(network.told).containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void keysUnderWayAreToldToHaveFailedWhenTheLastPeerIsLost() {
        Network network = new Network(24, 30);
        List<KadKey> keys = network.provide(3);
        network.plan.next(network.now).forEach(network::carryOut);
        network.plan.offline();
        network.run(Duration.ofSeconds(2));
        assertThat(network.toldFailed).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(network.told).isEmpty();
    }

    @Test
    void keysThatNobodyTakesAreToldToHaveFailedAndTriedAgain() {
        Network network = new Network(25, 10);
        network.unreachable.addAll(network.peers.keySet());
        List<KadKey> keys = network.provide(3);
        network.run(Duration.ofSeconds(2));
        assertThat(network.toldFailed).containsExactlyInAnyOrderElementsOf(keys);

        network.unreachable.clear();
        network.run(ProvidePlan.RETRY_AFTER);
        assertThat(network.told).containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void manyKeysAreSharedOutInSeveralTurns() {
        Network network = new Network(26, 15);
        network.provide(3 * ProvidePlan.MAX_SHARED_KEYS);
        network.run(Duration.ofMillis(99));
        network.now += Duration.ofMillis(1).toNanos();
        network.events.remove().action().run();

        for (int turn = 1; turn <= 3; turn++) {
            network.plan.next(network.now).forEach(network::carryOut);
            boolean more = network.plan.wakeNanos(network.now) <= network.now;
            assertThat(more).as("turn %d", turn).isEqualTo(turn < 3);
        }
    }

    @Test
    void manyKeysGoOutAtASteadyPace() {
        Network network = new Network(27, 49);
        List<KadKey> keys = network.provide(10_000);
        network.run(Duration.ofMillis(200)); // The first look-up is over, and the first batches are out.
        long atMost = Pace.BURST_RECORDS + Batches.MAX_KEYS;
        long start = network.now;
        while (network.told.size() < keys.size()) {
            network.run(Duration.ofMillis(10));
            long nanos = network.now - start + Duration.ofMillis(100).toNanos();
            assertThat(network.announcements)
                    .isLessThanOrEqualTo(atMost + nanos * Pace.RECORDS_PER_SECOND / 1_000_000_000L);
            assertThat(network.now)
                    .as("gets done")
                    .isLessThan(Duration.ofSeconds(10).toNanos());
        }
        network.assertAllHeld(keys);
    }

    @Test
    void renewalsAreSpread() {
        Network network = new Network(14, 50);
        network.provide(3000);
        network.run(CONFIG.interval().plus(Duration.ofMinutes(1)));

        long most = 0;
        for (int minute = 0; minute < 15; minute++) {
            long before = network.announcements;
            network.run(Duration.ofMinutes(1));
            most = Math.max(most, network.announcements - before);
        }
        // 60,000 announcements in 15 minutes.
        assertThat(most).isLessThan(12_000);
    }

    @Test
    void whatIsWithdrawnIsNotSent() {
        Network network = new Network(15, 50);
        List<KadKey> keys = network.provide(3000);
        network.run(Duration.ofMillis(500));
        network.plan.withdraw(keys);
        long before = network.announcements;

        network.run(Duration.ofHours(1));

        assertThat(network.announcements).isEqualTo(before);
    }

    @Test
    void offlineNothingIsSentAndOnlineEverything() {
        Network network = new Network(16, 50);
        List<KadKey> keys = network.provide(20);
        network.plan.offline();
        network.run(Duration.ofHours(1));
        assertThat(network.batches).isZero();

        network.plan.online(network.now);
        network.run(Duration.ofSeconds(5));
        network.assertAllHeld(keys);
    }

    @Test
    void timesOfKeysFollowTheirDistance() {
        // go-libp2p-kad-dht, provider/provider_test.go: interval 16 s, of a node at 000… and of one at 111….
        assertThat(offset("0000", "8000")).isEqualTo(8);
        assertThat(offset("0000", "a000")).isEqualTo(10);
        assertThat(offset("0000", "f000")).isEqualTo(15);
        assertThat(offset("f000", "0000")).isEqualTo(15);
        assertThat(offset("f000", "7000")).isEqualTo(8);
        assertThat(offset("f000", "5000")).isEqualTo(10);
        assertThat(offset("f000", "f000")).isZero();
    }

    private static long offset(String self, String key) {
        Position own = Position.ofHash(HexFormat.of().parseHex(self + "0".repeat(60)));
        Position other = Position.ofHash(HexFormat.of().parseHex(key + "0".repeat(60)));
        return OwnKeys.offset(own, other, Duration.ofSeconds(16)).toSeconds();
    }
}
