package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RoutingTableTest {
    private final Random random = new Random(3);
    private final PeerId self = Peers.random(random);
    private final RoutingTable table = new RoutingTable(self, 20);

    private int shared(PeerId peer) {
        return Contact.of(self).position().commonPrefixLength(Contact.of(peer).position());
    }

    private PeerId sharing(int bits) {
        return Stream.generate(() -> Peers.random(random))
                .filter(peer -> shared(peer) == bits)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void isNeverAMemberItself() {
        assertThat(table.hasRoomFor(self)).isFalse();
        assertThat(table.add(self, false, 0)).isFalse();
    }

    @Test
    void aMemberIsAddedOnce() {
        PeerId peer = Peers.random(random);

        assertThat(table.add(peer, false, 0)).isTrue();
        assertThat(table.add(peer, false, 0)).isFalse();
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void theLastBucketHoldsAllUntilItIsFull() {
        for (int i = 0; i < 20; i++) {
            assertThat(table.add(sharing(0), false, 0)).isTrue();
        }

        assertThat(table.hasRoomFor(sharing(0))).isFalse();
        assertThat(table.hasRoomFor(sharing(1))).isTrue();
        assertThat(table.add(sharing(0), false, 0)).isFalse();
        assertThat(table.add(sharing(3), false, 0)).isTrue();
        assertThat(table.countSharing(0)).isEqualTo(20);
        assertThat(table.countSharing(3)).isEqualTo(1);
        assertThat(table.longestSharedPrefix()).isEqualTo(3);
    }

    @Test
    void anOldMemberStaysUnlessItMayBeReplaced() {
        PeerId replaceable = sharing(0);
        table.add(replaceable, true, 5);
        for (int i = 0; i < 19; i++) {
            table.add(sharing(0), false, 0);
        }
        PeerId late = sharing(0);

        assertThat(table.add(late, false, 9)).isTrue();
        assertThat(table.contains(replaceable)).isFalse();
        assertThat(table.contains(late)).isTrue();
        assertThat(table.add(sharing(0), false, 9)).isFalse();
        assertThat(table.size()).isEqualTo(20);
    }

    @Test
    void nobodyMakesRoomOnceAllArePermanent() {
        for (int i = 0; i < 20; i++) {
            table.add(sharing(0), true, 0);
        }
        table.makeAllPermanent();

        assertThat(table.add(sharing(0), true, 0)).isFalse();
    }

    @Test
    void removalMakesRoom() {
        List<PeerId> members = Stream.generate(() -> sharing(0)).limit(20).toList();
        members.forEach(peer -> table.add(peer, false, 0));

        assertThat(table.remove(members.get(7))).isTrue();
        assertThat(table.remove(members.get(7))).isFalse();
        assertThat(table.add(sharing(0), false, 0)).isTrue();
    }

    @Test
    void silentMembersAreThoseThatHaveNotAnswered() {
        PeerId silent = Peers.random(random);
        PeerId answering = Peers.random(random);
        long start = Long.MAX_VALUE - 5; // the clock may wrap
        table.add(silent, false, start);
        table.add(answering, false, start);
        table.answered(answering, start + 10);

        assertThat(table.silentFor(Duration.ofNanos(11), start + 11)).containsExactly(silent);
    }

    @Property(tries = 50)
    void holdsItsRulesAndFindsTheNearest(@ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int peers) {
        Random chance = new Random(seed);
        PeerId owner = Peers.random(chance);
        RoutingTable filled = new RoutingTable(owner, 8);
        for (int i = 0; i < peers; i++) {
            PeerId peer = Peers.random(chance);
            boolean room = filled.hasRoomFor(peer);
            assertThat(filled.add(peer, chance.nextInt(4) == 0, i)).isEqualTo(room);
            if (chance.nextInt(5) == 0) {
                filled.remove(filled.members().iterator().next());
            }
        }
        Collection<PeerId> members = filled.members();
        Position own = Contact.of(owner).position();
        Map<Integer, Integer> sizes = new HashMap<>();
        members.forEach(
                peer -> sizes.merge(own.commonPrefixLength(Contact.of(peer).position()), 1, Integer::sum));
        sizes.forEach((prefix, size) -> {
            assertThat(size).isLessThanOrEqualTo(8);
            assertThat(filled.countSharing(prefix)).isEqualTo(size);
        });
        for (int i = 0; i < 20; i++) {
            Position target = i == 0 ? own : Peers.randomKey(chance).position();
            List<PeerId> nearest = members.stream()
                    .sorted(Comparator.comparing(
                            peer -> target.xor(Contact.of(peer).position())))
                    .limit(10)
                    .toList();
            assertThat(filled.nearest(target, 10)).isEqualTo(nearest);
        }
    }
}
