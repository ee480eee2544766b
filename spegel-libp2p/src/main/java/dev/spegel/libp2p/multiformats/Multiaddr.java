package dev.spegel.libp2p.multiformats;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A network address that says how to use it, such as {@code /ip4/10.0.0.7/tcp/5001/p2p/12D3KooW…}
 * (multiformats/multiaddr). Never empty.
 *
 * <p>Equal if the binary forms are: {@code /ipfs/…} and {@code /p2p/…} are one address, and so are two spellings of one
 * IPv6 address.
 */
public final class Multiaddr {
    /**
     * The longest binary form accepted. go-libp2p keeps all of its addresses in an identify message within 4096 bytes; the
     * longest usual one (WebTransport over a relay, with certificate hashes) has about 250.
     */
    public static final int MAX_LENGTH = 1024;

    /** The longest text accepted: three characters a byte, as in percent-encoding, and the names of some parts. */
    private static final int MAX_TEXT_LENGTH = 4 * MAX_LENGTH;

    // Nothing but these: messages of the DHT are full of addresses, few of which anybody looks at.
    private final byte[] bytes;
    private final int hash;

    /** @param bytes checked already, and this object's own from now on */
    private Multiaddr(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    private static Multiaddr of(List<Component> components) {
        int length = components.stream().mapToInt(Component::encodedLength).sum();
        ByteBuffer out = ByteBuffer.allocate(length);
        components.forEach(component -> component.write(out));
        return fromBytes(out.array());
    }

    /**
     * Reads the text form.
     *
     * @throws MalformedException if a part is unknown or malformed
     */
    public static Multiaddr parse(String text) {
        if (text.length() > MAX_TEXT_LENGTH) {
            throw new MalformedException(
                    "an address has at most %d characters, got %d".formatted(MAX_TEXT_LENGTH, text.length()));
        }
        if (!text.startsWith("/")) {
            throw new MalformedException("an address starts with a slash, got " + Quoted.of(text));
        }
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '/') {
            end--;
        }
        List<Component> components = new ArrayList<>();
        int at = 0;
        while (at < end) { // at a slash
            int nameEnd = segmentEnd(text, at + 1, end);
            String name = text.substring(at + 1, nameEnd);
            Protocol protocol = Protocol.named(name)
                    .orElseThrow(() -> new MalformedException("an address names known protocols, got %s in %s"
                            .formatted(Quoted.of(name), Quoted.of(text))));
            at = nameEnd;
            if (protocol.form() == ValueForm.NONE) {
                components.add(new Component(protocol, new byte[0]));
                continue;
            }
            if (at >= end) {
                throw new MalformedException(
                        "a value follows %s in an address, got %s".formatted(protocol, Quoted.of(text)));
            }
            int valueStart = protocol.form() == ValueForm.PATH ? at : at + 1;
            int valueEnd = protocol.form() == ValueForm.PATH ? end : segmentEnd(text, at + 1, end);
            components.add(new Component(protocol, protocol.form().parse(text.substring(valueStart, valueEnd))));
            at = valueEnd;
        }
        return of(components);
    }

    private static int segmentEnd(String text, int from, int end) {
        int slash = text.indexOf('/', from);
        return slash < 0 || slash > end ? end : slash;
    }

    /**
     * Reads the binary form, which must fill {@code bytes}.
     *
     * @throws MalformedException if a part is unknown or malformed
     */
    public static Multiaddr fromBytes(byte[] bytes) {
        if (bytes.length > MAX_LENGTH) {
            throw new MalformedException("an address has at most %d bytes, got %d".formatted(MAX_LENGTH, bytes.length));
        }
        if (bytes.length == 0) {
            throw new MalformedException("an address has at least one part");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            Protocol protocol = Component.check(in);
            if (protocol.form() == ValueForm.PATH && in.hasRemaining()) {
                throw new MalformedException("nothing follows %s in an address".formatted(protocol));
            }
        }
        return new Multiaddr(bytes.clone());
    }

