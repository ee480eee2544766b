package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LookupTest {
    private static final LookupConfig CONFIG = LookupConfig.DEFAULTS;

    private final Random random = new Random(11);
    private final PeerId self = Peers.random(random);
    private final Position target = Peers.randomKey(random).position();
    /** Nearest first. */
    private final List<PeerId> peers = Stream.generate(() -> Contact.of(Peers.random(random)))
            .limit(60)
            .sorted(Contact.nearestTo(target))
            .map(Contact::id)
            .toList();

    private Lookup lookup(List<PeerId> seeds, boolean followUp) {
        return new Lookup(target, self, seeds, 20, followUp, CONFIG, 0);
    }

    @Test
    void withoutSeedsItEndsAtOnce() {
        Lookup lookup = lookup(List.of(), true);

        assertThat(lookup.next(0)).isEmpty();
        assertThat(lookup.isDone()).isTrue();
        assertThat(lookup.hasConverged()).isFalse();
    }

    @Test
    void asksTheNearestAlphaAtATime() {
        Lookup lookup = lookup(peers.subList(20, 40), true);

        assertThat(lookup.next(0)).isEqualTo(peers.subList(20, 30));
        assertThat(lookup.next(0)).isEmpty();
        lookup.answered(peers.get(25), List.of(peers.get(3)));
        assertThat(lookup.next(0)).containsExactly(peers.get(3));
    }

    @Test
    void endsOnceTheNearestHaveAnsweredAndTheRestWasAsked() {
        Lookup lookup = lookup(peers.subList(0, 25), true);
        lookup.next(0);
        peers.subList(0, 3).forEach(peer -> lookup.answered(peer, List.of()));

        assertThat(lookup.next(0)).isEqualTo(peers.subList(10, 20));
        peers.subList(3, 19).forEach(peer -> lookup.answered(peer, List.of()));
        assertThat(lookup.next(0)).isEmpty();
        assertThat(lookup.isDone()).isFalse();
        lookup.failed(peers.get(19));
        assertThat(lookup.next(0)).containsExactly(peers.get(20));
        lookup.answered(peers.get(20), List.of());
        assertThat(lookup.next(0)).isEmpty();
        assertThat(lookup.isDone()).isTrue();
        assertThat(lookup.hasConverged()).isTrue();
        assertThat(lookup.closest().stream().map(Contact::id).toList())
                .startsWith(peers.get(0))
                .hasSize(20)
                .doesNotContain(peers.get(19));
    }

    @Test
    void withoutFollowUpItEndsOnceTheNearestHaveAnswered() {
        Lookup lookup = lookup(peers.subList(0, 25), false);
        lookup.next(0);
        peers.subList(0, 3).forEach(peer -> lookup.answered(peer, List.of()));

        assertThat(lookup.next(0)).isEmpty();
        assertThat(lookup.isDone()).isTrue();
        assertThat(lookup.asked()).isEqualTo(10);
    }

    @Nested
    class SlowPeers {
        private final long slow = CONFIG.slowAfter().toNanos();

        @Test
        void giveUpTheirPlace() {
            Lookup lookup = lookup(peers.subList(0, 25), true);
            lookup.next(0);

            assertThat(lookup.wakeNanos()).isEqualTo(slow);
            assertThat(lookup.next(slow - 1)).isEmpty();
            assertThat(lookup.next(slow)).isEqualTo(peers.subList(10, 20));
        }

        @Test
        void delayNoEnd() {
            Lookup lookup = lookup(peers.subList(0, 4), true);
            lookup.next(0);
            peers.subList(1, 4).forEach(peer -> lookup.answered(peer, List.of()));
            lookup.next(0);

            assertThat(lookup.isDone()).isFalse();
            assertThat(lookup.next(slow)).isEmpty();
            assertThat(lookup.isDone()).isTrue();
        }

        @Test
        void areWaitedForWhileNobodyElseHasAnswered() {
            Lookup lookup = lookup(peers.subList(0, 2), true);
            lookup.next(0);

            assertThat(lookup.next(2 * slow)).isEmpty();
            assertThat(lookup.isDone()).isFalse();
            lookup.answered(peers.get(1), List.of(peers.get(0)));
            lookup.next(2 * slow);
            assertThat(lookup.isDone()).isTrue();
            assertThat(lookup.hasConverged()).isTrue();
        }

        @Test
        void areOutAtTheRequestLimit() {
            Lookup lookup = lookup(peers.subList(0, 2), true);
            lookup.next(0);

            lookup.next(CONFIG.requestLimit().toNanos());
            assertThat(lookup.isDone()).isTrue();
            assertThat(lookup.closest()).isEmpty();
            assertThat(lookup.hasConverged()).isFalse();
        }
    }

    @Test
    void aPeerThatInventsNearerOnesForEverIsCutOff() {
        Lookup lookup = lookup(peers, true);
        List<PeerId> asked = new ArrayList<>(lookup.next(0));
        for (int i = 0; i < asked.size(); i++) {
            List<PeerId> invented = new ArrayList<>();
            for (int j = 0; j < 100; j++) {
                invented.add(Peers.random(random));
            }
            lookup.answered(asked.get(i), invented);
            asked.addAll(lookup.next(0));
        }

        assertThat(lookup.isDone()).isTrue();
        assertThat(asked).hasSizeLessThanOrEqualTo(Lookup.MAX_ASKED).doesNotHaveDuplicates();
    }

    @Test
    void ofOneAnswerFortyPeersAreUsed() {
        Lookup lookup = lookup(List.of(peers.get(59)), true);
        lookup.next(0);
        lookup.answered(peers.get(59), peers);

        assertThat(lookup.closest()).hasSize(20);
        int heard = 0;
        for (List<PeerId> next = lookup.next(0); !next.isEmpty(); next = lookup.next(0)) {
            heard += next.size();
            next.forEach(lookup::failed);
        }
        assertThat(heard).isEqualTo(40);
    }

    @Test
    void endsAtItsLimit() {
        Lookup lookup = lookup(peers, true);
        lookup.next(0);

        lookup.next(CONFIG.limit().toNanos());
        assertThat(lookup.isDone()).isTrue();
    }

    @Test
    void answersOfStrangersAreIgnored() {
        Lookup lookup = lookup(peers.subList(20, 22), true);
        lookup.next(0);
        lookup.answered(peers.get(30), List.of(peers.get(0)));

        assertThat(lookup.closest()).hasSize(2);
    }

    /**
     * Peers that know random others, whatever the shape of the network: some never answer, some fail, answers come in any order.
     */
    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void alwaysEndsAndAsksNobodyTwice(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 300) int size,
            @ForAll @DoubleRange(max = 0.9) double bad,
            @ForAll boolean followUp) {
        Random chance = new Random(seed);
        PeerId me = Peers.random(chance);
        List<PeerId> all = new ArrayList<>(List.of(me));
        for (int i = 0; i < size; i++) {
            all.add(Peers.random(chance));
        }
        Map<PeerId, List<PeerId>> known = new HashMap<>();
        all.forEach(peer -> known.put(
                peer,
                chance.ints(chance.nextInt(50), 0, all.size())
                        .mapToObj(all::get)
                        .toList()));
        Lookup lookup = new Lookup(
                Peers.randomKey(chance).position(), me, all.subList(0, Math.min(10, size)), 20, followUp, CONFIG, 0);
        Set<PeerId> asked = new HashSet<>();
        List<PeerId> waiting = new ArrayList<>();
        long now = 0;
        while (!lookup.isDone()) {
            for (PeerId peer : lookup.next(now)) {
                assertThat(asked.add(peer)).as("asked for the first time").isTrue();
                assertThat(peer).isNotEqualTo(me);
                waiting.add(peer);
            }
            if (waiting.isEmpty() || chance.nextInt(4) == 0) {
                assertThat(lookup.isDone() || lookup.wakeNanos() > now).isTrue();
                now = lookup.isDone() ? now : lookup.wakeNanos();
            } else {
                PeerId peer = waiting.remove(chance.nextInt(waiting.size()));
                if (chance.nextDouble() >= bad) {
                    lookup.answered(peer, known.getOrDefault(peer, List.of()));
                } else if (chance.nextBoolean()) {
                    lookup.failed(peer);
                }
            }
            now += Duration.ofMillis(10).toNanos();
        }
        assertThat(now).isLessThanOrEqualTo(CONFIG.limit().plusSeconds(1).toNanos());
        assertThat(lookup.next(now)).isEmpty();
    }
}
