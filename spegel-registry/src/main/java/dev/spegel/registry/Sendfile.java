package dev.spegel.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Moves a body from a file into the client's socket inside the kernel, which costs a fraction of the processor time of copying it.
 *
 * <p>Jetty has no call for this, so it is done beside it: Jetty sends the headers and, at the end, the last piece; between these it has
 * nothing to write, so the bytes stay in order. What went beside it is reported to it as a write of as many bytes, which a wrapper
 * around its stream drops: so its checks of the length hold. This thread waits for room in the socket by itself, which takes one change
 * of threads where Jetty's selector takes three.
 */
final class Sendfile {
    /** Often enough to report progress, seldom enough to cost nothing. */
    private static final int MAX_STEP_BYTES = 4 * 1024 * 1024;

    /** What Jetty sends of the end. */
    private static final int LAST_PIECE_BYTES = 16 * 1024;

    /** Stands for bytes that are sent already. Its content is never looked at, only that it is this very array. */
    private static final byte[] ALREADY_SENT = new byte[256 * 1024];

    private final Body body;
    private final SocketChannel socket;
    private final long idleLimitMillis;

    private Sendfile(Body body, SocketChannelEndPoint endPoint) {
        this.body = body;
        socket = endPoint.getChannel();
        idleLimitMillis = endPoint.getIdleTimeout();
    }

    /**
     * Prepares a response for it; empty where the bytes don't go to the socket as they are: TLS, HTTP/2, a compressing handler. To be
     * called before anything is written.
     */
    static Optional<Sendfile> on(Request request, Response response) {
        if (response instanceof Response.Wrapper
                || request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_1
                || !(request.getConnectionMetaData().getConnection().getEndPoint()
                        instanceof SocketChannelEndPoint endPoint)
                || request.isSecure()) {
            return Optional.empty();
        }
        request.addHttpStreamWrapper(DropsWhatIsSent::new);
        return Optional.of(new Sendfile(new Body(response), endPoint));
    }

    /** Sends these bytes of the file, which are the whole body. */
    void send(FileChannel file, long first, long length, ByteBuffer buffer, Throttle throttle) throws IOException {
        body.write(false, BufferUtil.EMPTY_BUFFER); // the headers
        long lastPiece = first + length - Math.min(length, Math.min(LAST_PIECE_BYTES, buffer.capacity()));
        transfer(file, first, lastPiece, throttle);
        buffer.clear().limit((int) (first + length - lastPiece));
        LocalContent.fill(file, lastPiece, buffer);
        body.write(true, buffer.flip());
    }

    private void transfer(FileChannel file, long first, long end, Throttle throttle) throws IOException {
        long stepBytes = Math.min(MAX_STEP_BYTES, throttle.pieceBytes());
        Selector room = null; // most bodies fit the socket's buffer and need none
        try {
            for (long position = first; position < end; ) {
                long sent = step(file, position, Math.min(end - position, stepBytes));
                position += sent;
                throttle.sent(sent);
                if (sent == 0) {
                    if (position >= file.size()) {
                        throw BrokenBodyException.incomplete(
                                "read from the store: the file now ends at byte " + file.size(),
                                new EOFException("the file got shorter"));
                    }
                    if (room == null) {
                        room = register();
                    }
                    await(room);
                }
            }
        } finally {
            if (room != null) {
                room.close();
            }
        }
    }

    private long step(FileChannel file, long position, long maxBytes) throws ClientGoneException {
        long sent;
        try {
            sent = file.transferTo(position, maxBytes, socket);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
        for (long left = sent; left > 0; left -= ALREADY_SENT.length) {
            body.write(false, ByteBuffer.wrap(ALREADY_SENT, 0, (int) Math.min(left, ALREADY_SENT.length)));
        }
        return sent;
    }

    private Selector register() throws IOException {
        Selector room = Selector.open();
        try {
            socket.register(room, SelectionKey.OP_WRITE);
            return room;
        } catch (ClosedChannelException e) {
            room.close();
            throw new ClientGoneException(e);
        }
    }

    private void await(Selector room) throws IOException {
        room.select(Math.max(0, idleLimitMillis)); // 0 waits without limit, as an endpoint without a timeout does
        if (Thread.currentThread().isInterrupted()) {
            throw new ClientGoneException(new InterruptedIOException("the server stops"));
        }
        if (room.selectedKeys().isEmpty()) {
            throw new ClientGoneException(
                    socket.isOpen()
                            ? new SocketTimeoutException("it took nothing for " + idleLimitMillis + " ms")
                            : new ClosedChannelException());
        }
        room.selectedKeys().clear();
    }

    private static final class DropsWhatIsSent extends HttpStream.Wrapper {
        DropsWhatIsSent(HttpStream stream) {
            super(stream);
        }

        @SuppressWarnings("ByteBufferBackingArray") // only whether it is that array matters
        @Override
        public void send(
                MetaData.Request request,
                MetaData.Response response,
                boolean last,
                ByteBuffer content,
                Callback callback) {
            if (content != null && content.hasArray() && content.array() == ALREADY_SENT) {
                content.position(content.limit());
                callback.succeeded();
            } else {
                super.send(request, response, last, content, callback);
            }
        }
    }
}
