package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.MemoryHosts.MemoryHost;
import dev.spegel.libp2p.kad.MemoryHosts.MemoryStream;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class KadDhtTest {
    private static final KadConfig KAD = KadConfig.DEFAULTS
            .withLookup(new LookupConfig(10, 3, Duration.ofMillis(200), Duration.ofSeconds(25), Duration.ofSeconds(60)))
            .withProviders(ProviderConfig.DEFAULTS.withTimes(
                    Duration.ofMinutes(19), Duration.ofHours(1), Duration.ofMinutes(15), Duration.ofMinutes(2)));
    private static final KadDhtConfig CONFIG = new KadDhtConfig("/test", true, KAD);
    private static final StreamLimits LIMITS = new StreamLimits(
            Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(10));

    private final Random random = new Random(8);
    private final MemoryHosts hosts = new MemoryHosts(7);
    private final AtomicLong clock = new AtomicLong();
    private final Map<KadDht, MemoryHost> hostOf = new HashMap<>();
    private final KadKey key = Peers.randomKey(random);

    @AfterEach
    void stop() {
        hosts.close();
    }

    private KadDht add(KadDhtConfig config) throws Exception {
        MemoryHost host = hosts.add();
        KadDht dht = KadDht.on(host, config, clock::get, LIMITS, new Random(random.nextLong()));
        hostOf.put(dht, host);
        host.start().get(10, TimeUnit.SECONDS);
        return dht;
    }

    private MemoryHost host(KadDht dht) {
        MemoryHost host = hostOf.get(dht);
        if (host == null) {
            throw new AssertionError("not one of this test's");
        }
        return host;
    }

    private PeerId id(KadDht dht) {
        return host(dht).id;
    }

    private void join(KadDht dht, KadDht to) throws Exception {
        host(dht).connect(id(to), host(to).addresses).get(10, TimeUnit.SECONDS);
    }

    /** Nodes of which each has met the first. */
    private List<KadDht> network(int count) throws Exception {
        List<KadDht> network = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            network.add(add(CONFIG));
            if (i > 0) {
                join(network.get(i), network.get(0));
            }
        }
        await().until(() -> network.stream().allMatch(dht -> dht.size() == count - 1));
        return network;
    }

    private RecordingListener find(KadDht dht, KadKey key, int count) {
        RecordingListener listener = new RecordingListener();
        dht.findProviders(key, count, listener);
        return listener;
    }

    private static void get(CompletableFuture<Void> future) throws Exception {
        future.get(10, TimeUnit.SECONDS);
    }

    private List<KadKey> keys(int count) {
        return IntStream.range(0, count).mapToObj(i -> Peers.randomKey(random)).toList();
    }

    private long announcementsSent(KadDht dht) {
        return dht.stats().sent().getOrDefault(KadMessage.Type.ADD_PROVIDER, 0L);
    }

    /** Lets time pass, and each node notice and do what it has to: some tasks follow one from another on the event loop. */
    private void advance(Duration time) throws Exception {
        clock.addAndGet(time.toNanos());
        hostOf.keySet().forEach(dht -> dht.withdraw(List.of()));
        for (int i = 0; i < 100; i++) {
            hosts.onLoop(() -> {});
        }
    }

    @Test
    void theProtocolIsNamedAfterTheNetwork() throws Exception {
        assertThat(add(CONFIG).protocol()).isEqualTo("/test/kad/1.0.0");
    }

    @Nested
    class Table {
        @Test
        void whoeverIsMetComesInOnBothSides() throws Exception {
            List<KadDht> two = network(2);
            assertThat(two.get(0).peers()).containsExactly(id(two.get(1)));
            assertThat(two.get(1).peers()).containsExactly(id(two.get(0)));
        }

        @Test
        void nodesThatKnowOnlyTheFirstGetToKnowEachOther() throws Exception {
            List<KadDht> network = network(8);
            assertThat(network).allSatisfy(dht -> assertThat(dht.size()).isEqualTo(7));
        }

        @Test
        void nodesThatComeAtTheSameMomentGetToKnowEachOther() throws Exception {
            KadDht first = add(CONFIG);
            List<KadDht> others = List.of(add(CONFIG), add(CONFIG), add(CONFIG));
            // All of it in one turn, so that each has looked around before anybody has two of them in its table.
            hosts.onLoop(() -> {
                for (KadDht dht : others) {
                    var unused = host(dht).connect(id(first), host(first).addresses);
                }
            });
            await().until(() -> first.size() == 3);
            await().until(() -> {
                advance(Duration.ofMillis(50));
                return others.stream().allMatch(dht -> dht.size() == 3);
            });
            assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofSeconds(2));
        }

        @Test
        void aDeadNodeLeavesIt() throws Exception {
            List<KadDht> network = network(3);
            hosts.onLoop(() -> host(network.get(2)).die());
            RecordingListener listener = find(network.get(0), key, 0);
            assertThat(listener.complete()).isTrue();
            assertThat(network.get(0).peers()).containsExactly(id(network.get(1)));
        }

        @Test
        void aDisconnectedNodeStaysAndIsReachedAgain() throws Exception {
            List<KadDht> network = network(2);
            get(network.get(1).provide(List.of(key)));
            hosts.onLoop(() -> host(network.get(0)).disconnect(host(network.get(1))));
            assertThat(network.get(0).size()).isEqualTo(1);
            assertThat(find(network.get(0), Peers.randomKey(random), 0).complete())
                    .isTrue();
            assertThat(network.get(0).size()).isEqualTo(1);
        }

        @Test
        void itTellsWhereMembersListenWithAndWithoutAConnection() throws Exception {
            List<KadDht> network = network(3);
            Map<PeerId, List<Multiaddr>> expected = new HashMap<>();
            network.subList(1, 3).forEach(dht -> expected.put(id(dht), host(dht).addresses));
            assertThat(network.get(0).peerAddresses()).isEqualTo(expected);

            hosts.onLoop(() -> host(network.get(0)).disconnect(host(network.get(1))));
            assertThat(network.get(0).peerAddresses()).isEqualTo(expected);

            List<Multiaddr> moved = Peers.address(77);
            host(network.get(1)).listenOn(moved).get(10, TimeUnit.SECONDS);
            join(network.get(1), network.get(0));
            await().until(() -> moved.equals(network.get(0).peerAddresses().get(id(network.get(1)))));
        }

        @Test
        void farMembersAreProtectedFromTrimming() throws Exception {
            List<KadDht> network = network(4);
            PeerId self = id(network.get(0));
            List<PeerId> far = network.get(0).peers().stream()
                    .filter(peer -> Position.of(self.toBytes()).commonPrefixLength(Position.of(peer.toBytes())) <= 1)
                    .toList();
            assertThat(host(network.get(0)).protectedPeers).containsExactlyInAnyOrderElementsOf(far);
        }

        @Test
        void ofDisjointNetworksNobodyComesIn() throws Exception {
            KadDht here = add(CONFIG);
            KadDht elsewhere = add(CONFIG.withPrefix("/elsewhere"));
            join(here, elsewhere);
            assertThat(find(here, key, 0).complete()).isFalse();
            assertThat(here.size()).isZero();
            assertThat(elsewhere.size()).isZero();
        }
    }

    @Nested
    class Clients {
        @Test
        void askAndAnnounceButAreInNobodysTable() throws Exception {
            List<KadDht> network = network(3);
            KadDht client = add(CONFIG.withServer(false));
            join(client, network.get(0));
            await().until(() -> client.size() == 3);

            get(client.provide(List.of(key)));
            get(network.get(1).provide(List.of(key)));
            RecordingListener listener = find(client, key, 0);
            assertThat(listener.complete()).isTrue();
            assertThat(listener.found.keySet()).containsExactly(id(network.get(1)));
            RecordingListener other = find(network.get(2), key, 0);
            assertThat(other.complete()).isTrue();
            assertThat(other.found.keySet()).containsExactlyInAnyOrder(id(client), id(network.get(1)));
            assertThat(network).allSatisfy(dht -> assertThat(dht.peers()).doesNotContain(id(client)));
        }

        @Test
        void doNotServe() throws Exception {
            KadDht client = add(CONFIG.withServer(false));
            KadDht server = add(CONFIG);
            RecordingHandler handler = new RecordingHandler();
            host(server)
                    .openStream(id(client), host(client).addresses, client.protocol(), handler)
                    .get(10, TimeUnit.SECONDS);
            await().until(() -> handler.lost);
        }
    }

    @Nested
    class Providing {
        @Test
        void whatOneProvidesTheOthersFindWithItsAddresses() throws Exception {
            List<KadDht> network = network(6);
            get(network.get(3).provide(List.of(key)));

            RecordingListener listener = find(network.get(5), key, 0);
            assertThat(listener.complete()).isTrue();
            assertThat(listener.found).containsExactly(Map.entry(id(network.get(3)), host(network.get(3)).addresses));
        }

        @Test
        void aLeapOfTheClockIsNoticedWithinASecond() throws Exception {
            List<KadDht> network = network(3);
            get(network.get(0).provide(List.of(key)));
            clock.addAndGet(Duration.ofMinutes(18).toNanos());
            await().atMost(Duration.ofSeconds(3)).until(() -> announcementsSent(network.get(0)) > 2);
        }

        @Test
        void aNodeNeverFindsItself() throws Exception {
            List<KadDht> network = network(3);
            get(network.get(0).provide(List.of(key)));
            RecordingListener listener = find(network.get(0), key, 0);
            assertThat(listener.complete()).isTrue();
            assertThat(listener.found).isEmpty();
        }

        @Test
        void failsIfNobodyIsKnownAndIsDoneOnceSomebodyIs() throws Exception {
            KadDht alone = add(CONFIG);
            assertThatThrownBy(() -> get(alone.provide(List.of(key))))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessage("1 of 1 keys are not announced: no peer of the DHT is known");

            KadDht other = add(CONFIG);
            join(other, alone);
            await().until(() -> other.stats().records() == 1);
            get(alone.provide(List.of(key)));
        }

        @Test
        void failsWithoutAnAddressToAnnounce() throws Exception {
            List<KadDht> network = network(2);
            host(network.get(0)).listenOn(List.of()).get(10, TimeUnit.SECONDS);
            assertThatThrownBy(() -> get(network.get(0).provide(List.of(key))))
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("this node has no address");
            host(network.get(0)).listenOn(Peers.address(99)).get(10, TimeUnit.SECONDS);
            get(network.get(0).provide(List.of(key)));
            assertThat(network.get(1).stats().records()).isEqualTo(1);
        }

        @Test
        void keysThatAreAnnouncedAreNotSentAgain() throws Exception {
            List<KadDht> network = network(3);
            List<KadKey> keys = keys(10);
            get(network.get(0).provide(keys));
            assertThat(announcementsSent(network.get(0))).isEqualTo(20);
            get(network.get(0).provide(keys));
            get(network.get(0).provide(List.of()));
            assertThat(announcementsSent(network.get(0))).isEqualTo(20);
            assertThat(network.get(0).stats().provided()).isEqualTo(10);
        }

        @Test
        void twoWhoProvideTheSameKeysAtATimeAreBothTold() throws Exception {
            List<KadDht> network = network(3);
            List<KadKey> keys = keys(300);
            CompletableFuture<Void> first = network.get(0).provide(keys);
            CompletableFuture<Void> second = network.get(0).provide(keys);
            get(first);
            get(second);
            assertThat(network.get(1).stats().records()).isEqualTo(300);
        }

        @Test
        void failsIfNobodyTakesTheKeys() throws Exception {
            List<KadDht> network = network(2);
            hosts.onLoop(() -> host(network.get(1)).die());
            assertThatThrownBy(() -> get(network.get(0).provide(List.of(key))))
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("1 of 1 keys are not announced");
            assertThat(network.get(0).stats().failedAnnouncements()).isLessThanOrEqualTo(1);
        }

        @Test
        void withdrawnKeysLeaveNobodyWaiting() throws Exception {
            List<KadDht> network = network(2);
            host(network.get(1)).hangs = true;
            hosts.onLoop(() -> host(network.get(0)).disconnect(host(network.get(1))));
            CompletableFuture<Void> future = network.get(0).provide(List.of(key));
            network.get(0).withdraw(List.of(key));
            get(future);
            await().until(() -> network.get(0).stats().provided() == 0);
        }

        @Test
        void aWithdrawnKeyIsGoneAfterItsValidityAndOthersAreNot() throws Exception {
            List<KadDht> network = network(4);
            KadKey kept = Peers.randomKey(random);
            get(network.get(1).provide(List.of(key, kept)));
            network.get(1).withdraw(List.of(key));

            assertThat(announcementsSent(network.get(1))).isEqualTo(6);
            for (int passed = 0; passed < 18 * 60; passed += 20) {
                advance(Duration.ofSeconds(20));
            }
            assertThat(announcementsSent(network.get(1))).isGreaterThanOrEqualTo(9);
            advance(Duration.ofMinutes(1));
            RecordingListener gone = find(network.get(3), key, 0);
            assertThat(gone.complete()).isTrue();
            assertThat(gone.found).isEmpty();
            RecordingListener there = find(network.get(3), kept, 0);
            assertThat(there.complete()).isTrue();
            assertThat(there.found.keySet()).containsExactly(id(network.get(1)));
        }

        @Test
        void fiveThousandKeysReachEverybody() throws Exception {
            List<KadDht> network = network(5);
            List<KadKey> keys = keys(5000);
            CompletableFuture<Void> provided = network.get(2).provide(keys);
            advance(Duration.ofMillis(1));
            assertThat(provided).as("keeps a pace").isNotDone();
            while (!provided.isDone()) {
                advance(Duration.ofMillis(10));
            }
            get(provided);
            assertThat(network.stream().filter(dht -> dht != network.get(2)))
                    .allSatisfy(dht -> assertThat(dht.stats().records()).isEqualTo(5000));
            assertThat(announcementsSent(network.get(2))).isEqualTo(20_000);
        }

        @Test
        void aKeyThatCannotHaveProvidersIsRefused() throws Exception {
            KadDht dht = add(CONFIG);
            assertThatThrownBy(() -> dht.provide(List.of(KadKey.NONE))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> dht.findProviders(KadKey.of(new byte[81]), 1, new RecordingListener()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> dht.findProviders(key, -1, new RecordingListener()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Searching {
        @Test
        void withNobodyKnownEndsAtOnceIncomplete() throws Exception {
            assertThat(find(add(CONFIG), key, 1).complete()).isFalse();
        }

        @Test
        void whatNobodyHasIsNotFound() throws Exception {
            RecordingListener listener = find(network(5).get(1), key, 0);
            assertThat(listener.complete()).isTrue();
            assertThat(listener.found).isEmpty();
        }

        @Test
        void endsWithAsManyAsAreWanted() throws Exception {
            List<KadDht> network = network(6);
            for (KadDht dht : network.subList(0, 4)) {
                get(dht.provide(List.of(key)));
            }
            RecordingListener listener = find(network.get(5), key, 2);
            assertThat(listener.complete()).isTrue();
            assertThat(listener.found).hasSize(2);
        }

        @Test
        void theNearestPeersComeInOrder() throws Exception {
            List<KadDht> network = network(6);
            RecordingListener listener = new RecordingListener();
            network.get(0).findClosest(key, listener);
            assertThat(listener.complete()).isTrue();
            assertThat(List.copyOf(listener.found.keySet()))
                    .hasSize(5)
                    .isSortedAccordingTo((a, b) ->
                            key.position().compareDistance(Position.of(a.toBytes()), Position.of(b.toBytes())));
            assertThat(listener.found.values()).noneMatch(List::isEmpty);
        }

        @Test
        void hangingPeersDelayNeitherTheFirstFindNorTheEnd() throws Exception {
            List<KadDht> network = network(8);
            get(network.get(1).provide(List.of(key)));
            // Two nodes that take connections and say nothing.
            for (KadDht hanging : network.subList(6, 8)) {
                host(hanging).hangs = true;
                hosts.onLoop(() -> host(network.get(0)).disconnect(host(hanging)));
            }
            RecordingListener listener = find(network.get(0), key, 0);
            listener.first.get(10, TimeUnit.SECONDS);
            assertThat(listener.ended).isNotDone();

            advance(KAD.lookup().slowAfter());
            assertThat(listener.ended.get(1, TimeUnit.SECONDS)).isTrue();
        }

        @Test
        void onceCancelledTellsNothing() throws Exception {
            List<KadDht> network = network(3);
            get(network.get(1).provide(List.of(key)));
            RecordingListener cancelled = new RecordingListener();
            CountDownLatch blocked = new CountDownLatch(1);
            hosts.loop.execute(() -> awaitQuietly(blocked));
            network.get(0).findProviders(key, 0, cancelled).cancel();
            blocked.countDown();

            assertThat(find(network.get(0), key, 0).complete()).isTrue();
            assertThat(cancelled.found).isEmpty();
            assertThat(cancelled.ended).isNotDone();
        }

        @Test
        void canBeCancelledFromWithin() throws Exception {
            List<KadDht> network = network(4);
            get(network.get(1).provide(List.of(key)));
            get(network.get(2).provide(List.of(key)));
            AtomicInteger calls = new AtomicInteger();
            CompletableFuture<Search> search = new CompletableFuture<>();
            search.complete(network.get(0).findProviders(key, 0, new SearchListener() {
                @Override
                public void found(PeerId peer, List<Multiaddr> addresses) {
                    calls.incrementAndGet();
                    search.join().cancel();
                }

                @Override
                public void ended(boolean complete) {
                    calls.addAndGet(100);
                }
            }));
            assertThat(find(network.get(0), key, 0).complete()).isTrue();
            await().untilAsserted(() -> assertThat(calls).hasValue(1));
        }

        @Test
        void aListenerThatFailsHarmsNobody() throws Exception {
            List<KadDht> network = network(3);
            get(network.get(1).provide(List.of(key)));
            network.get(0).findProviders(key, 0, new SearchListener() {
                @Override
                public void found(PeerId peer, List<Multiaddr> addresses) {
                    throw new IllegalStateException("as planned");
                }

                @Override
                public void ended(boolean complete) {
                    throw new IllegalStateException("as planned");
                }
            });
            RecordingListener listener = find(network.get(0), key, 0);
            assertThat(listener.complete()).isTrue();
            assertThat(listener.found.keySet()).containsExactly(id(network.get(1)));
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Nested
    class Closing {
        @Test
        void endsSearchesAndFailsFuturesAndRefusesMore() throws Exception {
            List<KadDht> network = network(3);
            for (KadDht hanging : network.subList(1, 3)) {
                host(hanging).hangs = true;
                hosts.onLoop(() -> host(network.get(0)).disconnect(host(hanging)));
            }
            RecordingListener listener = find(network.get(0), key, 0);
            CompletableFuture<Void> future = network.get(0).provide(List.of(key));
            network.get(0).close();
            network.get(0).close();

            assertThat(listener.complete()).isFalse();
            assertThatThrownBy(() -> get(future)).cause().hasMessageContaining("the DHT is closed");
            assertThatThrownBy(() -> get(network.get(0).provide(List.of(key))))
                    .cause()
                    .isInstanceOf(IOException.class);
            assertThat(find(network.get(0), key, 0).complete()).isFalse();
            assertThat(network.get(0).stats().failedRequests()).isZero();
            assertThat(network.get(0).peers()).isEmpty();
        }

        @Test
        void resetsTheStreamsOfOthersAndThoseToCome() throws Exception {
            List<KadDht> network = network(2);
            RecordingHandler before = new RecordingHandler();
            RecordingHandler after = new RecordingHandler();
            MemoryHost peer = host(network.get(1));
            peer.openStream(id(network.get(0)), List.of(), CONFIG.protocol(), before)
                    .get(10, TimeUnit.SECONDS);
            network.get(0).close();
            await().until(() -> before.lost);
            peer.openStream(id(network.get(0)), List.of(), CONFIG.protocol(), after)
                    .get(10, TimeUnit.SECONDS);
            await().until(() -> after.lost);
        }

        @Test
        void afterTheHostsThreadsHaveEndedSaysSo() throws Exception {
            KadDht dht = add(CONFIG);
            hosts.close();
            dht.close();
            RecordingListener listener = find(dht, key, 0);
            assertThat(listener.complete()).isFalse();
            assertThatThrownBy(() -> get(dht.provide(List.of(key)))).cause().hasMessage("the DHT is closed");
        }
    }

    @Nested
    class Stats {
        @Test
        void countMessagesBothWays() throws Exception {
            List<KadDht> network = network(2);
            get(network.get(0).provide(List.of(key)));
            assertThat(find(network.get(1), key, 0).complete()).isTrue();

            KadStats first = network.get(0).stats();
            KadStats second = network.get(1).stats();
            assertThat(first.peers()).isEqualTo(1);
            assertThat(first.provided()).isEqualTo(1);
            assertThat(second.records()).isEqualTo(1);
            assertThat(first.sent()).containsEntry(KadMessage.Type.ADD_PROVIDER, 1L);
            assertThat(second.received()).containsEntry(KadMessage.Type.ADD_PROVIDER, 1L);
            assertThat(second.sent()).containsEntry(KadMessage.Type.GET_PROVIDERS, 1L);
            assertThat(first.sent()).containsEntry(KadMessage.Type.GET_PROVIDERS, 1L);
            await().untilAsserted(() -> assertThat(network.get(0).stats().bytesSent())
                    .isEqualTo(network.get(1).stats().bytesReceived())
                    .isPositive());
        }

        @Test
        void requestsKeepToOneStreamAPeer() throws Exception {
            List<KadDht> network = network(2);
            for (int i = 0; i < 50; i++) {
                assertThat(find(network.get(0), Peers.randomKey(random), 0).complete())
                        .isTrue();
            }
            assertThat(host(network.get(0)).outbound.stream().filter(MemoryStream::isOpen))
                    .hasSize(1);
        }
    }
}