    /**
     * Reads addresses of a message that others sent, and leaves out those that can't be read: a peer may know protocols
     * that we don't, and its other addresses are none the worse.
     *
     * @param encoded the binary form of each
     */
    public static List<Multiaddr> readableOf(Iterable<byte[]> encoded) {
        List<Multiaddr> addresses = new ArrayList<>();
        for (byte[] bytes : encoded) {
            tryFromBytes(bytes).ifPresent(addresses::add);
        }
        return List.copyOf(addresses);
    }

    /** {@link #fromBytes}, or empty if that isn't possible. */
    public static Optional<Multiaddr> tryFromBytes(byte[] bytes) {
        try {
            return Optional.of(fromBytes(bytes));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    /**
     * The address of a TCP socket. An IPv6 zone isn't carried over.
     *
     * @throws IllegalArgumentException if {@code socket} is unresolved
     */
    public static Multiaddr ofTcp(InetSocketAddress socket) {
        InetAddress address = socket.getAddress();
        if (address == null) {
            throw new IllegalArgumentException("needs a resolved address, got " + socket);
        }
        byte[] port = {(byte) (socket.getPort() >> 8), (byte) socket.getPort()};
        return of(List.of(ipOf(address), new Component(Protocol.TCP, port)));
    }

    /** The address of a machine, without a transport. An IPv6 zone isn't carried over. */
    public static Multiaddr ofIp(InetAddress address) {
        return of(List.of(ipOf(address)));
    }

    private static Component ipOf(InetAddress address) {
        return new Component(address instanceof Inet4Address ? Protocol.IP4 : Protocol.IP6, address.getAddress());
    }

    /** The parts in order. */
    public List<Component> components() {
        List<Component> components = new ArrayList<>(4);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            components.add(Component.read(in));
        }
        return List.copyOf(components);
    }

    /** The first part of this protocol. */
    public Optional<Component> first(Protocol protocol) {
        return components().stream()
                .filter(component -> component.protocol() == protocol)
                .findFirst();
    }

    /**
     * Where to connect to by TCP, if this is {@code ip4} or {@code ip6} (after a zone or not) and {@code tcp} and nothing
     * more, a {@code p2p} at the end aside. Names aren't looked up, and a zone isn't carried over: it matters to link-local
     * addresses only, which peers can't be told about.
     */
    public Optional<InetSocketAddress> tcpSocket() {
        List<Component> parts = withoutPeer().orElse(this).components();
        if (parts.get(0).protocol() == Protocol.IP6ZONE) {
            parts = parts.subList(1, parts.size());
            if (parts.isEmpty() || parts.get(0).protocol() != Protocol.IP6) {
                return Optional.empty();
            }
        }
        if (parts.size() != 2 || parts.get(1).protocol() != Protocol.TCP) {
            return Optional.empty();
        }
        Protocol ip = parts.get(0).protocol();
        if (ip != Protocol.IP4 && ip != Protocol.IP6) {
            return Optional.empty();
        }
        byte[] port = parts.get(1).valueBytes();
        return Optional.of(new InetSocketAddress(
                inetAddress(parts.get(0).valueBytes()), (port[0] & 0xff) << 8 | (port[1] & 0xff)));
    }

    private static InetAddress inetAddress(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    /** The peer ID at the end, as a hash. */
    public Optional<Multihash> peer() {
        List<Component> components = components();
        Component last = components.get(components.size() - 1);
        return last.protocol() == Protocol.P2P ? Optional.of(Multihash.fromBytes(last.valueBytes())) : Optional.empty();
    }

    /** This address without the peer ID at its end; empty if there is nothing else. */
    public Optional<Multiaddr> withoutPeer() {
        if (peer().isEmpty()) {
            return Optional.of(this);
        }
        List<Component> components = components();
        return components.size() == 1
                ? Optional.empty()
                : Optional.of(of(components.subList(0, components.size() - 1)));
    }

    /**
     * This address with a peer ID at its end.
     *
     * @throws MalformedException if a peer ID can't have this hash, or the address becomes too long
     */
    public Multiaddr withPeer(Multihash peerId) {
        return plus(of(List.of(new Component(Protocol.P2P, peerId.toBytes()))));
    }

    /**
     * This address followed by another.
     *
     * @throws MalformedException if the address becomes too long
     */
    public Multiaddr plus(Multiaddr next) {
        byte[] both = Arrays.copyOf(bytes, bytes.length + next.bytes.length);
        System.arraycopy(next.bytes, 0, both, bytes.length, next.bytes.length);
        return fromBytes(both);
    }

    /** A copy of the binary form. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Multiaddr that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** The text form. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        components().forEach(text::append);
        return text.toString();
    }

    /** One part of an address: a protocol and its value, if it has one. */
    public static final class Component {
        private final Protocol protocol;
        private final byte[] bytes;
        private final String value;

        private Component(Protocol protocol, byte[] bytes) {
            int length = protocol.form().length();
            if (length == ValueForm.VARIABLE ? bytes.length == 0 : bytes.length != length) {
                throw new MalformedException("%s in an address has %s bytes, got %d"
                        .formatted(protocol, length == ValueForm.VARIABLE ? "some" : length, bytes.length));
            }
            this.protocol = protocol;
            this.bytes = bytes;
            this.value = protocol.form().format(bytes);
        }

        private static Component read(ByteBuffer in) {
            Protocol protocol = readProtocol(in);
            byte[] bytes = new byte[readLength(protocol, in)];
            in.get(bytes);
            return new Component(protocol, bytes);
        }

        /** As {@link #read}, but makes nothing of most parts. */
        private static Protocol check(ByteBuffer in) {
            int start = in.position();
            Protocol protocol = readProtocol(in);
            int length = readLength(protocol, in);
            if (protocol.form().takesAnyBytes()) {
                in.position(in.position() + length);
            } else {
                in.position(start);
                read(in);
            }
            return protocol;
        }

        private static Protocol readProtocol(ByteBuffer in) {
            long code = Varint.read(in);
            return Protocol.withCode(code)
                    .orElseThrow(() -> new MalformedException("an address names known protocols, got code " + code));
        }

        private static int readLength(Protocol protocol, ByteBuffer in) {
            int fixed = protocol.form().length();
            long length = fixed == ValueForm.VARIABLE ? Varint.read(in) : fixed;
            if (length > in.remaining()) {
                throw new MalformedException(
                        "%s in an address announces %d bytes, got %d".formatted(protocol, length, in.remaining()));
            }
            return (int) length;
        }

        private int encodedLength() {
            int prefix = protocol.form().length() == ValueForm.VARIABLE ? Varint.length(bytes.length) : 0;
            return Varint.length(protocol.code()) + prefix + bytes.length;
        }

        private void write(ByteBuffer out) {
            Varint.write(protocol.code(), out);
            if (protocol.form().length() == ValueForm.VARIABLE) {
                Varint.write(bytes.length, out);
            }
            out.put(bytes);
        }

        private byte[] valueBytes() {
            return bytes;
        }

        /** What this part is about. */
        public Protocol protocol() {
            return protocol;
        }

        /** The value's text; empty if the protocol has none. */
        public String value() {
            return value;
        }

        /** A copy of the value's binary form, without length; empty if the protocol has none. */
        public byte[] toBytes() {
            return bytes.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Component that && protocol == that.protocol && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * protocol.hashCode() + Arrays.hashCode(bytes);
        }

        /** The text form, slash first. */
        @Override
        public String toString() {
            return switch (protocol.form()) {
                case NONE -> "/" + protocol;
                case PATH -> "/" + protocol + value;
                default -> "/" + protocol + "/" + value;
            };
        }
    }
}
