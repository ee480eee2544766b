package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.PeerEntry.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class KadNodeTest {
    private final Random random = new Random(6);
    private final PeerId self = Peers.random(random);
    private final KadNode node = new KadNode(self, SimulatedNetworkTest.CONFIG, random, 0);
    private final PeerId peer = Peers.random(random);
    private final KadKey key = Peers.randomKey(random);

    KadNodeTest() {
        node.listensOn(Peers.address(1), 0);
    }

    private List<KadAction.Ask> asks(long nowNanos) {
        return node.next(nowNanos).stream()
                .filter(KadAction.Ask.class::isInstance)
                .map(KadAction.Ask.class::cast)
                .toList();
    }

    private KadMessage answerTo(KadAction.Ask ask, PeerEntry... closer) {
        return new KadMessage(ask.message().type(), KadKey.NONE, List.of(closer), List.of(), 1);
    }

    /** Lets a peer into the table. Whatever the node asks thereupon remains unanswered. */
    private void admit(PeerId admitted, int number) {
        node.identified(admitted, Peers.address(number), true, 0);
        KadAction.Ask check = asks(0).stream()
                .filter(ask -> ask.message().key().names(admitted))
                .findFirst()
                .orElseThrow();
        node.answered(check.requestId(), answerTo(check), 0);
        assertThat(node.peers()).contains(admitted);
    }

    private PeerEntry entry(PeerId id, int number, Connection connection) {
        return new PeerEntry(id, Peers.address(number), connection);
    }

    @Nested
    class Admission {
        @Test
        void aPeerThatIsMetIsAskedForItselfAndComesIn() {
            node.identified(peer, Peers.address(2), true, 0);

            List<KadAction.Ask> asks = asks(0);
            assertThat(asks).singleElement().satisfies(ask -> {
                assertThat(ask.peer()).isEqualTo(peer);
                assertThat(ask.addresses()).isEqualTo(Peers.address(2));
                assertThat(ask.message()).isEqualTo(KadMessage.findNode(KadKey.of(peer)));
            });
            assertThat(node.peers()).isEmpty();
            node.answered(asks.get(0).requestId(), answerTo(asks.get(0)), 0);
            assertThat(node.peers()).containsExactly(peer);
        }

        @Test
        void aPeerThatDoesNotServeTheDhtStaysOutAndIsPutOut() {
            node.identified(peer, Peers.address(2), false, 0);
            assertThat(asks(0)).isEmpty();
            admit(peer, 2);

            node.identified(peer, Peers.address(2), false, 0);
            assertThat(node.peers()).isEmpty();
        }

        @Test
        void aPeerThatFailsOrAnswersWithAnotherTypeStaysOut() {
            PeerId other = Peers.random(random);
            node.identified(peer, Peers.address(2), true, 0);
            node.identified(other, Peers.address(3), true, 0);
            List<KadAction.Ask> asks = asks(0);

            node.failed(asks.get(0).requestId(), 0);
            node.answered(asks.get(1).requestId(), KadMessage.ping(), 0);
            assertThat(node.peers()).isEmpty();
        }

        @Test
        void aRequestThatIsNeverReportedOnFailsAtItsLimit() {
            node.identified(peer, Peers.address(2), true, 0);
            KadAction.Ask ask = asks(0).get(0);
            long limit = LookupConfig.DEFAULTS.requestLimit().toNanos();

            assertThat(node.wakeNanos(0)).isEqualTo(limit);
            node.next(limit);
            node.answered(ask.requestId(), answerTo(ask), limit);
            assertThat(node.peers()).isEmpty();
        }

        @Test
        void oneThatKnowsNobodyComesInOnlyWhileFewAreKnown() {
            for (int i = 0; i < 20; i++) {
                admit(Peers.random(random), 10 + i);
            }
            // Others like them would find no place; this one shares more with the node than any.
            PeerId near = Peers.random(random);
            while (Contact.of(self)
                            .position()
                            .commonPrefixLength(Contact.of(near).position())
                    < 8) {
                near = Peers.random(random);
            }
            node.identified(near, Peers.address(2), true, 0);
            PeerId candidate = near;
            KadAction.Ask check = asks(0).stream()
                    .filter(ask -> ask.message().key().names(candidate))
                    .findFirst()
                    .orElseThrow();
            node.answered(check.requestId(), answerTo(check), 0);

            assertThat(node.peers()).hasSize(20).doesNotContain(candidate);
        }

        @Test
        void aMemberLeavesWhenItFailsAndNotWhenItDisconnects() {
            admit(peer, 2);
            node.disconnected(peer, 0);
            assertThat(node.peers()).containsExactly(peer);

            KadAction.Ask refresh = asks(0).get(0);
            node.failed(refresh.requestId(), 0);
            assertThat(node.peers()).isEmpty();
        }

        @Test
        void aLostPeerIsTriedAgain() {
            admit(peer, 2);
            node.failed(asks(0).get(0).requestId(), 0);
            long later = LostPeers.INTERVAL.toNanos();

            assertThat(node.wakeNanos(0)).isEqualTo(later);
            assertThat(asks(later)).singleElement().satisfies(ask -> {
                assertThat(ask.peer()).isEqualTo(peer);
                assertThat(ask.addresses()).isEqualTo(Peers.address(2));
            });
        }
    }

    @Nested
    class Answers {
        private KadMessage reply(KadMessage request) {
            assertThat(node.request(peer, request, 0)).isInstanceOf(KadAnswer.Reply.class);
            return ((KadAnswer.Reply) node.request(peer, request, 0)).message();
        }

        private void assertReset(KadMessage request) {
            assertThat(node.request(peer, request, 0)).isInstanceOf(KadAnswer.Reset.class);
        }

        @Test
        void askedForItselfTheNodeNamesItselfFirst() {
            PeerId other = Peers.random(random);
            admit(other, 3);

            KadMessage answer = reply(KadMessage.findNode(KadKey.of(self)));
            assertThat(answer.key()).isEqualTo(KadKey.NONE);
            assertThat(answer.level()).isEqualTo(1);
            assertThat(answer.closerPeers())
                    .containsExactly(entry(self, 1, Connection.NOT_CONNECTED), entry(other, 3, Connection.CONNECTED));
        }

        @Test
        void askedForTheAskerTheNodeNamesItWithItsAddresses() {
            assertThat(reply(KadMessage.findNode(KadKey.of(peer))).closerPeers())
                    .isEmpty();
            node.identified(peer, Peers.address(2), false, 0);

            assertThat(reply(KadMessage.findNode(KadKey.of(peer))).closerPeers())
                    .containsExactly(entry(peer, 2, Connection.CONNECTED));
        }

        @Test
        void neverMoreThanTwentyAndOneAndNotTheAsker() {
            admit(peer, 2);
            for (int i = 0; i < 25; i++) {
                PeerId other = Peers.random(random);
                node.identified(other, Peers.address(10 + i), true, 0);
                asks(0).stream()
                        .filter(ask -> ask.message().key().names(other))
                        .forEach(ask -> node.answered(
                                ask.requestId(), answerTo(ask, entry(peer, 2, Connection.NOT_CONNECTED)), 0));
            }
            List<PeerEntry> closer = reply(KadMessage.findNode(key)).closerPeers();
            List<PeerEntry> withSelf =
                    reply(KadMessage.findNode(KadKey.of(self))).closerPeers();

            assertThat(closer).hasSize(20).noneMatch(each -> each.id().equals(peer));
            assertThat(withSelf).hasSize(21);
            assertThat(withSelf.get(0).id()).isEqualTo(self);
        }

        @Test
        void announcedProvidersAreNamedUntilTheyExpire() {
            KadMessage announcement = KadMessage.addProvider(key, entry(peer, 2, Connection.NOT_CONNECTED));

            assertThat(node.request(peer, announcement, 0)).isInstanceOf(KadAnswer.Silence.class);
            assertThat(reply(KadMessage.getProviders(key)).key()).isEqualTo(key);
            assertThat(reply(KadMessage.getProviders(key)).providerPeers())
                    .containsExactly(entry(peer, 2, Connection.NOT_CONNECTED));
            KadAnswer late = node.request(
                    peer, KadMessage.getProviders(key), Duration.ofMinutes(19).toNanos());
            assertThat(((KadAnswer.Reply) late).message().providerPeers()).isEmpty();
        }

        @Test
        void whatTheNodeProvidesItselfIsNamedUntilItIsWithdrawn() {
            node.provide(List.of(key), 0);
            assertThat(reply(KadMessage.getProviders(key)).providerPeers())
                    .containsExactly(entry(self, 1, Connection.NOT_CONNECTED));

            node.withdraw(List.of(key));
            assertThat(reply(KadMessage.getProviders(key)).providerPeers()).isEmpty();
        }

        @Test
        void nobodyAnnouncesForOthers() {
            assertReset(KadMessage.addProvider(key, entry(Peers.random(random), 3, Connection.NOT_CONNECTED)));
            assertReset(new KadMessage(
                    KadMessage.Type.ADD_PROVIDER,
                    key,
                    List.of(),
                    List.of(new PeerEntry(peer, List.of(), Connection.NOT_CONNECTED)),
                    1));
            assertThat(node.records()).isZero();
        }

        @Test
        void aPopularKeyHasAShortAnswer() {
            for (int i = 0; i < 300; i++) {
                PeerId provider = Peers.random(random);
                node.request(provider, KadMessage.addProvider(key, entry(provider, i, Connection.NOT_CONNECTED)), 0);
            }

            assertThat(reply(KadMessage.getProviders(key)).providerPeers()).hasSize(RequestHandler.MAX_PROVIDERS);
        }

        @Test
        void pingIsEchoedAndValuesAreNot() {
            assertThat(reply(KadMessage.ping())).isEqualTo(KadMessage.ping());
            assertReset(new KadMessage(KadMessage.Type.PUT_VALUE, key, List.of(), List.of(), 1));
        }

        @Test
        void badKeysResetTheStream() {
            assertReset(KadMessage.findNode(KadKey.NONE));
            for (KadMessage.Type type : List.of(KadMessage.Type.GET_PROVIDERS, KadMessage.Type.ADD_PROVIDER)) {
                List<PeerEntry> own = List.of(entry(peer, 2, Connection.NOT_CONNECTED));
                assertReset(new KadMessage(type, KadKey.NONE, List.of(), own, 1));
                assertReset(new KadMessage(type, KadKey.of(new byte[81]), List.of(), own, 1));
            }
            assertReset(new KadMessage(KadMessage.Type.GET_VALUE, KadKey.NONE, List.of(), List.of(), 1));
        }
    }

    @Nested
    class Searches {
        private final List<KadAction> told = new ArrayList<>();

        private KadAction.Ask started(int count) {
            node.findProviders(key, count, 0);
            for (KadAction action : node.next(0)) {
                if (action instanceof KadAction.Ask ask && ask.message().type() == KadMessage.Type.GET_PROVIDERS) {
                    return ask;
                }
                told.add(action);
            }
            throw new AssertionError("nobody was asked: " + told);
        }

        @Test
        void withoutPeersASearchEndsAtOnce() {
            long id = node.findProviders(key, 1, 0);

            assertThat(node.next(0)).containsExactly(new KadAction.Finished(id, List.of(), false, 0, 0));
        }

        @Test
        void recordsOfThisNodeComeFirstAndMayBeEnough() {
            node.request(peer, KadMessage.addProvider(key, entry(peer, 2, Connection.NOT_CONNECTED)), 0);
            long id = node.findProviders(key, 1, 0);

            assertThat(node.next(0))
                    .containsExactly(
                            new KadAction.Found(id, peer, Peers.address(2)),
                            new KadAction.Finished(id, List.of(), true, 0, 0));
        }

        @Test
        void aProviderIsToldOnceAndAgainWhenItsAddressesTurnUp() {
            admit(peer, 2);
            PeerId other = Peers.random(random);
            admit(other, 3);
            PeerId provider = Peers.random(random);
            long id = node.findProviders(key, 0, 0);
            List<KadAction.Ask> asks = asks(0).stream()
                    .filter(ask -> ask.message().type() == KadMessage.Type.GET_PROVIDERS)
                    .toList();
            assertThat(asks).hasSize(2);
            PeerEntry bare = new PeerEntry(provider, List.of(), Connection.NOT_CONNECTED);
            PeerEntry full = entry(provider, 9, Connection.NOT_CONNECTED);
            PeerEntry own = entry(self, 1, Connection.NOT_CONNECTED);
            KadMessage.Type type = KadMessage.Type.GET_PROVIDERS;
            node.answered(
                    asks.get(0).requestId(), new KadMessage(type, key, List.of(), List.of(bare, own, bare), 1), 0);
            node.answered(asks.get(1).requestId(), new KadMessage(type, key, List.of(), List.of(full, full), 1), 0);

            List<KadAction> actions = node.next(0);
            assertThat(actions.stream().filter(KadAction.Found.class::isInstance))
                    .containsExactly(
                            new KadAction.Found(id, provider, List.of()),
                            new KadAction.Found(id, provider, Peers.address(9)));
            assertThat(actions.stream().filter(KadAction.Finished.class::isInstance))
                    .hasSize(1);
        }

        @Test
        void endsOnceEnoughAreFound() {
            admit(peer, 2);
            KadAction.Ask ask = started(2);
            List<PeerEntry> many = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                many.add(entry(Peers.random(random), i, Connection.NOT_CONNECTED));
            }
            node.answered(ask.requestId(), new KadMessage(KadMessage.Type.GET_PROVIDERS, key, List.of(), many, 1), 0);

            List<KadAction> actions = node.next(0);
            assertThat(actions.stream().filter(KadAction.Found.class::isInstance))
                    .hasSize(2);
            assertThat(actions.stream().filter(KadAction.Finished.class::isInstance))
                    .singleElement()
                    .satisfies(end ->
                            assertThat(((KadAction.Finished) end).complete()).isTrue());
        }

        @Test
        void aStrangersAnswerFillsNoMemory() {
            admit(peer, 2);
            KadAction.Ask ask = started(0);
            List<PeerEntry> many = new ArrayList<>();
            for (int i = 0; i < 1024; i++) {
                many.add(entry(Peers.random(random), i, Connection.NOT_CONNECTED));
            }
            node.answered(ask.requestId(), new KadMessage(KadMessage.Type.GET_PROVIDERS, key, List.of(), many, 1), 0);

            assertThat(node.next(0).stream().filter(KadAction.Found.class::isInstance))
                    .hasSize(Lookups.MAX_PROVIDERS);
        }

        @Test
        void aCancelledSearchIsNotHeardOfAgain() {
            admit(peer, 2);
            long id = node.findProviders(key, 0, 0);
            KadAction.Ask ask = asks(0).stream()
                    .filter(each -> each.message().type() == KadMessage.Type.GET_PROVIDERS)
                    .findFirst()
                    .orElseThrow();
            node.cancel(id);
            node.answered(
                    ask.requestId(),
                    new KadMessage(
                            KadMessage.Type.GET_PROVIDERS,
                            key,
                            List.of(),
                            List.of(entry(peer, 2, Connection.NOT_CONNECTED)),
                            1),
                    0);

            assertThat(node.next(0)).noneMatch(KadAction.Finished.class::isInstance);
        }

        @Test
        void beyondTheBoundASearchEndsAtOnce() {
            admit(peer, 2);
            for (int i = 0; i < Lookups.MAX_LOOKUPS; i++) {
                node.findProviders(key, 1, 0);
            }
            node.next(0);
            node.findProviders(key, 1, 0);

            assertThat(node.next(0))
                    .anySatisfy(action -> assertThat(action)
                            .isInstanceOfSatisfying(
                                    KadAction.Finished.class,
                                    end -> assertThat(end.complete()).isFalse()));
        }
    }

    @Test
    void aKeyOfProvidersIsShort() {
        assertThatThrownBy(() -> node.provide(List.of(KadKey.NONE), 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withoutAnAddressNothingIsAnnounced() {
        node.listensOn(List.of(), 0);
        node.provide(List.of(key), 0);
        admit(peer, 2);

        assertThat(node.next(0))
                .noneMatch(action -> action instanceof KadAction.Announce
                        || (action instanceof KadAction.Ask ask
                                && ask.message().key().equals(key)));
        node.listensOn(Peers.address(1), 0);
        assertThat(asks(0)).anyMatch(ask -> ask.message().key().equals(key));
    }
}
