package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.multistream.Negotiation;
import dev.spegel.libp2p.noise.NoiseChannel;
import dev.spegel.libp2p.noise.NoiseHandshake;
import dev.spegel.libp2p.noise.NoiseIdentity;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;

/** A peer on a plain socket that keeps to the rules as far as a test wants. Blocks, up to the limit of a test. */
final class RawPeer implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final NoiseHandshake handshake = NoiseIdentity.create(KeyPair.generate(), List.of(TcpTransport.MUXER))
            .dialAnyone();

    private RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) TransportNode.LIMIT.toMillis());
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    static RawPeer connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address);
        return new RawPeer(socket);
    }

    /** Gets as far as having agreed on Noise. */
    RawPeer agree() throws IOException {
        Negotiation negotiation = Negotiation.propose(List.of(NoiseIdentity.PROTOCOL));
        send(negotiation.opening());
        while (!(negotiation.receive(ByteBuffer.wrap(in.readNBytes(1))) instanceof Negotiation.Agreed)) {
            // the next byte
        }
        return this;
    }

    /** Secures the connection, and has yamux in it. */
    NoiseChannel secure() throws IOException {
        agree();
        send(ByteBuffer.wrap(handshake.start()));
        send(ByteBuffer.wrap(handshake.advance(frame())));
        return handshake.channel().orElseThrow();
    }

    /** Reads a frame of Noise with its length. */
    ByteBuffer frame() throws IOException {
        byte[] length = in.readNBytes(2);
        if (length.length < 2) {
            throw new EOFException();
        }
        int size = (length[0] & 0xff) << 8 | (length[1] & 0xff);
        return ByteBuffer.allocate(2 + size)
                .put(length)
                .put(in.readNBytes(size))
                .flip();
    }

    NoiseHandshake handshake() {
        return handshake;
    }

    void send(ByteBuffer bytes) throws IOException {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.write(copy);
        out.flush();
    }

    void sendSealed(NoiseChannel channel, ByteBuffer text) throws IOException {
        ByteBuffer sealed = ByteBuffer.allocate(NoiseChannel.sealedBytes(text.remaining()));
        channel.seal(text, sealed);
        send(sealed.flip());
    }

    /** Reads the text of one frame. */
    ByteBuffer receive(NoiseChannel channel) throws IOException {
        ByteBuffer frame = frame();
        ByteBuffer text = ByteBuffer.allocate(NoiseChannel.plaintextBytes(frame));
        channel.open(frame, text);
        return text.flip();
    }

    /** A frame of yamux without payload. */
    static ByteBuffer yamux(int type, int flags, int stream, int length) {
        return ByteBuffer.allocate(12)
                .put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(stream)
                .putInt(length)
                .flip();
    }

    /** Reads till the other side has closed the connection, in order or not. Fails if it doesn't. */
    void awaitEnd() throws IOException {
        try {
            while (in.read() >= 0) {
                // whatever is said before
            }
        } catch (SocketException e) {
            if (!socket.isConnected()) {
                throw e;
            }
            // reset: that's an end as well
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
