package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.kad.MemoryHosts.MemoryHost;
import dev.spegel.libp2p.yamux.ResetCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnnouncementsTest {
    private static final String PROTOCOL = "/test/kad/1.0.0";
    private static final StreamLimits LIMITS = new StreamLimits(
            Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ofSeconds(10));

    private final Random random = new Random(5);
    private final MemoryHosts hosts = new MemoryHosts(3);
    private final MemoryHost self = hosts.add();
    private final MemoryHost peer = hosts.add();
    private final Traffic traffic = new Traffic();
    private final List<Long> announced = new CopyOnWriteArrayList<>();
    private final List<Long> failed = new CopyOnWriteArrayList<>();
    private final Announcements announcements =
            new Announcements(new StreamOpener(self, PROTOCOL), LIMITS, traffic, new Announcements.Listener() {
                @Override
                public void announced(long requestId) {
                    announced.add(requestId);
                }

                @Override
                public void failed(List<Long> requestIds) {
                    failed.addAll(requestIds);
                }
            });

    @AfterEach
    void stop() {
        hosts.close();
    }

    /** The peer at the other end, which ends its side once this one has. */
    private static class Taker extends RecordingHandler {
        @Override
        public void halfClosed(Stream stream) {
            super.halfClosed(stream);
            stream.closeWrite();
        }
    }

    private <T extends RecordingHandler> T peerIs(T handler) {
        peer.handle(PROTOCOL, stream -> handler);
        return handler;
    }

    private List<KadKey> announce(int count) throws Exception {
        List<KadKey> keys =
                IntStream.range(0, count).mapToObj(i -> Peers.randomKey(random)).toList();
        hosts.onLoop(
                () -> announcements.announce(new KadAction.Announce(7, peer.id, peer.addresses, keys), self.addresses));
        return keys;
    }

    @Test
    void allKeysArriveInOrderAndTheEndCountsAsDone() throws Exception {
        Taker taker = peerIs(new Taker());
        List<KadKey> keys = announce(3);
        await().until(() -> announced.equals(List.of(7L)));
        PeerEntry entry = new PeerEntry(self.id, self.addresses, PeerEntry.Connection.NOT_CONNECTED);
        assertThat(taker.messages)
                .containsExactlyElementsOf(keys.stream()
                        .map(key -> KadMessage.addProvider(key, entry))
                        .toList());
        assertThat(self.outbound.get(0).isOpen()).isFalse();
        assertThat(self.outbound.get(0).resetCode).isEqualTo(-1);
    }

    @Test
    void morePassesThanTheWindowHolds() throws Exception {
        hosts.windowBytes = 1000;
        Taker taker = peerIs(new Taker());
        List<KadKey> keys = announce(2000);
        await().until(() -> announced.equals(List.of(7L)));
        assertThat(taker.messages).extracting(KadMessage::key).containsExactlyElementsOf(keys);
    }

    @Test
    void aResetCountsAsRefused() throws Exception {
        peerIs(new Taker() {
            @Override
            void message(Stream stream, KadMessage message) {
                stream.reset(0);
            }
        });
        announce(3);
        await().until(() -> failed.equals(List.of(7L)));
        assertThat(traffic.snapshot(0, 0, 0).failedAnnouncements()).isEqualTo(1);
    }

    @Test
    void aPeerThatTakesNothingOrNeverEndsFails() throws Exception {
        hosts.windowBytes = 1000;
        peerIs(new Taker()).reads = false;
        announce(100);
        await().until(() -> failed.equals(List.of(7L)));
        failed.clear();
        peerIs(new RecordingHandler());
        announce(1);
        await().until(() -> failed.equals(List.of(7L)));
        assertThat(announced).isEmpty();
    }

    @Test
    void aPeerThatCannotBeReachedFails() throws Exception {
        peer.refuses = true;
        announce(1);
        await().until(() -> failed.equals(List.of(7L)));
        failed.clear();
        peer.refuses = false;
        peer.hangs = true;
        announce(1);
        await().until(() -> failed.equals(List.of(7L)));
    }

    @Test
    void anAnswerOrAnEarlyEndFails() throws Exception {
        peerIs(new RecordingHandler() {
            @Override
            void message(Stream stream, KadMessage message) {
                stream.write(ByteBuffer.wrap(message.toFrame()));
            }
        });
        announce(1);
        await().until(() -> failed.equals(List.of(7L)));
        assertThat(self.outbound.get(0).resetCode).isEqualTo(ResetCode.PROTOCOL_VIOLATION);
        failed.clear();

        hosts.windowBytes = 200;
        peerIs(new RecordingHandler() {
            @Override
            void message(Stream stream, KadMessage message) {
                stream.closeWrite();
            }
        });
        announce(100);
        await().until(() -> failed.equals(List.of(7L)));
    }

    @Test
    void afterCloseNothingIsHeard() throws Exception {
        RecordingHandler handler = peerIs(new RecordingHandler());
        announce(1);
        await().until(() -> handler.halfClosed);
        hosts.onLoop(announcements::close);
        await().until(() -> handler.lost);
        assertThat(self.outbound.get(0).resetCode).isEqualTo(ResetCode.SHUTDOWN);
        assertThat(announced).isEmpty();
        assertThat(failed).isEmpty();
    }
}
