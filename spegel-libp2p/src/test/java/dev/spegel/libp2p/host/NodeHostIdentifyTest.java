package dev.spegel.libp2p.host;

import static dev.spegel.libp2p.host.MemoryHosts.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PeerRecord;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** How peers introduce themselves to a {@link NodeHost}, the ill-behaved included. */
class NodeHostIdentifyTest {
    private static final Duration LIMIT = HostConfig.DEFAULTS.streamLimit();

    private final MemoryHosts hosts = new MemoryHosts();
    private final NodeHost host = hosts.started("10.0.0.1");

    /** A handler that writes this and ends the stream, or doesn't. */
    private static Function<Stream, StreamHandler> says(byte[] bytes, boolean ends) {
        return stream -> {
            stream.write(ByteBuffer.wrap(bytes));
            if (ends) {
                stream.closeWrite();
            }
            return new Ignoring();
        };
    }

    private ConnectedPeer connectToOneWhoSays(byte[] bytes, boolean ends) {
        PeerId peer = hosts.stranger("10.0.0.2", Map.of(Identify.PROTOCOL, says(bytes, ends)));
        return hosts.after(LIMIT, host.connect(peer, at("10.0.0.2")));
    }

    private static byte[] identify(KeyPair key, String... protocols) {
        return IdentifyEncoder.encode(Identify.builder()
                .publicKey(key.publicKey())
                .protocols(List.of(protocols))
                .listenAddresses(at("10.0.0.2"))
                .build());
    }

    private Identify answerOf(NodeHost asked) {
        IdentifyReader reader = new IdentifyReader();
        NodeHost asker = hosts.started("10.0.0.99");
        hosts.now(asker.openStream(asked.peerId(), asked.addresses(), Identify.PROTOCOL, reader));
        return hosts.now(reader.result());
    }

    @Test
    void theAnswerIsWholeSignedAndSorted() {
        NodeHost asked =
                hosts.host(KeyPair.generate(), "10.0.0.3", HostConfig.builder().agentVersion("test/1"));
        asked.handle("/a/1", says(new byte[0], true));
        hosts.now(asked.start());

        Identify answer = answerOf(asked);

        assertThat(answer.publicKey().orElseThrow().peerId()).isEqualTo(asked.peerId());
        assertThat(answer.protocols())
                .containsExactly("/a/1", "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0");
        assertThat(answer.listenAddresses()).isEqualTo(at("10.0.0.3"));
        assertThat(answer.agentVersion()).isEqualTo("test/1");
        assertThat(answer.observedAddress().orElseThrow().toString()).startsWith("/ip4/10.0.0.99/tcp/4");
        assertThat(answer.recordOf(asked.peerId()).orElseThrow().addresses()).isEqualTo(at("10.0.0.3"));
    }

    @Test
    void recordsGrowEvenIfTheClockStandsStill() {
        KeyPair key = KeyPair.generate();
        OwnRecord record = new OwnRecord(key, () -> 42);
        long before = PeerRecord.open(record.envelope()).seq();

        record.setAddresses(at("10.0.0.1"));

        assertThat(PeerRecord.open(record.envelope()).seq()).isEqualTo(before + 1);
    }

    @Test
    void aPeerThatSaysNothingIsConnectedButNotIdentified() {
        ConnectedPeer peer = connectToOneWhoSays(new byte[0], false);

        assertThat(peer.protocols()).isEmpty();
        assertThat(peer.addresses()).isEmpty();
        assertThat(host.peers()).isEmpty();
    }

    @Test
    void aPeerThatNeverEndsItsAnswerIsNotIdentified() {
        assertThat(connectToOneWhoSays(identify(KeyPair.generate(), "/x"), false)
                        .protocols())
                .isEmpty();
    }

    @Test
    void garbageOversizedAndEndlessAnswersAreRefusedAtOnce() {
        byte[] oversized = {(byte) 0x81, (byte) 0x40}; // 8193 bytes follow
        byte[] garbage = {3, 1, 2, 3};
        byte[] endless = new byte[100]; // empty messages
        byte[] cut = {5, 0};
        int last = 2;
        for (byte[] answer : List.of(oversized, garbage, endless, cut)) {
            String ip = "10.0.1." + last++;
            PeerId peer = hosts.stranger(ip, Map.of(Identify.PROTOCOL, says(answer, true)));

            assertThat(hosts.now(host.connect(peer, at(ip))).protocols()).isEmpty();
        }
        assertThat(host.peers()).isEmpty();
    }

    @Test
    void aPeerThatWritesWithoutEndLosesItsStream() {
        List<Stream> streams = new ArrayList<>();
        PeerId peer = hosts.stranger("10.0.0.2", Map.of(Identify.PROTOCOL, stream -> {
            streams.add(stream);
            stream.write(ByteBuffer.wrap(new byte[64]));
            return new Ignoring();
        }));

        hosts.now(host.connect(peer, at("10.0.0.2")));

        assertThat(streams)
                .singleElement()
                .satisfies(stream -> assertThat(stream.isOpen()).isFalse());
    }

    @Test
    void aPeerWithoutIdentifyIsConnected() {
        PeerId peer = hosts.stranger("10.0.0.2", Map.of());

        assertThat(hosts.now(host.connect(peer, at("10.0.0.2"))).protocols()).isEmpty();
    }

    @Test
    void aConnectionThatEndsMeanwhileFailsTheConnect() {
        PeerId peer = hosts.stranger("10.0.0.2", Map.of(Identify.PROTOCOL, says(new byte[0], false)));
        CompletableFuture<ConnectedPeer> connect = host.connect(peer, at("10.0.0.2"));
        hosts.loop.run();
        assertThat(connect).isNotDone();

        host.close();

        assertThat(hosts.failureOf(connect)).isInstanceOf(IOException.class).hasMessageContaining("ended");
    }

