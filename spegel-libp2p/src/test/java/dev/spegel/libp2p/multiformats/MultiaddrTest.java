package dev.spegel.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultiaddrTest {
    private static final String PEER = "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC";

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /** From go-multiaddr's multiaddr_test.go, jvm-libp2p's MultiaddrTest.kt, and put together from the protocol table. */
    @ParameterizedTest
    @CsvSource({
        "/ip4/127.0.0.1/udp/1234, 047f000001910204d2",
        "/ip4/127.0.0.1/tcp/4321, 047f0000010610e1",
        "/ip4/127.0.0.1/udp/1234/ip4/127.0.0.1/tcp/4321, 047f000001910204d2047f0000010610e1",
        "/ip6zone/eth0/ip6/::1, 2a04657468302900000000000000000000000000000001",
        "/onion/aaimaq4ygg2iegci:80, bc030010c0439831b48218480050",
        "/ip4/10.0.0.7/tcp/5001, 040a000007061389",
        "/ip4/10.0.0.7/tcp/5001/http, 040a000007061389e003",
        "/ip4/10.0.0.7/tcp/5001/tls/http, 040a000007061389c003e003",
        "/ip4/192.0.2.0/ipcidr/24, 04c00002002b18",
        "/dns4/example.org/tcp/443/wss, 360b6578616d706c652e6f72670601bbde03",
        "/unix/run/spegel.sock, 9003102f72756e2f73706567656c2e736f636b",
        "/memory/7, 89060000000000000007",
        "/memory/18446744073709551615, 8906ffffffffffffffff",
        "/sctp/1, 84010001",
        "/dccp/1, 210001",
        "/ip4/1.2.3.4/udp/1/quic, 040102030491020001cc03",
        "/ip4/1.2.3.4/udp/1/quic-v1, 040102030491020001cd03",
        "/http-path/foo%2Fb%C3%A4r, e10308666f6f2f62c3a472"
    })
    void textAndBytesBelongTogether(String text, String hex) {
        byte[] bytes = hex(hex);
        assertThat(Multiaddr.parse(text).toBytes()).isEqualTo(bytes);
        assertThat(Multiaddr.fromBytes(bytes)).hasToString(text).isEqualTo(Multiaddr.parse(text));
    }

    /** Those whose text comes out as it went in; most from go-multiaddr's multiaddr_test.go. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ip6/2601:9:4f81:9700:803e:ca65:66e8:c21/udp/1234/quic-v1",
                "/ip6zone/x/ip6/fe80::1/udp/1234/quic-v1",
                "/ip6zone/x%y/ip6/::",
                "/ip4/127.0.0.1/udp/0",
                "/ip4/127.0.0.1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/tcp/1234",
                "/ip4/127.0.0.1/tcp/0/p2p/12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV/http-path/foo",
                "/ip6/::ffff:127.0.0.1/tcp/111",
                "/ip6/2001:db8::1:0:0:1/tcp/65535",
                "/ip6/1:0:2:0:3:0:4:0/tcp/1",
                "/ip6/1::/tcp/1",
                "/dns/example.org/tcp/80/tls/sni/example.org/ws",
                "/dnsaddr/bootstrap.example.org",
                "/ip4/1.2.3.4/tcp/4001/p2p/12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV/p2p-circuit",
                "/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g",
                "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234",
                "/tls/noise/webrtc/https/webtransport"
            })
    void textComesOutAsItWentIn(String text) {
        Multiaddr address = Multiaddr.parse(text);
        assertThat(address).hasToString(text);
        assertThat(Multiaddr.fromBytes(address.toBytes())).isEqualTo(address).hasSameHashCodeAs(address);
    }

    @ParameterizedTest
    @CsvSource({
        "/ip4/127.0.0.1/tcp/1234/, /ip4/127.0.0.1/tcp/1234",
        "/ip4/127.0.0.1/tcp/1234///, /ip4/127.0.0.1/tcp/1234",
        "/ipfs/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC, /p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC",
        "/p2p/k2k4r8oqamigqdo6o7hsbfwd45y70oyynp98usk7zmyfrzpqxh1pohl7,"
                + " /p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC",
        "/ip6/0:0:0:0:0:0:0:1/tcp/01, /ip6/::1/tcp/1",
        "/ip6/2001:DB8:0:0:1:0:0:1, /ip6/2001:db8::1:0:0:1",
        "/ip6/64:ff9b::1.1.1.1/tcp/10, /ip6/64:ff9b::101:101/tcp/10",
        "/ip6/::ffff:7f00:1, /ip6/::ffff:127.0.0.1",
        "/certhash/b2uaraocy6yrdblb4sfptaddgimjmmpy, /certhash/u1QEQOFj2IjCsPJFfMAxmQxLGPw"
    })
    void otherSpellingsComeOutAsTheUsualOne(String text, String usual) {
        assertThat(Multiaddr.parse(text)).hasToString(usual).isEqualTo(Multiaddr.parse(usual));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "//",
                "ip4/1.2.3.4",
                "/ip4",
                "/ip4/::1",
                "/ip4/fdpsofodsajfdoisa",
                "/ip4/1.2.3",
                "/ip4/1.2.3.256",
                "/ip4/1.2.3.04",
                "/ip4/1.2.3.4.5",
                "/ip6",
                "/ip6zone",
                "/ip6zone/",
                "/ip6zone//ip6/fe80::1",
                "/ip4/::/ipcidr/256",
                "/ip6/::/ipcidr/1026",
                "/ip6/:::",
                "/ip6/1::2::3",
                "/ip6/1:2:3:4:5:6:7",
                "/ip6/1:2:3:4:5:6:7:8:9",
                "/ip6/1:2:3:4::5:6:7:8",
                "/ip6/12345::",
                "/ip6/fe80::1%eth0",
                "/ip6/::1.2.3.4.5",
                "/ip6/1.2.3.4::",
                "/ip6/localhost",
                "/ip4/127.0.0.1/udp",
                "/ip4/127.0.0.1/tcp/jfodsajfidosajfoidsa",
                "/ip4/127.0.0.1/tcp/65536",
                "/ip4/127.0.0.1/tcp/+1",
                "/ip4/127.0.0.1/tcp/\u0661",
                "/ip4/127.0.0.1/quic-v1/1234",
                "/ip4/127.0.0.1/p2p",
                "/ip4/127.0.0.1/p2p/tcp",
                "/ip4/1.2.3.4/tcp/-1",
                "/ip4/1.2.3.4/tcp/80/unix",
                "/p2p/bafkreifoybygix7fh3r3g5rqle3wcnhqldgdg4shzf4k3ulyw3gn7mabt4",
                "/nonsense/1",
                "/dns//tcp/1",
                "/dns/\ud800/tcp/1",
                "/memory/18446744073709551616",
                "/memory/x",
                "/http-path/%2",
                "/http-path/%zz",
                "/onion/aaimaq4ygg2iegci",
                "/onion/aaimaq4ygg2iegci:0",
                "/onion/aaimaq4ygg2ieg:80",
                "/certhash/u",
                "/certhash/uAAE",
                "/garlic64/jT~I",
                "/garlic32/aaaa"
            })
    void malformedTextIsRefused(String text) {
        assertThatThrownBy(() -> Multiaddr.parse(text)).isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "04", // no value
                "047f0000", // a value cut short
                "047f00000106", // a part cut short
                "8000", // not the shortest code
                "ff7f", // an unknown protocol
                "ffffffffffffffff7f", // a code that fits no int
                "3500", // an empty name
                "35ff", // a length cut short
                "35ffffffff07" + "61", // a length that nothing follows
                "3503" + "612f62", // a slash in a name
                "3502" + "c328", // not UTF-8
                "9003" + "02" + "2f61" + "061389", // something after a path
                "9003" + "01" + "61", // a path that doesn't start with a slash
                "a503" + "06" + "d50104010203", // a peer ID of another hash function
                "a503" + "03" + "120100", // a short digest
                "a503" + "02" + "0000" // an empty key
            })
    void malformedBytesAreRefused(String hex) {
        assertThatThrownBy(() -> Multiaddr.fromBytes(hex(hex))).isInstanceOf(MalformedException.class);
        assertThat(Multiaddr.tryFromBytes(hex(hex))).isEmpty();
    }

    @Test
    void unreadableAddressesAreLeftOutOfAList() {
        assertThat(Multiaddr.readableOf(
                        List.of(hex("040a000007061389"), hex("ff7f"), hex(""), hex("047f0000010610e1"))))
                .extracting(Multiaddr::toString)
                .containsExactly("/ip4/10.0.0.7/tcp/5001", "/ip4/127.0.0.1/tcp/4321");
    }

    @Test
    void lengthIsBounded() {
        String most = "/noise".repeat(Multiaddr.MAX_LENGTH / 2);
        assertThat(Multiaddr.parse("/ws".repeat(Multiaddr.MAX_LENGTH / 2)).toBytes())
                .hasSize(Multiaddr.MAX_LENGTH);
        assertThatThrownBy(() -> Multiaddr.parse("/ws".repeat(Multiaddr.MAX_LENGTH / 2 + 1)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 1024 bytes, got 1026");
        assertThatThrownBy(() -> Multiaddr.parse(most + most)).hasMessageContaining("characters");
        assertThatThrownBy(() -> Multiaddr.fromBytes(new byte[Multiaddr.MAX_LENGTH + 1]))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void partsTellProtocolAndValue() {
        Multiaddr address = Multiaddr.parse("/dns4/node/tcp/5001/http");
        assertThat(address.components())
                .extracting(Multiaddr.Component::protocol)
                .containsExactly(Protocol.DNS4, Protocol.TCP, Protocol.HTTP);
        assertThat(address.components()).extracting(Multiaddr.Component::value).containsExactly("node", "5001", "");
        assertThat(address.first(Protocol.TCP).orElseThrow().toBytes()).containsExactly(0x13, 0x89);
        assertThat(address.first(Protocol.UDP)).isEmpty();
    }

    @Test
    void callersCannotChangeIt() {
        byte[] bytes = hex("040a000007061389");
        Multiaddr address = Multiaddr.fromBytes(bytes);
        bytes[1] = 0;
        address.toBytes()[1] = 0;
        address.components().get(0).toBytes()[0] = 0;
        assertThat(address).hasToString("/ip4/10.0.0.7/tcp/5001");
        assertThat(address.toBytes()).isEqualTo(hex("040a000007061389"));
    }

    @Nested
    class Peer {
        private final Multihash peer = PeerIdText.parse(PEER);

        @Test
        void isTakenFromTheEndOnly() {
            assertThat(Multiaddr.parse("/ip4/1.2.3.4/tcp/1/p2p/" + PEER).peer()).contains(peer);
            assertThat(Multiaddr.parse("/p2p/" + PEER + "/p2p-circuit").peer()).isEmpty();
            assertThat(Multiaddr.parse("/ip4/1.2.3.4/tcp/1").peer()).isEmpty();
        }

        @Test
        void isPutOnAndTakenOff() {
            Multiaddr bare = Multiaddr.parse("/ip4/1.2.3.4/tcp/1");
            Multiaddr full = bare.withPeer(peer);
            assertThat(full).hasToString("/ip4/1.2.3.4/tcp/1/p2p/" + PEER);
            assertThat(full.withoutPeer()).contains(bare);
            assertThat(bare.withoutPeer()).contains(bare);
            assertThat(Multiaddr.parse("/p2p/" + PEER).withoutPeer()).isEmpty();
        }

        @Test
        void hasTheHashOfAKey() {
            Multiaddr bare = Multiaddr.parse("/ip4/1.2.3.4/tcp/1");
            assertThatThrownBy(() -> bare.withPeer(Multihash.of(0xd5, new byte[16])))
                    .isInstanceOf(MalformedException.class);
        }
    }

    @Nested
    class TcpSocket {
        @ParameterizedTest
        @CsvSource({
            "/ip4/10.0.0.7/tcp/5001, 10.0.0.7, 5001",
            "/ip4/10.0.0.7/tcp/65535/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC, 10.0.0.7, 65535",
            "/ip6/2001:db8::1/tcp/5001, 2001:db8::1, 5001",
            "/ip6zone/eth0/ip6/fe80::1/tcp/5001, fe80::1, 5001",
            "/ip6/::ffff:10.0.0.7/tcp/5001, 10.0.0.7, 5001"
        })
        void isThatOfAnIpAddressAndAPort(String text, String host, int port) throws Exception {
            assertThat(Multiaddr.parse(text).tcpSocket())
                    .contains(new InetSocketAddress(InetAddress.getByName(host), port));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/ip4/10.0.0.7",
                    "/tcp/5001",
                    "/tcp/5001/ip4/10.0.0.7",
                    "/ip4/10.0.0.7/udp/5001/quic-v1",
                    "/ip4/10.0.0.7/tcp/5001/http",
                    "/ip4/10.0.0.7/tcp/5001/ws",
                    "/dns4/node/tcp/5001",
                    "/ip6zone/eth0/ip4/10.0.0.7/tcp/5001",
                    "/ip6zone/eth0",
                    "/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC",
                    "/ip4/10.0.0.7/tcp/5001/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit"
                })
        void othersHaveNone(String text) {
            assertThat(Multiaddr.parse(text).tcpSocket()).isEmpty();
        }

        @Test
        void becomesAnAddress() throws Exception {
            assertThat(Multiaddr.ofTcp(new InetSocketAddress(InetAddress.getByName("10.0.0.7"), 5001)))
                    .hasToString("/ip4/10.0.0.7/tcp/5001");
            assertThat(Multiaddr.ofTcp(new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 40000)))
                    .hasToString("/ip6/2001:db8::1/tcp/40000");
            assertThatThrownBy(() -> Multiaddr.ofTcp(InetSocketAddress.createUnresolved("node", 5001)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
