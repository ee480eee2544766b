package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.MemoryHosts.MemoryHost;
import dev.spegel.libp2p.kad.MemoryHosts.MemoryStream;
import dev.spegel.libp2p.yamux.ResetCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServingTest {
    private static final String PROTOCOL = "/test/kad/1.0.0";
    private static final StreamLimits PATIENT = StreamLimits.DEFAULTS;
    private static final StreamLimits HASTY = new StreamLimits(
            Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(800), Duration.ofMillis(400));

    private final MemoryHosts hosts = new MemoryHosts(3);
    private final MemoryHost self = hosts.add();
    private final MemoryHost peer = hosts.add();
    private final Traffic traffic = new Traffic();
    /** Who was served, in order. */
    private final List<PeerId> served = new CopyOnWriteArrayList<>();

    private int answerBytes = 10;
    private Serving serving = serving(PATIENT);

    ServingTest() {
        self.handle(PROTOCOL, stream -> serving.accept(stream));
    }

    @AfterEach
    void stop() {
        hosts.close();
    }

    /** PING is answered with its level, ADD_PROVIDER with nothing, and PUT_VALUE resets. */
    private Serving serving(StreamLimits limits) {
        return new Serving(hosts.loop, limits, traffic, new Serving.Responder() {
            @Override
            public KadAnswer answer(PeerId from, KadMessage request) {
                served.add(from);
                return switch (request.type()) {
                    case ADD_PROVIDER -> new KadAnswer.Silence();
                    case PUT_VALUE -> new KadAnswer.Reset("as planned");
                    case GET_VALUE -> throw new IllegalStateException("as planned");
                    default ->
                        new KadAnswer.Reply(new KadMessage(
                                request.type(),
                                KadKey.of(new byte[answerBytes]),
                                List.of(),
                                List.of(),
                                request.level()));
                };
            }

            @Override
            public void turnEnded() {}
        });
    }

    private static KadMessage message(KadMessage.Type type, int level) {
        return new KadMessage(type, KadKey.NONE, List.of(), List.of(), level);
    }

    private static byte[] frames(KadMessage... messages) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (KadMessage message : messages) {
            frames.writeBytes(message.toFrame());
        }
        return frames.toByteArray();
    }

    private static byte[] pings(int count) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 1; i <= count; i++) {
            frames.writeBytes(message(KadMessage.Type.PING, i).toFrame());
        }
        return frames.toByteArray();
    }

    private Stream open(MemoryHost from, StreamHandler handler) throws Exception {
        return from.openStream(self.id, self.addresses, PROTOCOL, handler).get(10, TimeUnit.SECONDS);
    }

    private void write(Stream stream, byte[] bytes) throws Exception {
        hosts.onLoop(() -> {
            stream.write(ByteBuffer.wrap(bytes));
        });
    }

    private RecordingHandler sent(byte[] bytes) throws Exception {
        RecordingHandler handler = new RecordingHandler();
        write(open(peer, handler), bytes);
        return handler;
    }

    @Test
    void requestsAreAnsweredInOrderAndAnnouncementsNot() throws Exception {
        RecordingHandler handler = sent(frames(
                message(KadMessage.Type.PING, 1),
                message(KadMessage.Type.ADD_PROVIDER, 2),
                message(KadMessage.Type.FIND_NODE, 3),
                message(KadMessage.Type.PING, 4)));
        await().until(() -> handler.messages.size() == 3);
        assertThat(handler.messages).extracting(KadMessage::level).containsExactly(1, 3, 4);
        KadStats stats = traffic.snapshot(0, 0, 0);
        assertThat(stats.received())
                .containsEntry(KadMessage.Type.ADD_PROVIDER, 1L)
                .containsEntry(KadMessage.Type.PING, 2L);
        assertThat(stats.sent())
                .containsEntry(KadMessage.Type.PING, 2L)
                .doesNotContainKey(KadMessage.Type.ADD_PROVIDER);
    }

    @Test
    void requestsMayComeByteByByte() throws Exception {
        RecordingHandler handler = new RecordingHandler();
        Stream stream = open(peer, handler);
        for (byte each : pings(2)) {
            write(stream, new byte[] {each});
        }
        await().until(() -> handler.messages.size() == 2);
    }

    @Test
    void afterTheLastAnswerTheStreamEndsInOrder() throws Exception {
        RecordingHandler handler = new RecordingHandler();
        Stream stream = open(peer, handler);
        hosts.onLoop(() -> {
            stream.write(ByteBuffer.wrap(pings(100)));
            stream.closeWrite();
        });
        await().until(() -> handler.closedInOrder);
        assertThat(handler.messages).hasSize(100);
        assertThat(serving.streams()).isZero();
    }

    @Test
    void garbageTooMuchAndWhatIsRefusedReset() throws Exception {
        byte[] tooLong = {(byte) 0x81, (byte) 0x80, 0x04};
        byte[] noVarint = new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
        List<byte[]> bad = List.of(
                new byte[] {1, 1},
                tooLong,
                noVarint,
                frames(message(KadMessage.Type.PUT_VALUE, 1)),
                frames(message(KadMessage.Type.GET_VALUE, 1)));
        for (byte[] bytes : bad) {
            RecordingHandler handler = sent(bytes);
            await().until(() -> handler.lost);
        }
        assertThat(serving.streams()).isZero();
        assertThat(traffic.snapshot(0, 0, 0).refusedStreams()).isEqualTo(5);

        RecordingHandler good = sent(pings(1));
        await().until(() -> good.messages.size() == 1);
    }

    @Test
    void anEndWithinARequestResets() throws Exception {
        RecordingHandler handler = new RecordingHandler();
        Stream stream = open(peer, handler);
        hosts.onLoop(() -> {
            stream.write(ByteBuffer.wrap(pings(1), 0, 2));
            stream.closeWrite();
        });
        await().until(() -> handler.lost);
    }

    @Test
    void idleStreamsAreResetAndThoseInUseAreNot() throws Exception {
        serving = serving(HASTY);
        RecordingHandler idle = sent(pings(1));
        RecordingHandler drip = sent(new byte[] {100});
        RecordingHandler busy = new RecordingHandler();
        Stream stream = open(peer, busy);
        await().until(() -> {
            write(stream, pings(1));
            return idle.lost && drip.lost;
        });
        assertThat(busy.lost).isFalse();
        assertThat(traffic.snapshot(0, 0, 0).refusedStreams()).isZero();
        assertThat(serving.streams()).isEqualTo(1);
    }

    @Test
    void aPeerThatDoesNotReadIsAnsweredNoMoreAndThenReset() throws Exception {
        serving = serving(HASTY);
        hosts.windowBytes = 64 * 1024;
        answerBytes = 10_000;
        RecordingHandler handler = new RecordingHandler();
        handler.reads = false;
        write(open(peer, handler), pings(100));
        await().until(() -> handler.lost);
        assertThat(served).hasSizeBetween(6, 8);
        assertThat(serving.streams()).isZero();
    }

    @Test
    void aPeerThatReadsAgainInTimeGetsItAll() throws Exception {
        hosts.windowBytes = 64 * 1024;
        answerBytes = 10_000;
        RecordingHandler handler = sent(pings(100));
        await().until(() -> handler.messages.size() == 100);
    }

    @Test
    void whatIsNotAnsweredYetIsNotConsumed() throws Exception {
        hosts.windowBytes = 1000;
        answerBytes = 2000;
        RecordingHandler handler = new RecordingHandler();
        handler.reads = false;
        Stream stream = open(peer, handler);
        await().until(() -> hosts.onLoop(() -> stream.write(ByteBuffer.wrap(pings(100)))) == 0);
        assertThat(served).hasSize(1);
    }

    @Test
    void aFloodDelaysOthersByOneRequestEachOnly() throws Exception {
        MemoryHost victim = hosts.add();
        RecordingHandler flood = new RecordingHandler();
        RecordingHandler handler = new RecordingHandler();
        List<Stream> floods = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            floods.add(open(peer, flood));
        }
        Stream stream = open(victim, handler);
        hosts.onLoop(() -> {
            floods.forEach(each -> each.write(ByteBuffer.wrap(pings(1000))));
            stream.write(ByteBuffer.wrap(pings(3)));
        });
        await().until(() -> served.size() == 10_003);
        // Its requests arrive behind the flood, some turns late; from then on it's one of each.
        int first = served.indexOf(victim.id);
        int last = served.lastIndexOf(victim.id);
        assertThat(last - first).isLessThanOrEqualTo(4 + Serving.REQUESTS_A_TURN);
        assertThat(first).isLessThan(3 * Serving.REQUESTS_A_TURN);
    }

    @Test
    void streamsOfOnePeerAreBoundedAndOthersStillGetTheirs() throws Exception {
        List<RecordingHandler> handlers = new ArrayList<>();
        for (int i = 0; i < Serving.MAX_STREAMS_PER_PEER + 3; i++) {
            RecordingHandler handler = new RecordingHandler();
            handlers.add(handler);
            open(peer, handler);
        }
        await().until(() -> handlers.stream().filter(handler -> handler.lost).count() == 3);
        assertThat(self.inbound)
                .filteredOn(stream -> !stream.isOpen())
                .extracting(stream -> stream.resetCode)
                .containsOnly(ResetCode.RESOURCE_LIMIT_EXCEEDED);
        RecordingHandler other = new RecordingHandler();
        write(open(hosts.add(), other), pings(1));
        await().until(() -> other.messages.size() == 1);
    }

    @Test
    void streamsAreBoundedInAll() throws Exception {
        for (int i = 0; i < Serving.MAX_STREAMS; i++) {
            open(hosts.add(), new RecordingHandler());
        }
        assertThat(serving.streams()).isEqualTo(Serving.MAX_STREAMS);
        RecordingHandler one = new RecordingHandler();
        open(peer, one);
        await().until(() -> one.lost);
        assertThat(serving.streams()).isEqualTo(Serving.MAX_STREAMS);
    }

    @Test
    void whoHasMostStreamsGivesOneUpForWhoeverHasFewer() throws Exception {
        List<RecordingHandler> handlers = new ArrayList<>();
        int peers = Serving.MAX_STREAMS / Serving.MAX_STREAMS_PER_PEER;
        for (int i = 0; i < peers; i++) {
            MemoryHost each = hosts.add();
            for (int j = 0; j < Serving.MAX_STREAMS_PER_PEER; j++) {
                RecordingHandler handler = new RecordingHandler();
                handlers.add(handler);
                open(each, handler);
            }
        }
        assertThat(serving.streams()).isEqualTo(Serving.MAX_STREAMS);

        RecordingHandler honest = sent(pings(1));

        await().until(() -> honest.messages.size() == 1);
        await().until(() -> handlers.stream().filter(handler -> handler.lost).count() == 1);
        assertThat(serving.streams()).isEqualTo(Serving.MAX_STREAMS);
    }

    @Test
    void crumbsCountByWhatTheyTakeAndNotByTheirBytes() throws Exception {
        hosts.windowBytes = 64 * 1024;
        answerBytes = 70_000;
        List<RecordingHandler> hoarders = new ArrayList<>();
        for (int i = 0; i < Serving.MAX_STREAMS_PER_PEER; i++) {
            RecordingHandler hoarder = new RecordingHandler();
            hoarder.reads = false;
            hoarders.add(hoarder);
            Stream stream = open(peer, hoarder);
            // The first is answered, and since nobody reads that, what follows waits: a tenth of what may be held, by
            // its bytes.
            write(stream, pings(1));
            hosts.onLoop(() -> {
                for (int j = 0; j < Serving.MAX_HELD_BYTES / Serving.MAX_STREAMS_PER_PEER / 100; j++) {
                    stream.write(ByteBuffer.wrap(new byte[] {100}));
                }
            });
        }
        await().until(() -> hoarders.stream().anyMatch(hoarder -> hoarder.lost));
        assertThat(self.inbound)
                .filteredOn(stream -> !stream.isOpen())
                .extracting(stream -> stream.resetCode)
                .containsOnly(ResetCode.RESOURCE_LIMIT_EXCEEDED);
    }

    @Test
    void whoHoldsMostLosesItsStreamsWhenTheBoundIsReached() throws Exception {
        hosts.windowBytes = 1024 * 1024;
        answerBytes = 60_000;
        List<RecordingHandler> hoarders = new ArrayList<>();
        MemoryHost other = hosts.add();
        RecordingHandler modest = new RecordingHandler();
        Stream modestStream = open(other, modest);
        // Each has its answers unread, and fills its window with requests.
        for (int i = 0; i < Serving.MAX_HELD_BYTES / hosts.windowBytes + 2; i++) {
            RecordingHandler hoarder = new RecordingHandler();
            hoarder.reads = false;
            hoarders.add(hoarder);
            Stream stream = open(peer, hoarder);
            write(stream, pings(300_000));
        }
        await().until(() -> hoarders.stream().anyMatch(hoarder -> hoarder.lost));
        write(modestStream, pings(1));
        await().until(() -> modest.messages.size() == 1);
        assertThat(modest.lost).isFalse();
    }

    @Test
    void aLostStreamIsForgotten() throws Exception {
        RecordingHandler handler = sent(pings(1));
        await().until(() -> handler.messages.size() == 1);
        assertThat(serving.streams()).isEqualTo(1);
        hosts.onLoop(() -> peer.disconnect(self));
        assertThat(serving.streams()).isZero();
        assertThat(self.inbound).noneMatch(MemoryStream::isOpen);
    }
}