    @Test
    void changedAddressesAreToldToPeersThatListen() {
        KeyPair key = KeyPair.generate();
        List<List<Multiaddr>> announced = new ArrayList<>(List.of(at("10.0.0.3")));
        NodeHost moving = hosts.host(
                key, "10.0.0.3", HostConfig.builder().announced(usual -> announced.get(announced.size() - 1)));
        hosts.now(moving.start());
        hosts.now(host.connect(moving.peerId(), at("10.0.0.3")));

        announced.add(at("10.0.0.4"));
        hosts.loop.advance(ListeningSockets.INTERVAL);

        assertThat(moving.addresses()).isEqualTo(at("10.0.0.4"));
        assertThat(host.peers()).singleElement().satisfies(peer -> {
            assertThat(peer.addresses()).isEqualTo(at("10.0.0.4"));
            assertThat(peer.protocols()).contains(Identify.PUSH_PROTOCOL);
        });
    }

    @Test
    void addressesThatCannotBeAnnouncedLeaveTheOldOnes() {
        List<List<Multiaddr>> announced = new ArrayList<>(List.of(at("10.0.0.3")));
        NodeHost moving = hosts.host(
                KeyPair.generate(),
                "10.0.0.3",
                HostConfig.builder().announced(usual -> announced.get(announced.size() - 1)));
        hosts.now(moving.start());

        announced.add(at("0.0.0.0"));
        hosts.loop.advance(ListeningSockets.INTERVAL);

        assertThat(moving.addresses()).isEqualTo(at("10.0.0.3"));
    }

    @Test
    void aPushReplacesWhatItNames() {
        KeyPair key = KeyPair.generate();
        NodeHost peer = hosts.host(key, "10.0.0.2", HostConfig.builder().agentVersion("old"));
        hosts.now(peer.start());
        hosts.now(peer.connect(host.peerId(), at("10.0.0.1")));

        push(
                peer,
                IdentifyEncoder.encode(
                        Identify.builder().protocols(List.of("/new")).build()));

        assertThat(host.peers()).singleElement().satisfies(told -> {
            assertThat(told.protocols()).containsExactly("/new");
            assertThat(told.addresses()).isEqualTo(at("10.0.0.2"));
            assertThat(told.agentVersion()).isEqualTo("old");
        });
    }

    @Test
    void pushesInALoopAreRefusedAfterABurst() {
        NodeHost peer = hosts.started("10.0.0.2");
        hosts.now(peer.connect(host.peerId(), at("10.0.0.1")));

        for (int i = 0; i < 3 * IdentifyService.PUSH_BURST; i++) {
            push(peer, identify(KeyPair.generate(), "/turn/" + i));
        }

        assertThat(host.peers())
                .singleElement()
                .satisfies(told ->
                        assertThat(told.protocols()).containsExactly("/turn/" + (IdentifyService.PUSH_BURST - 1)));
    }

    @Test
    void aPeerMayHaveTwoPingStreamsAndEachEndsInTime() {
        NodeHost peer = hosts.started("10.0.0.2");
        hosts.now(peer.connect(host.peerId(), at("10.0.0.1")));
        List<Stream> streams = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            streams.add(hosts.now(peer.openStream(host.peerId(), List.of(), PingService.PROTOCOL, new Ignoring())));
        }
        hosts.loop.run();
        assertThat(streams).filteredOn(Stream::isOpen).hasSize(PingService.MAX_STREAMS_PER_PEER);

        for (int i = 0; i < 3; i++) { // one goes on, the other is silent
            streams.get(0).write(ByteBuffer.wrap(new byte[PingService.LENGTH]));
            hosts.loop.advance(Duration.ofSeconds(9));
        }
        assertThat(streams).filteredOn(Stream::isOpen).containsExactly(streams.get(0));
        streams.get(0).write(ByteBuffer.wrap(new byte[PingService.LENGTH]));
        hosts.loop.advance(Duration.ofSeconds(4));

        assertThat(streams).noneMatch(Stream::isOpen);
        assertThat(hosts.now(peer.ping(host.peerId()))).isZero();
    }

    @Test
    void questionsWithoutEndAreRefusedBeyondABound() {
        NodeHost peer = hosts.started("10.0.0.2");
        hosts.now(peer.connect(host.peerId(), at("10.0.0.1")));
        List<Stream> streams = new ArrayList<>();
        for (int i = 0; i < 2 * IdentifyService.MAX_STREAMS_PER_PEER; i++) {
            streams.add(hosts.now(peer.openStream(
                    host.peerId(), List.of(), Identify.PROTOCOL, new Ignoring()))); // never ends its side
        }
        hosts.loop.run();
        assertThat(streams).filteredOn(Stream::isOpen).hasSize(IdentifyService.MAX_STREAMS_PER_PEER);

        hosts.loop.advance(LIMIT);

        assertThat(streams).noneMatch(Stream::isOpen);
    }

    private void push(NodeHost from, byte[] message) {
        MessageWriter writer = new MessageWriter(message);
        writer.write(hosts.now(from.openStream(host.peerId(), List.of(), Identify.PUSH_PROTOCOL, writer)));
        hosts.loop.run();
    }

    /** Takes everything and says nothing. */
    private static final class Ignoring implements StreamHandler {
        @Override
        public void received(Stream stream, ByteBuffer bytes) {
            stream.consumed(bytes.remaining());
        }

        @Override
        public void halfClosed(Stream stream) {}

        @Override
        public void closed(Stream stream, Optional<StreamLostException> failure) {}
    }
}
