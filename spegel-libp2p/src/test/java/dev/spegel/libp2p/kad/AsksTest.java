package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.kad.MemoryHosts.MemoryHost;
import dev.spegel.libp2p.kad.MemoryHosts.MemoryStream;
import dev.spegel.libp2p.yamux.ResetCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AsksTest {
    private static final String PROTOCOL = "/test/kad/1.0.0";
    private static final StreamLimits LIMITS = new StreamLimits(
            Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ofSeconds(10));
    /** Longer than any test. */
    private static final StreamLimits PATIENT = new StreamLimits(
            Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofSeconds(60), Duration.ofSeconds(10));

    private final Random random = new Random(5);
    private final MemoryHosts hosts = new MemoryHosts(3);
    private final MemoryHost self = hosts.add();
    private final MemoryHost peer = hosts.add();
    private final List<Long> answered = new CopyOnWriteArrayList<>();
    private final List<KadMessage> answers = new CopyOnWriteArrayList<>();
    private final List<Long> failed = new CopyOnWriteArrayList<>();
    private final List<KadMessage> arrived = new CopyOnWriteArrayList<>();
    private final Traffic traffic = new Traffic();
    private final Set<Long> unwanted = ConcurrentHashMap.newKeySet();
    private final Asks.Listener listener = new Asks.Listener() {
        @Override
        public boolean isWanted(long requestId) {
            return !unwanted.contains(requestId);
        }

        @Override
        public void answered(long requestId, KadMessage answer) {
            answered.add(requestId);
            answers.add(answer);
        }

        @Override
        public void failed(List<Long> requestIds) {
            failed.addAll(requestIds);
        }
    };

    /** What the peer does with the request that came as the n-th over all streams, from 0. */
    private interface Behaviour {
        void on(Stream stream, int n, KadMessage request);
    }

    @AfterEach
    void stop() {
        hosts.close();
    }

    private Asks asks(StreamLimits limits) {
        return new Asks(new StreamOpener(self, PROTOCOL), limits, traffic, listener);
    }

    private void peerDoes(Behaviour behaviour) {
        peer.handle(PROTOCOL, stream -> new RecordingHandler() {
            @Override
            void message(Stream on, KadMessage request) {
                arrived.add(request);
                behaviour.on(on, arrived.size() - 1, request);
            }
        });
    }

    private static void reply(Stream stream, int n) {
        stream.write(ByteBuffer.wrap(answer(n).toFrame()));
    }

    private static KadMessage answer(int n) {
        return new KadMessage(KadMessage.Type.FIND_NODE, KadKey.NONE, List.of(), List.of(), n);
    }

    private void ask(Asks asks, long... ids) throws Exception {
        hosts.onLoop(() -> {
            for (long id : ids) {
                asks.ask(askOf(id));
            }
        });
    }

    private KadAction.Ask askOf(long id) {
        KadMessage message =
                new KadMessage(KadMessage.Type.FIND_NODE, Peers.randomKey(random), List.of(), List.of(), (int) id);
        return new KadAction.Ask(id, peer.id, peer.addresses, message);
    }

    @Test
    void requestsGoOneAfterTheOtherOverOneStream() throws Exception {
        List<Integer> unanswered = new ArrayList<>();
        peerDoes((stream, n, request) -> {
            unanswered.add(n);
            assertThat(unanswered).hasSize(1);
            hosts.loop.execute(() -> {
                unanswered.clear();
                reply(stream, n);
            });
        });
        ask(asks(PATIENT), 1, 2, 3, 4, 5);

        await().until(() -> answered.size() == 5);
        assertThat(answered).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(answers).extracting(KadMessage::level).containsExactly(0, 1, 2, 3, 4);
        assertThat(arrived).extracting(KadMessage::level).containsExactly(1, 2, 3, 4, 5);
        assertThat(self.outbound).hasSize(1);
    }

    @Test
    void whatIsNoLongerWantedIsNotSent() throws Exception {
        List<Stream> waiting = new CopyOnWriteArrayList<>();
        peerDoes((stream, n, request) -> {
            if (n == 0) {
                waiting.add(stream);
            } else {
                reply(stream, n);
            }
        });
        ask(asks(PATIENT), 1, 2, 3, 4);
        await().until(() -> waiting.size() == 1);
        unwanted.addAll(List.of(1L, 2L, 4L));
        hosts.onLoop(() -> reply(waiting.get(0), 0));

        await().until(() -> answered.equals(List.of(1L, 3L)));
        assertThat(arrived).extracting(KadMessage::level).containsExactly(1, 3);
        assertThat(failed).isEmpty();
    }

    @Test
    void whatIsNoLongerWantedWhenTheStreamIsThereIsNotSent() throws Exception {
        peerDoes((stream, n, request) -> reply(stream, n));
        Asks asks = asks(PATIENT);
        hosts.onLoop(() -> {
            // The first goes to look for a stream before it's known that nobody wants it.
            asks.ask(askOf(1));
            asks.ask(askOf(2));
            unwanted.add(1L);
        });
        await().until(() -> answered.equals(List.of(2L)));
        assertThat(arrived).extracting(KadMessage::level).containsExactly(2);
        assertThat(self.outbound).hasSize(1);
    }

    @Test
    void aKeptStreamThatIsLostIsReplacedWithoutAFailure() throws Exception {
        peerDoes((stream, n, request) -> {
            if (n == 1) {
                stream.reset(0);
            } else {
                reply(stream, n);
            }
        });
        ask(asks(PATIENT), 1, 2);
        await().until(() -> answered.equals(List.of(1L, 2L)));
        assertThat(failed).isEmpty();
        assertThat(self.outbound).hasSize(2);
    }

    @Test
    void aFreshStreamThatIsLostFailsItsRequestOnly() throws Exception {
        peerDoes((stream, n, request) -> {
            if (n == 0) {
                stream.reset(0);
            } else {
                reply(stream, n);
            }
        });
        ask(asks(PATIENT), 1, 2);
        await().until(() -> answered.equals(List.of(2L)));
        assertThat(failed).containsExactly(1L);
        assertThat(traffic.snapshot(0, 0, 0).failedRequests()).isEqualTo(1);
    }

    @Test
    void aRequestIsTriedTwiceAtMost() throws Exception {
        peerDoes((stream, n, request) -> {
            if (n == 0) {
                reply(stream, n);
            } else {
                stream.reset(0);
            }
        });
        ask(asks(PATIENT), 1, 2);
        await().until(() -> failed.equals(List.of(2L)));
        assertThat(arrived).hasSize(3);
    }

    @Test
    void withoutAnAnswerInTimeAllThatWaitsFailsAndTheStreamIsNotUsedAgain() throws Exception {
        peerDoes((stream, n, request) -> {
            if (n != 1) {
                reply(stream, n);
            }
        });
        Asks asks = asks(LIMITS);
        ask(asks, 1, 2, 3);
        await().until(() -> failed.size() == 2);
        assertThat(answered).containsExactly(1L);
        assertThat(failed).containsExactly(2L, 3L);
        assertThat(self.outbound.get(0).isOpen()).isFalse();

        ask(asks, 4);
        await().until(() -> answered.contains(4L));
        assertThat(self.outbound).hasSize(2);
    }

    @Test
    void withoutAStreamAllThatWaitsFails() throws Exception {
        peer.refuses = true;
        ask(asks(PATIENT), 1, 2);
        await().until(() -> failed.equals(List.of(1L, 2L)));
    }

    @Test
    void withoutAStreamInTimeAllThatWaitsFails() throws Exception {
        peer.hangs = true;
        ask(asks(LIMITS), 1, 2);
        await().until(() -> failed.equals(List.of(1L, 2L)));
    }

    @Test
    void bytesThatNobodyAskedForEndTheStream() throws Exception {
        peerDoes((stream, n, request) -> {
            reply(stream, n);
            stream.write(ByteBuffer.wrap(answer(99).toFrame()));
        });
        ask(asks(PATIENT), 1);
        await().until(() -> self.outbound.get(0).resetCode == ResetCode.PROTOCOL_VIOLATION);
        assertThat(answers).extracting(KadMessage::level).containsExactly(0);
    }

    @Test
    void anAnswerMayComeInPieces() throws Exception {
        peerDoes((stream, n, request) -> {
            for (byte each : answer(7).toFrame()) {
                stream.write(ByteBuffer.wrap(new byte[] {each}));
            }
        });
        ask(asks(PATIENT), 1);
        await().until(() -> answered.equals(List.of(1L)));
        assertThat(answers).containsExactly(answer(7));
    }

    @Test
    void anAnswerThatIsTooLongOrNoneFails() throws Exception {
        peerDoes((stream, n, request) -> stream.write(
                ByteBuffer.wrap(n == 0 ? new byte[] {(byte) 0x81, (byte) 0x80, 0x40} : new byte[] {1, 1})));
        ask(asks(PATIENT), 1, 2);
        await().until(() -> failed.equals(List.of(1L, 2L)));
        assertThat(self.outbound).extracting(stream -> stream.resetCode).containsOnly(ResetCode.PROTOCOL_VIOLATION);
    }

    @Test
    void aPeerThatEndsItsStreamsAfterEachAnswerIsFine() throws Exception {
        peerDoes((stream, n, request) -> {
            reply(stream, n);
            stream.closeWrite();
        });
        Asks asks = asks(PATIENT);
        for (long id = 1; id <= 3; id++) {
            long last = id;
            ask(asks, id);
            await().until(() ->
                    answered.contains(last) && self.outbound.stream().noneMatch(MemoryStream::isOpen));
        }
        assertThat(failed).isEmpty();
        assertThat(self.outbound).hasSize(3);
    }

    @Test
    void moreThanTheBoundFails() throws Exception {
        peer.hangs = true;
        long[] ids = new long[Asks.MAX_WAITING + 2];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i;
        }
        ask(asks(PATIENT), ids);
        await().until(() -> failed.equals(List.of((long) ids.length - 1)));
    }

    @Test
    void longAnswersInTheMakingAreBoundedInSum() throws Exception {
        byte[] promise = {(byte) 0x80, (byte) 0x80, 0x40};
        int peers = Asks.MAX_PARTIAL_BYTES / Asks.MAX_ANSWER_BYTES + 2;
        hosts.windowBytes = Asks.MAX_ANSWER_BYTES;
        Asks asks = asks(PATIENT);
        for (int i = 0; i < peers; i++) {
            MemoryHost hostile = hosts.add();
            hostile.handle(PROTOCOL, stream -> new RecordingHandler() {
                @Override
                void message(Stream on, KadMessage request) {
                    on.write(ByteBuffer.wrap(promise));
                    on.write(ByteBuffer.allocate(Asks.MAX_ANSWER_BYTES - 100));
                }
            });
            long id = i;
            hosts.onLoop(() -> asks.ask(new KadAction.Ask(id, hostile.id, hostile.addresses, answer(0))));
        }
        await().until(() -> !failed.isEmpty());
        assertThat(self.outbound)
                .anyMatch(stream -> stream.resetCode == ResetCode.RESOURCE_LIMIT_EXCEEDED)
                .anyMatch(MemoryStream::isOpen);
    }

    @Test
    void afterCloseNothingIsHeard() throws Exception {
        peerDoes((stream, n, request) -> {});
        Asks asks = asks(LIMITS);
        ask(asks, 1, 2);
        await().until(() -> arrived.size() == 1);
        hosts.onLoop(asks::close);
        assertThat(self.outbound.get(0).resetCode).isEqualTo(ResetCode.SHUTDOWN);
        await().during(LIMITS.answer().plusMillis(200))
                .atMost(Duration.ofSeconds(5))
                .until(() -> answered.isEmpty() && failed.isEmpty());
    }
}
