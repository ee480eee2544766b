package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.HostConfig;
import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.identity.KeyPair;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole networks over real sockets on loopback. */
@Timeout(120)
class KadDhtOnSocketsTest {
    private static final KadDhtConfig CONFIG = new KadDhtConfig(
            "/test",
            true,
            KadConfig.DEFAULTS.withProviders(ProviderConfig.DEFAULTS.withTimes(
                    Duration.ofMinutes(19), Duration.ofHours(1), Duration.ofMinutes(15), Duration.ofMinutes(2))));

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private record Node(KeyPair identity, Host host, KadDht dht) {
        RecordingListener find(KadKey key) {
            RecordingListener listener = new RecordingListener();
            dht.findProviders(key, 0, listener);
            return listener;
        }

        void provide(List<KadKey> keys) throws Exception {
            get(dht.provide(keys));
        }

        void close() {
            dht.close();
            host.close();
        }
    }

    private final HostThreads threads = HostThreads.create("dht-test", 2, 2);
    private final Random random = new Random(9);
    private final List<Node> nodes = new ArrayList<>();
    private final AtomicLong leapNanos = new AtomicLong();

    @AfterEach
    void stop() {
        nodes.forEach(Node::close);
        threads.close();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private Node start(KeyPair identity, int port) throws Exception {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        Host host = Host.create(identity, HostConfig.builder().listen(loopback).build(), threads);
        KadDht dht = KadDht.on(host, CONFIG, () -> System.nanoTime() + leapNanos.get());
        Node node = new Node(identity, host, dht);
        nodes.add(node);
        get(host.start());
        return node;
    }

    private void join(Node node, Node to) throws Exception {
        get(node.host().connect(to.host().peerId(), to.host().addresses()));
    }

    /** Nodes that each know only the first when they start. */
    private void grow(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Node node = start(KeyPair.generate(), 0);
            if (i > 0) {
                join(node, nodes.get(0));
            }
        }
        await().atMost(PATIENCE)
                .until(() -> nodes.stream().allMatch(node -> node.dht().size() >= Math.min(count - 1, 15)));
    }

    private List<KadKey> keys(int count) {
        return IntStream.range(0, count).mapToObj(i -> Peers.randomKey(random)).toList();
    }

    @Test
    void eachOfThirtyFindsWhatAnotherProvides() throws Exception {
        grow(30);
        List<KadKey> keys = keys(nodes.size());
        List<CompletableFuture<Void>> provided = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            provided.add(nodes.get(i).dht().provide(List.of(keys.get(i))));
        }
        for (CompletableFuture<Void> future : provided) {
            get(future);
        }
        for (int i = 0; i < nodes.size(); i++) {
            Node owner = nodes.get((i + 7) % nodes.size());
            RecordingListener listener = nodes.get(i).find(keys.get((i + 7) % nodes.size()));
            assertThat(listener.complete()).isTrue();
            assertThat(listener.found.keySet()).containsExactly(owner.host().peerId());
        }

        // A withdrawn key is gone after its validity.
        nodes.get(3).dht().withdraw(List.of(keys.get(3)));
        leapNanos.addAndGet(Duration.ofMinutes(19).toNanos());
        RecordingListener gone = nodes.get(11).find(keys.get(3));
        gone.complete();
        assertThat(gone.found).isEmpty();
    }

    @Test
    void keysAreStillFoundWhenHalfOfTheNodesDie() throws Exception {
        grow(20);
        List<KadKey> keys = keys(40);
        nodes.get(1).provide(keys);
        for (Node node : nodes.subList(10, 20)) {
            node.close();
        }
        for (KadKey key : keys) {
            RecordingListener listener = nodes.get(5).find(key);
            assertThat(listener.complete()).isTrue();
            assertThat(listener.found.keySet())
                    .containsExactly(nodes.get(1).host().peerId());
        }
        assertThat(nodes.get(5).dht().size()).isEqualTo(9);
    }

    @Test
    void fiveThousandKeysReachTheirHolders() throws Exception {
        grow(12);
        List<KadKey> keys = keys(5000);
        nodes.get(2).provide(keys);
        assertThat(nodes)
                .extracting(node -> node.dht().stats().records())
                .containsExactly(5000, 5000, 0, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000);
        assertThat(nodes.get(2).dht().stats().sent()).containsEntry(KadMessage.Type.ADD_PROVIDER, 55_000L);
    }

    @Test
    void aNodeThatRestartsUnderItsNameIsFoundAgain() throws Exception {
        grow(5);
        Node before = nodes.get(3);
        KadKey key = Peers.randomKey(random);
        int port = before.host().addresses().get(0).tcpSocket().orElseThrow().getPort();
        before.close();
        Node again = start(before.identity(), port);
        join(again, nodes.get(0));
        await().atMost(PATIENCE).until(() -> again.dht().size() >= 4);
        again.provide(List.of(key));
        RecordingListener listener = nodes.get(4).find(key);
        assertThat(listener.complete()).isTrue();
        assertThat(listener.found.keySet()).containsExactly(again.host().peerId());
    }
}
