package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.HostConfig;
import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.host.Identify;
import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.host.StreamLostException;
import dev.spegel.libp2p.identity.KeyPair;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whole nodes over real sockets, and a peer that has a name and a connection with each and does its worst: the honest ones find what
 * they look for all the while.
 */
@Timeout(120)
class HostilePeersTest {
    private static final KadDhtConfig CONFIG = new KadDhtConfig("/test", true, KadConfig.DEFAULTS);
    private static final int LOOKUPS = 30;

    private final HostThreads threads = HostThreads.create("honest", 2, 2);
    private final HostThreads hostileThreads = HostThreads.create("hostile", 1, 1);
    private final Random random = new Random(3);
    private final KadKey key = Peers.randomKey(random);
    private final List<Host> hosts = new ArrayList<>();
    private final List<KadDht> honest = new ArrayList<>();
    private final List<Future<?>> attacks = new ArrayList<>();
    /** Streams of the hostile peer that the others have ended. */
    private final AtomicInteger lost = new AtomicInteger();

    @AfterEach
    void stop() {
        attacks.forEach(attack -> attack.cancel(false));
        honest.forEach(KadDht::close);
        hosts.forEach(Host::close);
        threads.close();
        hostileThreads.close();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private Host host(HostThreads its) {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Host host = Host.create(
                KeyPair.generate(), HostConfig.builder().listen(anyPort).build(), its);
        hosts.add(host);
        return host;
    }

    /** Four honest nodes, of which the last has something. */
    private void network() throws Exception {
        for (int i = 0; i < 4; i++) {
            Host host = host(threads);
            honest.add(KadDht.on(host, CONFIG, System::nanoTime));
            get(host.start());
            if (i > 0) {
                get(host.connect(hosts.get(0).peerId(), hosts.get(0).addresses()));
            }
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> honest.stream().allMatch(dht -> dht.size() == 3));
        get(honest.get(3).provide(List.of(key)));
    }

    /** A started host that is connected with all honest ones. */
    private Host hostile(Host host) throws Exception {
        get(host.start());
        for (Host victim : hosts) {
            if (victim != host) {
                get(host.connect(victim.peerId(), victim.addresses()));
            }
        }
        return host;
    }

    /** Does so again and again, each time to each of the honest. */
    private void keepDoing(Host hostile, Consumer<Host> what) {
        List<Host> victims = List.copyOf(hosts.subList(0, 4));
        attacks.add(
                hostile.executor().scheduleWithFixedDelay(() -> victims.forEach(what), 0, 2, TimeUnit.MILLISECONDS));
    }

    private CompletableFuture<Stream> open(Host hostile, Host victim, String protocol) {
        return hostile.openStream(victim.peerId(), victim.addresses(), protocol, new Deaf());
    }

    /** Opens a stream, writes and leaves it open. */
    private void write(Host hostile, Host victim, String protocol, byte[] bytes) {
        var unused = open(hostile, victim, protocol).thenAccept(stream -> stream.write(ByteBuffer.wrap(bytes)));
    }

    private void theHonestFindWhatTheyLookFor() throws Exception {
        for (int i = 0; i < LOOKUPS; i++) {
            RecordingListener listener = new RecordingListener();
            honest.get(i % 3).findProviders(key, 0, listener);
            listener.ended.get(60, TimeUnit.SECONDS);
            assertThat(listener.found.keySet()).containsExactly(hosts.get(3).peerId());
        }
        for (int i = 0; i < 4; i++) {
            assertThat(honest.get(i).peers()).hasSizeBetween(3, 4);
            assertThat(honest.get(i).stats().records()).isEqualTo(i == 3 ? 0 : 1);
        }
    }

    @Test
    void aFloodOfRequestsWhoseAnswersNobodyReads() throws Exception {
        network();
        Host hostile = hostile(host(hostileThreads));
        byte[] request = KadMessage.getProviders(key).toFrame();
        ByteBuffer flood = ByteBuffer.allocate(500 * request.length);
        while (flood.hasRemaining()) {
            flood.put(request);
        }
        keepDoing(hostile, victim -> write(hostile, victim, CONFIG.protocol(), flood.array()));
        await().atMost(Duration.ofSeconds(60)).until(() -> lost.get() > 100);

        theHonestFindWhatTheyLookFor();

        assertThat(honest.get(0).stats().received().get(KadMessage.Type.GET_PROVIDERS))
                .isGreaterThan(1000);
    }

    @Test
    void streamsWithoutEndWithNothingOnThem() throws Exception {
        network();
        Host hostile = hostile(host(hostileThreads));
        keepDoing(hostile, victim -> write(hostile, victim, CONFIG.protocol(), new byte[] {100}));
        await().atMost(Duration.ofSeconds(60)).until(() -> lost.get() > 100);

        theHonestFindWhatTheyLookFor();

        assertThat(honest.get(0).stats().refusedStreams()).isPositive();
    }

    @Test
    void announcementsForOthersEndTheirStreamAndNothingIsKept() throws Exception {
        network();
        Host hostile = hostile(host(hostileThreads));
        PeerEntry other =
                new PeerEntry(hosts.get(1).peerId(), hosts.get(1).addresses(), PeerEntry.Connection.NOT_CONNECTED);
        keepDoing(
                hostile,
                victim -> write(
                        hostile,
                        victim,
                        CONFIG.protocol(),
                        KadMessage.addProvider(Peers.randomKey(random), other).toFrame()));
        await().atMost(Duration.ofSeconds(60)).until(() -> lost.get() > 100);

        theHonestFindWhatTheyLookFor();
    }

    @Test
    void identifyPushedInALoopAndNeverEnded() throws Exception {
        network();
        Host hostile = hostile(host(hostileThreads));
        keepDoing(hostile, victim -> write(hostile, victim, Identify.PUSH_PROTOCOL, new byte[] {100, 1}));
        await().atMost(Duration.ofSeconds(60)).until(() -> lost.get() > 100);

        theHonestFindWhatTheyLookFor();
    }

    @Test
    void aServerThatTakesEveryRequestAndNeverAnswers() throws Exception {
        network();
        Host host = host(hostileThreads);
        AtomicInteger taken = new AtomicInteger();
        host.handle(CONFIG.protocol(), stream -> {
            taken.incrementAndGet();
            return new Deaf();
        });
        hostile(host);
        await().atMost(Duration.ofSeconds(60)).until(() -> taken.get() == 4); // each has asked before letting it in

        theHonestFindWhatTheyLookFor();

        assertThat(honest).allSatisfy(dht -> assertThat(dht.peers()).doesNotContain(host.peerId()));
    }

    /** Reads nothing. */
    private final class Deaf implements StreamHandler {
        @Override
        public void received(Stream stream, ByteBuffer bytes) {
            // not consumed either
        }

        @Override
        public void halfClosed(Stream stream) {
            // nor answered
        }

        @Override
        public void closed(Stream stream, Optional<StreamLostException> failure) {
            lost.incrementAndGet();
        }
    }
}
