package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AddressBookTest {
    private static final long HEARSAY = AddressBook.HEARSAY_LIFE.toNanos();
    private static final Duration LIFE = Duration.ofMinutes(15);

    private final Random random = new Random(4);
    private final Set<PeerId> kept = new HashSet<>();
    private final AddressBook book = new AddressBook(kept::contains);
    private final PeerId peer = Peers.random(random);

    @Test
    void hearsayExpires() {
        book.saidByOthers(peer, Peers.address(1), 0);

        assertThat(book.of(peer, HEARSAY - 1)).isEqualTo(Peers.address(1));
        assertThat(book.of(peer, HEARSAY)).isEmpty();
    }

    @Test
    void whatAPeerSaysItselfGoesBeforeHearsay() {
        book.saidByOthers(peer, Peers.address(1), 0);
        book.saidBySelf(peer, Peers.address(2), LIFE, 0);
        book.saidByOthers(peer, Peers.address(3), 0);

        assertThat(book.of(peer, 0)).isEqualTo(Peers.address(2));
    }

    @Test
    void nothingSaidChangesNothing() {
        book.saidBySelf(peer, Peers.address(2), LIFE, 0);
        book.saidBySelf(peer, List.of(), LIFE, 0);

        assertThat(book.of(peer, 0)).isEqualTo(Peers.address(2));
    }

    @Test
    void aLongLifeIsNotShortenedByAShorterOne() {
        Duration hour = Duration.ofHours(1); // what an announcement brings
        book.saidBySelf(peer, Peers.address(1), hour, 0);
        book.saidBySelf(peer, Peers.address(2), LIFE, 1); // identify, or the end of a connection

        assertThat(book.of(peer, hour.toNanos() - 1)).isEqualTo(Peers.address(2));
        assertThat(book.of(peer, hour.toNanos())).isEmpty();
    }

    @Test
    void addressesOfOtherProtocolsAreKeptAndHandedOn() {
        List<Multiaddr> addresses =
                List.of(Multiaddr.parse("/ip4/10.0.0.7/tcp/5001"), Multiaddr.parse("/ip4/10.0.0.7/tcp/5000/tls/http"));
        book.saidBySelf(peer, addresses, LIFE, 0);

        assertThat(book.of(peer, 0)).isEqualTo(addresses);
    }

    @Test
    void theVersionTellsOfChangesOnly() {
        long before = book.version();
        book.saidBySelf(peer, Peers.address(1), LIFE, 0);
        long known = book.version();
        book.saidBySelf(peer, Peers.address(1), LIFE, 1);

        assertThat(known).isNotEqualTo(before);
        assertThat(book.version()).isEqualTo(known);
        book.saidBySelf(peer, Peers.address(2), LIFE, 2);
        assertThat(book.version()).isNotEqualTo(known);
    }

    @Test
    void ofPeersToKeepNothingExpires() {
        kept.add(peer);
        book.saidByOthers(peer, Peers.address(1), 0);
        book.sweep(10 * HEARSAY);

        assertThat(book.of(peer, 10 * HEARSAY)).isEqualTo(Peers.address(1));
        kept.clear();
        book.sweep(10 * HEARSAY);
        assertThat(book.size()).isZero();
    }

    @Test
    void strangersPushOutOnlyWhatStrangersSaid() {
        PeerId member = Peers.random(random);
        kept.add(member);
        book.saidBySelf(peer, Peers.address(1), LIFE, 0);
        book.saidByOthers(member, Peers.address(2), 0);
        PeerId early = Peers.random(random);
        book.saidByOthers(early, Peers.address(3), 0);
        for (int i = 0; i < 2 * AddressBook.MAX_HEARSAY_PEERS; i++) {
            book.saidByOthers(Peers.random(random), Peers.address(i), 0);
        }

        assertThat(book.size()).isEqualTo(AddressBook.MAX_HEARSAY_PEERS + 1);
        assertThat(book.of(peer, 0)).isEqualTo(Peers.address(1));
        assertThat(book.of(member, 0)).isEqualTo(Peers.address(2));
        assertThat(book.of(early, 0)).isEmpty();
    }

    @Test
    void addressesOfOnePeerAreBounded() {
        List<Multiaddr> many =
                IntStream.range(0, 500).mapToObj(i -> Peers.address(i).get(0)).toList();
        book.saidBySelf(peer, many, LIFE, 0);

        assertThat(book.of(peer, 0)).isEqualTo(many.subList(0, PeerEntry.MAX_ADDRESSES));
    }
}
