package dev.spegel.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;

/** Writes an answer's body, and tells the client's failures from those of whoever delivers the bytes. */
final class Body implements AutoCloseable {
    private final Response response;
    /** Where what isn't the end is written to, if it may go there as it is. */
    private final Optional<ClientSocket> socket;

    Body(Response response) {
        this(response, Optional.empty());
    }

    private Body(Response response, Optional<ClientSocket> socket) {
        this.response = response;
        this.socket = socket;
    }

    /** For a large body, which is written to the client's socket beside Jetty where that may be. The caller closes it. */
    static Body large(Response response) {
        return new Body(response, ClientSocket.of(response.getRequest(), response));
    }

    /** Writes a piece, which has a byte at least, and waits until it is taken; the first call sends the headers too. */
    void write(boolean last, Piece piece) throws ClientGoneException {
        if (socket.isPresent() && !last) {
            socket.get().write(piece);
            return;
        }
        for (ByteBuffer buffer : piece.buffers()) {
            if (buffer.hasRemaining()) {
                write(last && buffer.remaining() == piece.remaining(), buffer);
            }
        }
    }

    /** Writes these bytes and waits until they are taken; the first call sends the headers too. */
    void write(boolean last, ByteBuffer bytes) throws ClientGoneException {
        try {
            Content.Sink.write(response, last, bytes);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    /** Ends an answer that has no (further) body. */
    void end() throws ClientGoneException {
        write(true, BufferUtil.EMPTY_BUFFER);
    }

    /** Ends neither the answer nor the connection. */
    @Override
    public void close() throws ClientGoneException {
        if (socket.isPresent()) {
            socket.get().close();
        }
    }
}
