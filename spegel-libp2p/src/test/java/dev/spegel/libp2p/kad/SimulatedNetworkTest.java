package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.kad.SimulatedNetwork.Node;
import dev.spegel.libp2p.kad.SimulatedNetwork.Search;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What whole networks of {@link KadNode}s do. A failure names the seed of its network. */
class SimulatedNetworkTest {
    /** As Spegel's nodes are set. */
    static final KadConfig CONFIG = KadConfig.DEFAULTS.withProviders(ProviderConfig.DEFAULTS.withTimes(
            Duration.ofMinutes(19), Duration.ofHours(1), Duration.ofMinutes(15), Duration.ofMinutes(2)));

    private static final Duration INTERVAL = CONFIG.providers().interval();

    private static List<KadKey> keys(int count, Random random) {
        return Stream.generate(() -> Peers.randomKey(random)).limit(count).toList();
    }

    private static Search find(SimulatedNetwork network, Node from, KadKey key, int count, Duration limit) {
        long id = from.find(key, count);
        network.run(limit);
        return from.search(id);
    }

    @Test
    void aThousandNodesOfWhichOneInTenIsDeadFindLiveProviders() {
        long seed = System.nanoTime();
        SimulatedNetwork network = new SimulatedNetwork(seed, CONFIG);
        network.grow(1000, Duration.ofMillis(20));
        network.run(Duration.ofMinutes(1));
        List<KadKey> keys = keys(200, network.random);
        List<Node> providers = new ArrayList<>();
        for (KadKey key : keys) {
            Node provider = network.anyAlive();
            provider.provide(List.of(key));
            providers.add(provider);
        }
        network.run(Duration.ofMinutes(1));
        for (int i = 0; i < 100; i++) {
            network.anyAlive().die();
        }

        int searches = 0;
        int found = 0;
        int mostHops = 0;
        int mostAsked = 0;
        for (int round = 0; round < 10; round++) {
            List<Node> from = new ArrayList<>();
            List<Long> ids = new ArrayList<>();
            for (KadKey key : keys) {
                Node node = network.anyAlive();
                from.add(node);
                ids.add(node.find(key, 0));
            }
            network.run(Duration.ofSeconds(15));
            for (int i = 0; i < keys.size(); i++) {
                Node provider = providers.get(i);
                if (!provider.alive || provider == from.get(i)) {
                    continue;
                }
                Search search = from.get(i).search(ids.get(i));
                assertThat(search.finished()).as("ended; network %d", seed).isPresent();
                searches++;
                found += search.found().containsKey(provider.id) ? 1 : 0;
                mostHops = Math.max(mostHops, search.finished().orElseThrow().hops());
                mostAsked = Math.max(mostAsked, search.finished().orElseThrow().asked());
            }
        }
        assertThat(searches).isGreaterThan(1500);
        assertThat((double) found / searches)
                .as("found by %d of %d, network %d", found, searches, seed)
                .isGreaterThanOrEqualTo(0.999);
        assertThat(mostHops).as("hops, network %d", seed).isLessThanOrEqualTo(10); // log2(1000)
        assertThat(mostAsked).as("asked, network %d", seed).isLessThan(80);
    }

    @Property(tries = 10, shrinking = ShrinkingMode.OFF)
    void everyNodeFindsWhatAnyNodeProvides(@ForAll long seed, @ForAll @IntRange(min = 2, max = 60) int size) {
        SimulatedNetwork network = new SimulatedNetwork(seed, CONFIG);
        network.grow(size, Duration.ofMillis(200));
        network.run(Duration.ofSeconds(30));
        KadKey key = Peers.randomKey(network.random);
        Node provider = network.anyAlive();
        provider.provide(List.of(key));
        network.run(Duration.ofSeconds(2));

        for (Node node : network.nodes) {
            Search search = find(network, node, key, 3, Duration.ofSeconds(5));
            assertThat(search.finished()).isPresent();
            if (node == provider) {
                assertThat(search.found()).isEmpty();
            } else {
                assertThat(search.found()).containsOnlyKeys(provider.id);
            }
        }
    }

    @Property(tries = 5, shrinking = ShrinkingMode.OFF)
    void whatIsWithdrawnIsGoneAfterItsValidityAndWhatIsNotIsAlwaysFound(@ForAll long seed) {
        SimulatedNetwork network = new SimulatedNetwork(seed, CONFIG);
        network.grow(40, Duration.ofMillis(200));
        List<KadKey> keys = keys(30, network.random);
        Node provider = network.nodes.get(0);
        provider.provide(keys);
        network.run(Duration.ofMinutes(1));
        List<KadKey> withdrawn = keys.subList(0, 10);
        List<KadKey> kept = keys.subList(10, 30);
        provider.withdraw(withdrawn);

        for (int minute = 0; minute < 60; minute++) {
            Node node = network.nodes.get(1 + network.random.nextInt(39));
            KadKey key = kept.get(network.random.nextInt(kept.size()));
            assertThat(find(network, node, key, 1, Duration.ofMinutes(1)).found())
                    .as("minute %d", minute)
                    .containsOnlyKeys(provider.id);
        }
        for (KadKey key : withdrawn) {
            Node node = network.nodes.get(1 + network.random.nextInt(39));
            assertThat(find(network, node, key, 1, Duration.ofSeconds(5)).found())
                    .isEmpty();
        }
    }

