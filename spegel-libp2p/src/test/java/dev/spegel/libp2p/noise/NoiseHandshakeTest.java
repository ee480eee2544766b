package dev.spegel.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class NoiseHandshakeTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] NOTHING = {};
    private static final String YAMUX = "/yamux/1.0.0";

    /** The example key of libp2p/specs, peer-ids/peer-ids.md. */
    private static final KeyPair INITIATOR =
            KeyPair.fromBytes(HEX.parseHex("080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
                    + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"));

    private static final PeerId INITIATOR_ID = PeerId.parse("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");

    /** The key of js-libp2p's peer record test, which go-libp2p made. */
    private static final KeyPair RESPONDER =
            KeyPair.fromBytes(HEX.parseHex("0801124085fbe72b6064289004a531f967898df5319ee02992fdd84021fa5052434bf6ee"
                    + "11bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4"));

    private static final PeerId RESPONDER_ID = PeerId.parse("12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh");

    // A whole handshake of these two with the Noise keys of flynn/noise's vectors.
    private static final byte[] MESSAGE_1 =
            HEX.parseHex("0020358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254");

    private static final byte[] MESSAGE_2 = HEX.parseHex(
            "00d864b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484663414af878d3e46a2f58911a816d6"
                    + "e8346d4ea17a6f2a0bb4ef4ed56c133cff4560a34e36ea82109f26cf2e5a5caf992b8b4dc7d75b05581997103f1de1a3"
                    + "bce94db6ee95b8d5874b1c02206c68d267ff2f42c843a6d787e85f461ad356a748a923342524e8ab99690c2a3f16cb70"
                    + "bf1ab7ce3ace81158d7b245e05494a5c6c1da971f2ee7057f81bcbe284753559c1972f118f4daac61e5094216610cafd"
                    + "32b1ac73bf9b837316a6e27512692cb9070812c3a35aea83e6d1");

    private static final byte[] MESSAGE_3 = HEX.parseHex(
            "00b887f864c11ba449f46a0a4f4e2eacbb7b0457784f4fca1937f572c93603e9c4d9cc3253be043c9b3b7881680c584e"
                    + "9e6302320cd7b9b479fd98c480fafdd61f5e93858f566ed8b6e39a20b486d45185eb32978db15c655ce1de6fbbdffb95"
                    + "3a0c39f0b45a87a12bdc01aee67172c64b22b78e1170970225393bcdaf4d88e502fc1b160fd8ebc2f9bab60db8d2f09c"
                    + "c148c20dbe810831018a8cbc9debef6fdb1c510dfc961b06f8a7e737aaa97fd3a09c49237bc421652b5d");

    private static final byte[] PAYLOAD_2 = HEX.parseHex(
            "0a240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4124008552ea21b0e8168"
                    + "4c37ce291a5dd432cd66314ab8638b76815d579f333953dc65242a6649be2f3a81c857409f44b16d3983f4fffa1f7bf0"
                    + "9856d3dac50a1501220e120c2f79616d75782f312e302e30");

    private static final byte[] PAYLOAD_3 = HEX.parseHex(
            "0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e1240a0381ec5f8954ac6"
                    + "07c1059e453ca7d6bf2456009e8b7c262b06a418f3685dfc951b443e04084e41bbc282b6387462059ee65bc28d5b286d"
                    + "804a25f5c0916507220e120c2f79616d75782f312e302e30");

    private final NoiseIdentity initiator = NoiseIdentity.of(INITIATOR, NoiseKeys.INITIATOR_STATIC, List.of(YAMUX));
    private final NoiseIdentity responder = NoiseIdentity.of(RESPONDER, NoiseKeys.RESPONDER_STATIC, List.of(YAMUX));

    private NoiseHandshake dial(Optional<PeerId> expected) {
        return initiator.handshake(true, NoiseKeys.INITIATOR_EPHEMERAL, expected);
    }

    private NoiseHandshake accept() {
        NoiseHandshake accepted = responder.handshake(false, NoiseKeys.RESPONDER_EPHEMERAL, Optional.empty());
        assertThat(accepted.start()).isEmpty();
        return accepted;
    }

    /** Lets both talk until they are done; the bytes that one sends are the bytes that the other gets. */
    private static void run(NoiseHandshake dialling, NoiseHandshake accepting) throws IOException {
        byte[] first = dialling.start();
        byte[] second = accepting.advance(ByteBuffer.wrap(first));
        byte[] third = dialling.advance(ByteBuffer.wrap(second));
        assertThat(accepting.advance(ByteBuffer.wrap(third))).isEmpty();
    }

    private static NoiseChannel channel(NoiseHandshake handshake) {
        return handshake.channel().orElseThrow();
    }

    private static byte[] seal(NoiseChannel channel, byte[] text) throws NoiseException {
        ByteBuffer frames = ByteBuffer.allocate(NoiseChannel.sealedBytes(text.length));
        channel.seal(ByteBuffer.wrap(text), frames);
        return frames.array();
    }

    private static byte[] open(NoiseChannel channel, byte[] frame) throws NoiseException {
        ByteBuffer text = ByteBuffer.allocate(NoiseChannel.plaintextBytes(ByteBuffer.wrap(frame)));
        channel.open(ByteBuffer.wrap(frame), text);
        return text.array();
    }

    @Nested
    class Vectors {
        @Test
        void payloadsAreAsTheVectorsHaveThem() {
            assertThat(NoisePayload.encode(RESPONDER, NoiseKeys.RESPONDER_STATIC.publicBytes(), List.of(YAMUX)))
                    .isEqualTo(PAYLOAD_2);
            assertThat(NoisePayload.encode(INITIATOR, NoiseKeys.INITIATOR_STATIC.publicBytes(), List.of(YAMUX)))
                    .isEqualTo(PAYLOAD_3);
        }

        @Test
        void messagesAreAsTheVectorsHaveThem() throws IOException {
            NoiseHandshake dialling = dial(Optional.of(RESPONDER_ID));
            NoiseHandshake accepting = accept();

            assertThat(dialling.start()).isEqualTo(MESSAGE_1);
            assertThat(accepting.advance(ByteBuffer.wrap(MESSAGE_1))).isEqualTo(MESSAGE_2);
            assertThat(dialling.advance(ByteBuffer.wrap(MESSAGE_2))).isEqualTo(MESSAGE_3);
            assertThat(accepting.advance(ByteBuffer.wrap(MESSAGE_3))).isEmpty();
        }

        @Test
        void theHashIsAsTheVectorsHaveIt() throws NoiseException {
            XxHandshake noise =
                    new XxHandshake(true, NoiseKeys.INITIATOR_STATIC, NoiseKeys.INITIATOR_EPHEMERAL, NOTHING);
            noise.write(NOTHING);
            noise.read(Arrays.copyOfRange(MESSAGE_2, 2, MESSAGE_2.length));
            noise.write(PAYLOAD_3);

            assertThat(HEX.formatHex(noise.handshakeHash()))
                    .isEqualTo("f1036371ebe66adfeba843cfc6ec43c096f91279ae0ff84c00a98c14161d8268");
        }

        @Test
        void theFirstFramesAreAsTheVectorsHaveThem() throws IOException {
            NoiseHandshake dialling = dial(Optional.of(RESPONDER_ID));
            NoiseHandshake accepting = accept();
            run(dialling, accepting);
            byte[] ping = HEX.parseHex("000200010000000000000000"); // yamux: ping 0, SYN
            byte[] sent = seal(channel(dialling), ping);
            byte[] answered = seal(channel(accepting), ping);

            assertThat(HEX.formatHex(sent)).isEqualTo("001cdc499c46c979611c0f700aecaf6a37577ff17a06dc5963de61fe52aa");
            assertThat(HEX.formatHex(answered))
                    .isEqualTo("001c5732c82fefcf0dfce4bf53a0822803971b5f4bebf45b758e4c9137b4");
            assertThat(open(channel(accepting), sent)).isEqualTo(ping);
            assertThat(open(channel(dialling), answered)).isEqualTo(ping);
        }
    }

    @Nested
    class Identities {
        @Test
        void eachEndKnowsTheOther() throws IOException {
            NoiseHandshake dialling = dial(Optional.of(RESPONDER_ID));
            NoiseHandshake accepting = accept();
            run(dialling, accepting);

            assertThat(channel(dialling).remotePeer()).isEqualTo(RESPONDER_ID);
            assertThat(channel(dialling).remoteKey()).isEqualTo(RESPONDER.publicKey());
            assertThat(channel(accepting).remotePeer()).isEqualTo(INITIATOR_ID);
            assertThat(channel(accepting).remoteKey()).isEqualTo(INITIATOR.publicKey());
        }

        @Test
        void whoDialsAnyoneLearnsWhoItIs() throws IOException {
            NoiseHandshake dialling = initiator.dialAnyone();
            NoiseHandshake accepting = responder.accept();
            accepting.start();
            run(dialling, accepting);

            assertThat(channel(dialling).remotePeer()).isEqualTo(RESPONDER_ID);
        }

        @Test
        void anotherPeerThanExpectedIsToldAndGetsNoAnswer() {
            NoiseHandshake dialling = dial(Optional.of(INITIATOR_ID));
            dialling.start();

            assertThatExceptionOfType(PeerIdMismatchException.class)
                    .isThrownBy(() -> dialling.advance(ByteBuffer.wrap(MESSAGE_2)))
                    .satisfies(e -> assertThat(e.expected()).isEqualTo(INITIATOR_ID))
                    .satisfies(e -> assertThat(e.actual()).isEqualTo(RESPONDER_ID));
            assertThat(dialling.channel()).isEmpty();
        }

        /** A thief of somebody's payload has another Noise key than the one that it vouches for. */
        @Test
        void aPayloadOfAnotherNoiseKeyIsRefused() throws IOException {
            XxHandshake thief =
                    new XxHandshake(false, NoiseKeys.INITIATOR_STATIC, NoiseKeys.RESPONDER_EPHEMERAL, NOTHING);
            NoiseHandshake dialling = dial(Optional.of(RESPONDER_ID));
            byte[] first = dialling.start();
            thief.read(Arrays.copyOfRange(first, 2, first.length));
            ByteBuffer second = framed(thief.write(PAYLOAD_2));

            assertThatExceptionOfType(NoiseException.class)
                    .isThrownBy(() -> dialling.advance(second))
                    .withMessageContaining("12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh didn't sign");
        }

        @Test
        void aListenerRefusesAPayloadOfAnotherNoiseKey() throws IOException {
            XxHandshake thief =
                    new XxHandshake(true, NoiseKeys.RESPONDER_STATIC, NoiseKeys.INITIATOR_EPHEMERAL, NOTHING);
            NoiseHandshake accepting = accept();
            byte[] second = accepting.advance(framed(thief.write(NOTHING)));
            thief.read(Arrays.copyOfRange(second, 2, second.length));
            ByteBuffer third = framed(thief.write(PAYLOAD_3));

            assertThatExceptionOfType(NoiseException.class)
                    .isThrownBy(() -> accepting.advance(third))
                    .withMessageContaining("didn't sign");
            assertThat(accepting.channel()).isEmpty();
        }

        @Test
        void aPayloadWithoutAKeyIsRefused() throws IOException {
            XxHandshake nobody =
                    new XxHandshake(false, NoiseKeys.RESPONDER_STATIC, NoiseKeys.RESPONDER_EPHEMERAL, NOTHING);
            NoiseHandshake dialling = dial(Optional.empty());
            byte[] first = dialling.start();
            nobody.read(Arrays.copyOfRange(first, 2, first.length));
            ByteBuffer second = framed(nobody.write(NOTHING));

            assertThatExceptionOfType(NoiseException.class)
                    .isThrownBy(() -> dialling.advance(second))
                    .withMessageContaining("identity key");
        }
    }

    @Nested
    class Muxers {
        private Optional<String> agreed(List<String> dialler, List<String> listener) throws IOException {
            NoiseHandshake dialling = NoiseIdentity.create(INITIATOR, dialler).dialAnyone();
            NoiseHandshake accepting = NoiseIdentity.create(RESPONDER, listener).accept();
            accepting.start();
            run(dialling, accepting);
            assertThat(channel(dialling).muxer()).isEqualTo(channel(accepting).muxer());
            return channel(dialling).muxer();
        }

        @Test
        void theDiallersFirstChoiceInCommonIsTaken() throws IOException {
            assertThat(agreed(List.of("/a", "/b", "/c"), List.of("/c", "/b"))).contains("/b");
        }

        @Test
        void noneInCommonIsLeftToLater() throws IOException {
            assertThat(agreed(List.of("/a"), List.of("/b"))).isEmpty();
            assertThat(agreed(List.of(), List.of(YAMUX))).isEmpty();
            assertThat(agreed(List.of(YAMUX), List.of())).isEmpty();
        }

        @Test
        void aListOfAHundredCounts() throws IOException {
            List<String> hundred =
                    IntStream.range(0, 100).mapToObj(i -> "/m" + i).toList();

            assertThat(agreed(List.of("/m99"), hundred)).contains("/m99");
        }

        @Test
        void aLongerListCountsAsNone() throws NoiseException {
            byte[] payload = NoisePayload.encode(
                    INITIATOR, NoiseKeys.INITIATOR_STATIC.publicBytes(), Collections.nCopies(101, YAMUX));

            assertThat(NoisePayload.parse(payload).muxers()).isEmpty();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NoiseIdentity.create(INITIATOR, Collections.nCopies(101, YAMUX)));
        }

        @Test
        void namesThatNoFrameHoldsAreRefused() {
            String longName = "/" + "m".repeat(65_400);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NoiseIdentity.create(INITIATOR, List.of(longName)))
                    .withMessageContaining("have room for 65439 bytes");
        }
    }

    @Nested
    class Buffers {
        @Test
        void messagesMayArriveByteByByte() throws IOException {
            NoiseHandshake accepting = accept();
            ByteBuffer arriving = ByteBuffer.allocate(65_537);
            for (int at = 0; at < MESSAGE_1.length; at++) {
                arriving.put(MESSAGE_1[at]).flip();
                byte[] answer = accepting.advance(arriving);
                assertThat(answer).hasSize(at == MESSAGE_1.length - 1 ? MESSAGE_2.length : 0);
                arriving.compact();
            }
        }

        @Test
        void whatFollowsTheLastMessageStaysForTheChannel() throws IOException {
            NoiseHandshake dialling = dial(Optional.of(RESPONDER_ID));
            NoiseHandshake accepting = accept();
            dialling.start();
            accepting.advance(ByteBuffer.wrap(MESSAGE_1));
            byte[] third = dialling.advance(ByteBuffer.wrap(MESSAGE_2));
            byte[] early = seal(channel(dialling), new byte[] {1, 2, 3});
            ByteBuffer together = ByteBuffer.allocate(third.length + early.length)
                    .put(third)
                    .put(early)
                    .flip();

            assertThat(accepting.advance(together)).isEmpty();

            assertThat(together.remaining()).isEqualTo(early.length);
            ByteBuffer text = ByteBuffer.allocate(3);
            channel(accepting).open(together, text);
            assertThat(text.array()).containsExactly(1, 2, 3);
        }

        @Test
        void aFailedHandshakeStaysFailed() {
            NoiseHandshake accepting = accept();
            assertThatExceptionOfType(NoiseException.class)
                    .isThrownBy(() -> accepting.advance(ByteBuffer.wrap(new byte[] {0, 1, 7})));

            assertThatExceptionOfType(NoiseException.class)
                    .isThrownBy(() -> accepting.advance(ByteBuffer.wrap(MESSAGE_1)))
                    .withMessageContaining("failed before");
        }

        @Test
        void isStartedOnceAndEndsOnce() throws IOException {
            NoiseHandshake dialling = dial(Optional.empty());
            assertThatIllegalStateException().isThrownBy(() -> dialling.advance(ByteBuffer.allocate(0)));
            NoiseHandshake accepting = accept();
            run(dialling, accepting);

            assertThatIllegalStateException().isThrownBy(dialling::start);
            assertThatIllegalStateException().isThrownBy(() -> dialling.advance(ByteBuffer.allocate(0)));
        }
    }

    private static ByteBuffer framed(byte[] message) {
        return ByteBuffer.allocate(2 + message.length)
                .putShort((short) message.length)
                .put(message)
                .flip();
    }
}
