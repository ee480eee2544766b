package dev.spegel.libp2p.multiformats;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a part of a {@link Multiaddr} is about: multiformats/multiaddr, protocols.csv. */
public enum Protocol {
    /** An IPv4 address. */
    IP4(4, "ip4", ValueForm.IP4),
    /** A TCP port. */
    TCP(6, "tcp", ValueForm.PORT),
    /** A DCCP port. */
    DCCP(33, "dccp", ValueForm.PORT),
    /** An IPv6 address. */
    IP6(41, "ip6", ValueForm.IP6),
    /** The zone of the IPv6 address that follows. */
    IP6ZONE(42, "ip6zone", ValueForm.NAME),
    /** The prefix length of the network of the address before. */
    IPCIDR(43, "ipcidr", ValueForm.PREFIX_LENGTH),
    /** A host name with addresses of either family. */
    DNS(53, "dns", ValueForm.NAME),
    /** A host name with IPv4 addresses. */
    DNS4(54, "dns4", ValueForm.NAME),
    /** A host name with IPv6 addresses. */
    DNS6(55, "dns6", ValueForm.NAME),
    /** A name with further multiaddrs in its TXT records. */
    DNSADDR(56, "dnsaddr", ValueForm.NAME),
    /** An SCTP port. */
    SCTP(132, "sctp", ValueForm.PORT),
    /** A UDP port. */
    UDP(273, "udp", ValueForm.PORT),
    /** WebRTC without a signalling server. */
    WEBRTC_DIRECT(280, "webrtc-direct", ValueForm.NONE),
    /** WebRTC. */
    WEBRTC(281, "webrtc", ValueForm.NONE),
    /** Through a relay, which the part before names. */
    P2P_CIRCUIT(290, "p2p-circuit", ValueForm.NONE),
    /** A Unix domain socket. */
    UNIX(400, "unix", ValueForm.PATH),
    /** A peer ID. */
    P2P(421, "p2p", ValueForm.PEER),
    /** HTTPS, the old spelling of {@code /tls/http}. */
    HTTPS(443, "https", ValueForm.NONE),
    /** Tor, version 2. */
    ONION(444, "onion", ValueForm.ONION),
    /** Tor, version 3. */
    ONION3(445, "onion3", ValueForm.ONION3),
    /** An I2P destination. */
    GARLIC64(446, "garlic64", ValueForm.GARLIC64),
    /** An I2P address. */
    GARLIC32(447, "garlic32", ValueForm.GARLIC32),
    /** TLS. */
    TLS(448, "tls", ValueForm.NONE),
    /** TLS's server name indication. */
    SNI(449, "sni", ValueForm.NAME),
    /** The Noise handshake. */
    NOISE(454, "noise", ValueForm.NONE),
    /** QUIC, a draft version. */
    QUIC(460, "quic", ValueForm.NONE),
    /** QUIC, version 1. */
    QUIC_V1(461, "quic-v1", ValueForm.NONE),
    /** WebTransport. */
    WEBTRANSPORT(465, "webtransport", ValueForm.NONE),
    /** The hash of a certificate. */
    CERTHASH(466, "certhash", ValueForm.CERT_HASH),
    /** WebSocket. */
    WS(477, "ws", ValueForm.NONE),
    /** WebSocket over TLS. */
    WSS(478, "wss", ValueForm.NONE),
    /** HTTP. */
    HTTP(480, "http", ValueForm.NONE),
    /** A path on an HTTP server. */
    HTTP_PATH(481, "http-path", ValueForm.ESCAPED),
    /** An in-process transport of go-libp2p's tests. */
    MEMORY(777, "memory", ValueForm.NUMBER);

    private static final Map<Integer, Protocol> BY_CODE =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Protocol::code, Function.identity()));

    private static final Map<String, Protocol> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Protocol::toString, Function.identity()));

    /** What {@link #P2P} was called before 2018. */
    private static final String OLD_NAME_OF_P2P = "ipfs";

    private final int code;
    private final String text;
    private final ValueForm form;

    Protocol(int code, String text, ValueForm form) {
        this.code = code;
        this.text = text;
        this.form = form;
    }

    /** The protocol's code in the binary form. */
    public int code() {
        return code;
    }

    ValueForm form() {
        return form;
    }

    static Optional<Protocol> withCode(long code) {
        return code > Integer.MAX_VALUE ? Optional.empty() : Optional.ofNullable(BY_CODE.get((int) code));
    }

    static Optional<Protocol> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name.equals(OLD_NAME_OF_P2P) ? P2P.text : name));
    }

    /** The protocol's name in the text form. */
    @Override
    public String toString() {
        return text;
    }
}