    @Property(tries = 3, shrinking = ShrinkingMode.OFF)
    void afterAPartitionRecordsAreFoundWithinOneInterval(@ForAll long seed) {
        SimulatedNetwork network = new SimulatedNetwork(seed, CONFIG);
        network.grow(50, Duration.ofMillis(200));
        List<KadKey> keys = keys(50, network.random);
        for (int i = 0; i < keys.size(); i++) {
            network.nodes.get(i).provide(List.of(keys.get(i)));
        }
        network.run(Duration.ofMinutes(5));
        network.partition(true);
        // Long enough for each side to forget the other, and what it announced.
        network.run(Duration.ofMinutes(60));
        int across = 0;
        for (int i = 0; i < keys.size(); i++) {
            Node other = network.nodes.get((i + 1) % 50);
            across += find(network, other, keys.get(i), 0, Duration.ofSeconds(10))
                    .found()
                    .size();
        }
        assertThat(across).as("found across the cut").isZero();

        network.partition(false);
        network.run(INTERVAL);

        for (int i = 0; i < keys.size(); i++) {
            Node other = network.nodes.get((i + 1) % 50);
            assertThat(find(network, other, keys.get(i), 0, Duration.ofSeconds(10))
                            .found())
                    .containsOnlyKeys(network.nodes.get(i).id);
        }
    }

    @Property(tries = 5, shrinking = ShrinkingMode.OFF)
    void aNodeWhosePeersAllRestartComesBackByItself(@ForAll long seed) {
        SimulatedNetwork network = new SimulatedNetwork(seed, CONFIG);
        network.grow(10, Duration.ofMillis(200));
        KadKey key = Peers.randomKey(network.random);
        Node survivor = network.nodes.get(3);
        survivor.provide(List.of(key));
        network.run(Duration.ofMinutes(2));
        List<Node> others =
                network.nodes.stream().filter(node -> node != survivor).toList();
        others.forEach(Node::die);
        network.run(Duration.ofMinutes(30));
        assertThat(survivor.logic.peers()).isEmpty();

        others.forEach(Node::restart);
        // Each is tried every four minutes, one in ten seconds.
        network.run(Duration.ofMinutes(6));

        for (Node other : others) {
            assertThat(find(network, other, key, 1, Duration.ofSeconds(5)).found())
                    .containsOnlyKeys(survivor.id);
        }
    }

    @Property(tries = 2, shrinking = ShrinkingMode.OFF)
    void recordsSurviveLossAndChurn(@ForAll long seed) {
        SimulatedNetwork network = new SimulatedNetwork(seed, CONFIG);
        network.grow(60, Duration.ofMillis(200));
        List<KadKey> keys = keys(20, network.random);
        Node provider = network.nodes.get(0);
        provider.provide(keys);
        network.run(Duration.ofMinutes(1));
        network.loss = 0.02;

        int found = 0;
        int searches = 0;
        for (int minute = 0; minute < 90; minute++) {
            // In ninety minutes more nodes come and go than there are.
            List<Node> alive = network.alive();
            alive.get(1 + network.random.nextInt(alive.size() - 1)).die();
            network.grow(1, Duration.ZERO);
            network.nodes.get(network.nodes.size() - 1).bootstrap(network.nodes.get(0));
            network.run(Duration.ofSeconds(30));
            alive = network.alive();
            Node node = alive.get(1 + network.random.nextInt(alive.size() - 1));
            KadKey key = keys.get(network.random.nextInt(keys.size()));
            searches++;
            found += find(network, node, key, 1, Duration.ofSeconds(30)).found().size();
        }
        assertThat(found).as("of %d", searches).isGreaterThanOrEqualTo(searches - 1);
    }

    @Test
    void announcingCostsLookupsByTheNetworksSizeNotByTheKeys() {
        SimulatedNetwork network = new SimulatedNetwork(5, CONFIG);
        network.grow(100, Duration.ofMillis(100));
        network.run(Duration.ofMinutes(1));
        Node provider = network.nodes.get(0);
        List<KadKey> keys = keys(1000, network.random);
        long requests = provider.requests;
        provider.provide(keys);
        network.run(Duration.ofSeconds(20));

        // Ninety-nine others, each a stream or more; twenty records a key, and a few for peers that turned up
        // meanwhile.
        assertThat(provider.announcements).isBetween(20_000L, 22_000L);
        assertThat(provider.requests - requests).isLessThan(500);
        long records =
                network.nodes.stream().mapToLong(node -> node.logic.records()).sum();
        assertThat(records).isBetween(19_900L, provider.announcements);

        // The first cycle moves keys to their times; the second is as all that follow.
        network.run(INTERVAL);
        long announcements = provider.announcements;
        long streams = provider.streams;
        requests = provider.requests;
        network.run(INTERVAL);
        assertThat(provider.announcements - announcements).isBetween(19_000L, 22_000L);
        assertThat(provider.requests - requests).isLessThan(1_000);
        assertThat(provider.streams - streams).isLessThan(600);
    }
}
