package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerRecord;
import dev.spegel.libp2p.identity.SignedEnvelope;
import dev.spegel.libp2p.identity.Vectors;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Varint;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifyTest {
    private static final KeyPair SENDER = KeyPair.fromBytes(hex(Vectors.RECORD_PRIVATE));
    private static final Multiaddr OWN = Multiaddr.parse("/ip4/10.0.0.7/tcp/5001");
    private static final Multiaddr REMOTE = Multiaddr.parse("/ip4/10.0.0.8/tcp/5001");
    private static final List<String> PROTOCOLS = List.of(
            "/ipfs/id/1.0.0",
            "/ipfs/id/push/1.0.0",
            "/ipfs/ping/1.0.0",
            "/libp2p/circuit/relay/0.2.0/stop",
            "/spegel/kad/1.0.0");

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static Identify.Builder introduction() {
        return Identify.builder()
                .publicKey(SENDER.publicKey())
                .listenAddresses(List.of(OWN))
                .protocols(PROTOCOLS)
                .observedAddress(REMOTE)
                .agentVersion("github.com/spegel-org/spegel")
                .signedPeerRecord(hex(Vectors.SECOND_RECORD_ENVELOPE));
    }

    private static Identify decode(byte[] stream) {
        IdentifyDecoder decoder = new IdentifyDecoder();
        decoder.read(ByteBuffer.wrap(stream));
        return decoder.end();
    }

    private static byte[] framed(byte[] message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Varint.encode(message.length));
        out.writeBytes(message);
        return out.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static void assertSame(Identify actual, Identify expected) {
        assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
    }

    @Nested
    class Encoder {
        @Test
        void writesWhatGoWrites() {
            assertThat(IdentifyEncoder.encode(introduction().build())).isEqualTo(hex(Vectors.IDENTIFY));
        }

        @Test
        void sendsTheRecordByItselfOnceTheWholeIsLong() {
            List<String> few = IntStream.range(0, 20).mapToObj(i -> "/p/" + i).toList();
            byte[] whole = IdentifyEncoder.encode(introduction().protocols(few).build());
            assertThat(decodeFrames(whole)).hasSize(1);

            List<String> many = IntStream.range(0, 200)
                    .mapToObj("/some/protocol/%d"::formatted)
                    .toList();
            Identify identify = introduction().protocols(many).build();
            byte[] two = IdentifyEncoder.encode(identify);
            assertThat(decodeFrames(two)).hasSize(2);
            assertThat(decodeFrames(two).get(1)).isEqualTo(joined(hex("42ac01"), hex(Vectors.SECOND_RECORD_ENVELOPE)));
            assertSame(decode(two), identify);
        }

        private List<byte[]> decodeFrames(byte[] stream) {
            List<byte[]> frames = new ArrayList<>();
            ByteBuffer in = ByteBuffer.wrap(stream);
            while (in.hasRemaining()) {
                byte[] frame = new byte[(int) Varint.read(in)];
                in.get(frame);
                frames.add(frame);
            }
            return frames;
        }

        @Test
        void refusesWhatPeersWouldRefuse() {
            Identify identify = Identify.builder()
                    .agentVersion("a".repeat(IdentifyDecoder.MAX_MESSAGE_LENGTH))
                    .build();
            assertThatThrownBy(() -> IdentifyEncoder.encode(identify))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("at most 8192 bytes");
        }
    }

    @Nested
    class Decoder {
        @Test
        void readsWhatGoWrites() {
            Identify identify = decode(hex(Vectors.IDENTIFY));
            assertSame(identify, introduction().build());
            assertThat(identify.publicKey()).contains(SENDER.publicKey());
            assertThat(identify.listenAddresses()).containsExactly(OWN);
            assertThat(identify.protocols()).isEqualTo(PROTOCOLS);
            assertThat(identify.observedAddress()).contains(REMOTE);
            assertThat(identify.protocolVersion()).isEmpty();
            assertThat(identify.agentVersion()).isEqualTo("github.com/spegel-org/spegel");
            assertThat(identify.signedPeerRecord()).contains(hex(Vectors.SECOND_RECORD_ENVELOPE));
        }

        @Test
        void doesNotMindHowTheBytesArrive() {
            IdentifyDecoder decoder = new IdentifyDecoder();
            for (byte b : hex(Vectors.IDENTIFY)) {
                decoder.read(ByteBuffer.wrap(new byte[] {b}));
            }
            assertSame(decoder.end(), introduction().build());
        }

        @Test
        void mergesMessages() {
            byte[] first = framed(hex("1a022f61" + "2a0131"));
            byte[] second = framed(hex("1a022f62" + "2a0132" + "1208040a000007061389"));
            Identify identify = decode(joined(first, second, framed(new byte[0])));
            assertThat(identify.protocols()).containsExactly("/a", "/b");
            assertThat(identify.protocolVersion()).isEqualTo("2");
            assertThat(identify.listenAddresses()).containsExactly(OWN);
        }

        @Test
        void acceptsAPeerThatTellsNothing() {
            assertSame(decode(new byte[] {0}), Identify.builder().build());
        }

        @Test
        void leavesOutWhatItCannotRead() {
            byte[] message = joined(
                    hex(
                            "0a25"
                                    + "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99"), // secp256k1
                    hex("1202ff7f" + "1200" + "1208040a000007061389"),
                    hex("2202ff7f"),
                    hex("1a02c328" + "1a022f61"),
                    hex("4a03010203")); // an unknown field
            Identify identify = decode(framed(message));
            assertThat(identify.publicKey()).isEmpty();
            assertThat(identify.listenAddresses()).containsExactly(OWN);
            assertThat(identify.observedAddress()).isEmpty();
            assertThat(identify.protocols()).hasSize(2).contains("/a");
        }

        @Test
        void boundsMessages() {
            IdentifyDecoder decoder = new IdentifyDecoder();
            for (int i = 0; i < IdentifyDecoder.MAX_MESSAGES; i++) {
                decoder.read(ByteBuffer.wrap(new byte[] {0}));
            }
            assertSame(decoder.end(), Identify.builder().build());
            assertThatThrownBy(() -> decoder.read(ByteBuffer.wrap(new byte[] {0})))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("at most 9 messages");
        }

        @Test
        void boundsAMessagesLength() {
            byte[] message = joined(hex("32fd3f"), "a".repeat(8189).getBytes(StandardCharsets.US_ASCII));
            assertThat(message).hasSize(IdentifyDecoder.MAX_MESSAGE_LENGTH);
            assertThat(decode(framed(message)).agentVersion()).hasSize(8189);
            assertThatThrownBy(() -> new IdentifyDecoder().read(ByteBuffer.wrap(hex("8140"))))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("at most 8192 bytes, got 8193");
            assertThatThrownBy(() -> new IdentifyDecoder().read(ByteBuffer.wrap(hex("ffffff"))))
                    .isInstanceOf(MalformedException.class);
        }

        @Test
        void boundsProtocolsAndAddresses() {
            byte[] protocols = joined(Collections.nCopies(2000, hex("1a0161")).toArray(byte[][]::new));
            byte[] addresses =
                    joined(Collections.nCopies(800, hex("1208040a000007061389")).toArray(byte[][]::new));
            Identify identify = decode(joined(framed(protocols), framed(addresses)));
            assertThat(identify.protocols()).hasSize(Identify.MAX_PROTOCOLS);
            assertThat(identify.listenAddresses()).hasSize(Identify.MAX_ADDRESSES);
            assertThatThrownBy(() -> Identify.builder()
                            .protocols(Collections.nCopies(Identify.MAX_PROTOCOLS + 1, "a"))
                            .build())
                    .isInstanceOf(MalformedException.class);
            assertThatThrownBy(() -> Identify.builder()
                            .listenAddresses(Collections.nCopies(Identify.MAX_ADDRESSES + 1, OWN))
                            .build())
                    .isInstanceOf(MalformedException.class);
        }

        @Test
        void noticesAStreamThatEndsEarly() {
            byte[] whole = hex(Vectors.IDENTIFY);
            for (int length = 0; length < whole.length; length += 5) {
                IdentifyDecoder decoder = new IdentifyDecoder();
                decoder.read(ByteBuffer.wrap(whole, 0, length));
                assertThatThrownBy(decoder::end).isInstanceOf(MalformedException.class);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"0108", "020a05", "041205ffff", "0507", "018000"})
        void refusesMalformedMessages(String stream) {
            assertThatThrownBy(() -> decode(hex(stream))).isInstanceOf(MalformedException.class);
        }
    }

    @Nested
    class Addresses {
        private final List<Multiaddr> all = List.of(
                Multiaddr.parse("/ip4/127.0.0.1/tcp/1"),
                Multiaddr.parse("/ip4/10.0.0.7/tcp/1"),
                Multiaddr.parse("/ip4/1.1.1.1/tcp/1"),
                Multiaddr.parse("/ip6/fd00::1/tcp/1"));

        @Test
        void areThoseOfTheRecordAlone() {
            Identify identify = introduction().listenAddresses(List.of(REMOTE)).build();
            assertThat(identify.addressesOf(SENDER.peerId(), REMOTE)).containsExactly(OWN);
            assertThat(identify.recordOf(SENDER.peerId()).orElseThrow().seq()).isEqualTo(1767225600000000000L);
        }

        @Test
        void areTheUnsignedOnesWithoutAVerifiedRecord() {
            byte[] changed = hex(Vectors.SECOND_RECORD_ENVELOPE);
            changed[changed.length - 1] ^= 1;
            Identify broken = introduction()
                    .listenAddresses(List.of(REMOTE))
                    .signedPeerRecord(changed)
                    .build();
            assertThat(broken.addressesOf(SENDER.peerId(), REMOTE)).containsExactly(REMOTE);
            assertThat(broken.recordOf(SENDER.peerId())).isEmpty();
            Identify none = Identify.builder().listenAddresses(List.of(REMOTE)).build();
            assertThat(none.addressesOf(SENDER.peerId(), REMOTE)).containsExactly(REMOTE);
        }

        @Test
        void areNoneWithTheRecordOfAnother() {
            KeyPair other = KeyPair.generate();
            assertThat(introduction().build().addressesOf(other.peerId(), REMOTE))
                    .isEmpty();
            SignedEnvelope misused = SignedEnvelope.seal(
                    other,
                    "libp2p-peer-record",
                    new byte[] {3, 1},
                    PeerRecord.openEnvelope(hex(Vectors.SECOND_RECORD_ENVELOPE)).payload());
            Identify identify =
                    introduction().signedPeerRecord(misused.toBytes()).build();
            assertThat(identify.addressesOf(other.peerId(), REMOTE)).isEmpty();
            assertThat(identify.recordOf(other.peerId())).isEmpty();
        }

        @ParameterizedTest
        @CsvSource({
            "/ip4/127.0.0.1/tcp/9, 0 1 2 3",
            "/ip6/::1/tcp/9, 0 1 2 3",
            "/ip4/192.168.0.9/tcp/9, 1 2 3",
            "/ip6/fe80::9/tcp/9, 1 2 3",
            "/ip4/8.8.8.8/tcp/9, 2",
            "/ip6/2001:db8::9/tcp/9, 2"
        })
        void areThoseThatMakeSenseFromHere(String remote, String kept) {
            Identify identify = Identify.builder().listenAddresses(all).build();
            List<Multiaddr> expected = Arrays.stream(kept.split(" "))
                    .map(i -> all.get(Integer.parseInt(i)))
                    .toList();
            assertThat(identify.addressesOf(SENDER.peerId(), Multiaddr.parse(remote)))
                    .isEqualTo(expected);
        }
    }
}
