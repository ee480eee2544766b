package dev.spegel.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * TLS on a connection, by the JDK's own socket: it takes one copy more than an engine between direct buffers, and all of the protocol's
 * states are somebody else's.
 */
final class TlsWire implements PeerConnection.Wire {
    /** What a record holds at most: RFC 8446, section 5.1. */
    private static final int RECORD_BYTES = 16 * 1024;

    private final InputStream encrypted;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] record = new byte[RECORD_BYTES];

    private TlsWire(Socket socket, SSLSocket secured) throws IOException {
        encrypted = socket.getInputStream();
        in = secured.getInputStream();
        out = secured.getOutputStream();
    }

    /** @throws IOException with a reason that a person can do something with */
    static TlsWire handshake(Socket socket, InetSocketAddress address, SSLContext context) throws IOException {
        SSLSocket secured = (SSLSocket)
                context.getSocketFactory().createSocket(socket, HttpPeerClient.host(address), address.getPort(), false);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 2818, section 3.1
        secured.setSSLParameters(parameters);
        try {
            secured.startHandshake();
        } catch (SSLException e) {
            throw TlsRefusedException.of(e);
        }
        return new TlsWire(socket, secured);
    }

    /** Record by record, as long as more has arrived. */
    @Override
    public long read(ByteBuffer[] targets) throws IOException {
        long count = 0;
        for (ByteBuffer target : targets) {
            while (target.hasRemaining()) {
                if (count > 0 && in.available() == 0 && encrypted.available() == 0) {
                    return count;
                }
                int length = readSome(Math.min(target.remaining(), record.length));
                if (length < 0) {
                    return count > 0 ? count : -1;
                }
                target.put(record, 0, length);
                count += length;
            }
        }
        return count;
    }

    private int readSome(int maxBytes) throws IOException {
        try {
            return in.read(record, 0, maxBytes);
        } catch (SSLException e) {
            throw TlsRefusedException.of(e); // with TLS 1.3 a client hears of its certificate only here
        }
    }

    @Override
    public long write(ByteBuffer bytes) throws IOException {
        byte[] copy = new byte[bytes.remaining()]; // the head of a request
        bytes.get(copy);
        out.write(copy);
        return copy.length;
    }
}
