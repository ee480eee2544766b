package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.PeerEntry.Connection;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KadMessageTest {
    static final PeerId R = PeerId.parse("12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh");
    static final PeerId I = PeerId.parse("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
    static final KadKey FOOBAR = KadKey.ofText("foobar");

    private static final List<Multiaddr> R_ADDRESS = List.of(Multiaddr.parse("/ip4/10.0.0.7/tcp/5001"));
    private static final List<Multiaddr> I_ADDRESS = List.of(Multiaddr.parse("/ip4/10.0.0.8/tcp/5001"));

    private static KadMessage read(String frame) {
        ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(frame));
        KadMessage message =
                KadMessage.parse(new FrameReader(KadMessage.MAX_BYTES).next(in).orElseThrow());
        assertThat(in.hasRemaining()).isFalse();
        return message;
    }

    private static void assertWrittenAndRead(KadMessage message, String frame) {
        assertThat(HexFormat.of().formatHex(message.toFrame())).isEqualTo(frame);
        assertThat(read(frame)).isEqualTo(message);
    }

    /** As go-libp2p-kad-dht v0.42 writes them, with the length in front. */
    @Nested
    class OfGo {
        @Test
        void findNode() {
            assertWrittenAndRead(
                    KadMessage.findNode(KadKey.of(R)),
                    "2c0804122600240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c45001");
        }

        @Test
        void answerToFindNode() {
            assertWrittenAndRead(
                    new KadMessage(
                            KadMessage.Type.FIND_NODE,
                            KadKey.NONE,
                            List.of(
                                    new PeerEntry(R, R_ADDRESS, Connection.NOT_CONNECTED),
                                    new PeerEntry(I, I_ADDRESS, Connection.CONNECTED)),
                            List.of(),
                            1),
                    "6e080442320a2600240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4"
                            + "1208040a00000706138942340a260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6"
                            + "010f0e42d474fce27e1208040a00000806138918015001");
        }

        @Test
        void getProviders() {
            assertWrittenAndRead(
                    KadMessage.getProviders(FOOBAR),
                    "28080312221220c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f25001");
        }

        @Test
        void answerToGetProviders() {
            assertWrittenAndRead(
                    new KadMessage(
                            KadMessage.Type.GET_PROVIDERS,
                            FOOBAR,
                            List.of(new PeerEntry(I, I_ADDRESS, Connection.CONNECTED)),
                            List.of(new PeerEntry(R, R_ADDRESS, Connection.CONNECTED)),
                            1),
                    "9401080312221220c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f242340a2600"
                            + "24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e1208040a0000"
                            + "0806138918014a340a2600240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652"
                            + "105c91e2c41208040a00000706138918015001");
        }

        @Test
        void addProvider() {
            assertWrittenAndRead(
                    KadMessage.addProvider(FOOBAR, new PeerEntry(R, R_ADDRESS, Connection.NOT_CONNECTED)),
                    "5c080212221220c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f24a320a260024"
                            + "0801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c41208040a000007"
                            + "0613895001");
        }

        @Test
        void ping() {
            assertWrittenAndRead(KadMessage.ping(), "0408055001");
        }
    }

    /** From js-libp2p, packages/kad-dht/test/fixtures; made by an old Go version, without a length in front. */
    @Nested
    class OfOldGo {
        private KadMessage parse(String hex) {
            return KadMessage.parse(HexFormat.of().parseHex(hex));
        }

        @Test
        void findNodeOfText() {
            KadMessage message = parse("080412082f762f68656c6c6f5000");

            assertThat(message.type()).isEqualTo(KadMessage.Type.FIND_NODE);
            assertThat(message.key()).isEqualTo(KadKey.of("/v/hello".getBytes(StandardCharsets.UTF_8)));
            assertThat(message.level()).isZero();
        }

        @Test
        void putValueIsReadWithoutItsRecord() {
            KadMessage message =
                    parse("080012082f762f68656c6c6f1a350a082f762f68656c6c6f1205776f726c641a22122022b0a34f217f"
                            + "d364680657d82a17fb8468d28f16f60d77f7074a7e8a002c5a765000");

            assertThat(message.type()).isEqualTo(KadMessage.Type.PUT_VALUE);
            assertThat(message.key().length()).isEqualTo(8);
        }

        @Test
        void getValue() {
            assertThat(parse("080112082f762f68656c6c6f5000").type()).isEqualTo(KadMessage.Type.GET_VALUE);
        }

        @Test
        void findNodeOfPeer() {
            KadMessage message =
                    parse("080412221220d18f46f364ebeeec500929c72a4898feb2747730b129d970de15cf80626ebcbc5000");

            assertThat(message.type()).isEqualTo(KadMessage.Type.FIND_NODE);
            assertThat(message.key().peer()).isPresent();
        }

        @Test
        void addProvider() {
            KadMessage message = parse(
                    "080212221220d18f46f364ebeeec500929c72a4898feb2747730b129d970de15cf80626ebcbc4a2e0a"
                            + "22122090c9620a79a8ba913d9f84394a32488494f98cf0ce4dddbb86cb44519970c4e01208047f00000106e4bb5000");

            assertThat(message.type()).isEqualTo(KadMessage.Type.ADD_PROVIDER);
            assertThat(message.providerPeers()).singleElement().satisfies(provider -> {
                assertThat(HexFormat.of().formatHex(provider.id().toBytes()))
                        .isEqualTo("122090c9620a79a8ba913d9f84394a32488494f98cf0ce4dddbb86cb44519970c4e0");
                assertThat(provider.addresses()).containsExactly(Multiaddr.parse("/ip4/127.0.0.1/tcp/58555"));
            });
        }
    }

    @Nested
    class Hostile {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "08", // no value
                    "0806", // no such type
                    "08ffffffffffffffffff01", // type -1
                    "12ff7f00", // a key longer than the message
                    "4205", // an entry longer than the message
                    "42060a0500", // an entry whose ID is longer than it
                    "0c", // the end of a group that never began
                    "0b", // a group that never ends
                    "07", // no such wire type
                    "ffffffffffffffffffff01"
                })
        void isRefused(String hex) {
            byte[] message = HexFormat.of().parseHex(hex);

            assertThatThrownBy(() -> KadMessage.parse(message)).isInstanceOf(MalformedException.class);
        }

        @Test
        void everyBeginningOfAMessageIsReadOrRefused() {
            byte[] whole = new KadMessage(
                            KadMessage.Type.GET_PROVIDERS,
                            FOOBAR,
                            List.of(new PeerEntry(I, I_ADDRESS, Connection.CONNECTED)),
                            List.of(new PeerEntry(R, R_ADDRESS, Connection.CONNECTED)),
                            1)
                    .toBytes();
            int refused = 0;
            for (int length = 0; length < whole.length; length++) {
                try {
                    assertThat(KadMessage.parse(Arrays.copyOf(whole, length)).providerPeers())
                            .hasSizeLessThanOrEqualTo(1);
                } catch (MalformedException e) {
                    refused++;
                }
            }
            assertThat(refused).isGreaterThan(whole.length / 2);
        }

        @Test
        void unknownFieldsAreSkipped() {
            KadMessage message = KadMessage.parse(HexFormat.of().parseHex("0805" + "7a0161" + "f807ff01" + "5001"));

            assertThat(message).isEqualTo(KadMessage.ping());
        }

        @Test
        void badEntriesAndAddressesCostOnlyThemselves() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeInt32(1, 4);
            out.writeBytes(8, entry(new byte[] {1, 2, 3}, I_ADDRESS.get(0).toBytes()));
            out.writeBytes(8, entry(R.toBytes(), new byte[] {(byte) 0xff, 0x7f, 1}));
            out.writeBytes(8, entry(I.toBytes(), I_ADDRESS.get(0).toBytes()));
            out.flush();

            assertThat(KadMessage.parse(bytes.toByteArray()).closerPeers())
                    .containsExactly(
                            new PeerEntry(R, List.of(), Connection.NOT_CONNECTED),
                            new PeerEntry(I, I_ADDRESS, Connection.NOT_CONNECTED));
        }

        private ByteString entry(byte[] id, byte[] address) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeByteArray(1, id);
            out.writeByteArray(2, address);
            out.writeInt32(3, 77);
            out.flush();
            return ByteString.copyFrom(bytes.toByteArray());
        }

        @Test
        void fourMegabytesOfEmptyEntriesAreSkippedAtOnce() {
            byte[] message = new byte[KadMessage.MAX_BYTES];
            for (int i = 0; i < message.length; i += 2) {
                message[i] = 0x42;
            }

            assertThat(KadMessage.parse(message).closerPeers()).isEmpty();
        }

        @Test
        void badEntriesCountTowardsTheBound() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            for (int i = 0; i < MessageCodec.MAX_ENTRIES; i++) {
                out.writeByteArray(8, new byte[0]);
            }
            out.writeBytes(8, entry(I.toBytes(), I_ADDRESS.get(0).toBytes()));
            out.flush();

            assertThat(KadMessage.parse(bytes.toByteArray()).closerPeers()).isEmpty();
        }

        @Test
        void entriesBeyondTheBoundAreLeftOut() {
            Random random = new Random(1);
            List<PeerEntry> entries = Stream.generate(
                            () -> new PeerEntry(Peers.random(random), I_ADDRESS, Connection.NOT_CONNECTED))
                    .limit(MessageCodec.MAX_ENTRIES + 10)
                    .toList();
            KadMessage message = new KadMessage(KadMessage.Type.GET_PROVIDERS, FOOBAR, entries, entries, 1);

            KadMessage read = KadMessage.parse(message.toBytes());

            assertThat(read.closerPeers()).isEqualTo(entries.subList(0, MessageCodec.MAX_ENTRIES));
            assertThat(read.providerPeers()).isEqualTo(entries.subList(0, MessageCodec.MAX_ENTRIES));
        }

        @Test
        void addressesBeyondTheBoundsAreLeftOut() {
            List<Multiaddr> many = Collections.nCopies(1000, R_ADDRESS.get(0));
            KadMessage message = KadMessage.addProvider(FOOBAR, new PeerEntry(R, many, Connection.NOT_CONNECTED));

            assertThat(message.toBytes()).hasSizeLessThan(MessageCodec.MAX_ENTRY_BYTES + 60);
            assertThat(KadMessage.parse(message.toBytes())
                            .providerPeers()
                            .get(0)
                            .addresses())
                    .hasSize(PeerEntry.MAX_ADDRESSES);
        }
    }

    @Test
    void anAnnouncementNeedsAnAddress() {
        PeerEntry nowhere = new PeerEntry(R, List.of(), Connection.NOT_CONNECTED);

        assertThatThrownBy(() -> KadMessage.addProvider(FOOBAR, nowhere)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyOfProvidersIsShort() {
        assertThatThrownBy(() -> KadMessage.getProviders(KadKey.NONE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KadMessage.getProviders(KadKey.of(new byte[81])))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
