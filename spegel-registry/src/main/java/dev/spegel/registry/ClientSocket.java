package dev.spegel.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The client's socket itself, for the middle of a large body, where Jetty has no call for what is to be done or is slower.
 *
 * <p>It is done beside Jetty: that sends the headers and, at the end, the last piece; between these it has nothing to write, so the bytes
 * stay in order. What went beside it is reported to it as a write of as many bytes, which a wrapper around its stream drops: so its checks
 * of the length hold. The request's thread waits for room in the socket by itself, which takes one change of threads where Jetty's selector
 * takes three.
 */
final class ClientSocket implements AutoCloseable {
    /** Stands for bytes that are sent already. Its content is never looked at, only that it is this very array. */
    private static final byte[] ALREADY_SENT = new byte[256 * 1024];

    /** How often one who waits looks whether it should go on. */
    private static final long CHECK_MILLIS = 1000;

    private final Response response;
    private final SocketChannel channel;
    private final long idleLimitMillis;
    private final SlowReaders.Watch reader;
    private boolean begun;
    /** Most bodies fit the socket's buffer and need none. */
    private @Nullable Selector room;

    private ClientSocket(Response response, SocketChannelEndPoint endPoint, SlowReaders.Watch reader) {
        this.response = response;
        this.reader = reader;
        channel = endPoint.getChannel();
        idleLimitMillis = endPoint.getIdleTimeout();
    }

    /**
     * Prepares a response for it; empty where the bytes don't go to the socket as they are: TLS, HTTP/2, a compressing handler. To be
     * called before anything is written.
     */
    static Optional<ClientSocket> of(Request request, Response response, SlowReaders.Watch reader) {
        if (response instanceof Response.Wrapper
                || request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_1
                || !(request.getConnectionMetaData().getConnection().getEndPoint()
                        instanceof SocketChannelEndPoint endPoint)
                || request.isSecure()) {
            return Optional.empty();
        }
        request.addHttpStreamWrapper(DropsWhatIsSent::new);
        return Optional.of(new ClientSocket(response, endPoint, reader));
    }

    /** Sends these bytes, which aren't the last of the body. */
    void write(Piece piece) throws ClientGoneException, BrokenBodyException {
        while (piece.hasRemaining()) {
            if (transfer(socket -> socket.write(piece.buffers())) == 0) {
                awaitRoom();
            }
        }
    }

    /** Lets a step send what the socket takes without waiting, but not the end of the body, and returns how much that was. */
    long transfer(Step step) throws ClientGoneException {
        if (!begun) {
            report(BufferUtil.EMPTY_BUFFER); // the headers
            begun = true;
        }
        long sent;
        try {
            sent = step.send(channel);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
        for (long left = sent; left > 0; left -= ALREADY_SENT.length) {
            report(ByteBuffer.wrap(ALREADY_SENT, 0, (int) Math.min(left, ALREADY_SENT.length)));
        }
        reader.took(sent);
        return sent;
    }

    /**
     * Waits until the socket takes something again.
     *
     * @throws BrokenBodyException if others need this one's place more
     */
    void awaitRoom() throws ClientGoneException, BrokenBodyException {
        long startNanos = System.nanoTime();
        long beforeNanos = startNanos;
        while (true) {
            boolean ready = select();
            long nowNanos = System.nanoTime();
            reader.waited(nowNanos - beforeNanos);
            beforeNanos = nowNanos;
            if (Thread.currentThread().isInterrupted()) {
                throw new ClientGoneException(new InterruptedIOException("the server stops"));
            }
            if (!channel.isOpen()) {
                throw new ClientGoneException(new ClosedChannelException());
            }
            if (ready) {
                return;
            }
            // 0 waits without limit, as an endpoint without a timeout does.
            if (idleLimitMillis > 0 && nowNanos - startNanos >= TimeUnit.MILLISECONDS.toNanos(idleLimitMillis)) {
                throw new ClientGoneException(
                        new SocketTimeoutException("it took nothing for " + idleLimitMillis + " ms"));
            }
            reader.check();
        }
    }

    /** Waits for room, but not for long; says whether there is some. */
    private boolean select() throws ClientGoneException {
        try {
            if (room == null) {
                room = Selector.open();
                channel.register(room, SelectionKey.OP_WRITE);
            }
            room.select(idleLimitMillis > 0 ? Math.min(idleLimitMillis, CHECK_MILLIS) : CHECK_MILLIS);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
        boolean ready = !room.selectedKeys().isEmpty();
        room.selectedKeys().clear();
        return ready;
    }

    private void report(ByteBuffer bytes) throws ClientGoneException {
        try {
            Content.Sink.write(response, false, bytes);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    /** Doesn't close the connection. */
    @Override
    public void close() throws ClientGoneException {
        if (room != null) {
            try {
                room.close();
            } catch (IOException e) {
                throw new ClientGoneException(e);
            }
        }
    }

    /** Moves bytes into a socket that doesn't block. */
    interface Step {
        long send(SocketChannel socket) throws IOException;
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
