package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
 * Moves a body from a file into the client's socket inside the kernel, which costs a fifth of the processor time of copying it.
 *
 * <p>Jetty has no call for this, so it is done beside it. A transfer alternates: as much as the socket takes at once goes straight from
 * the file into it; then a small piece goes through Jetty as usual, which waits for room in the socket and minds the idle timeout.
 * Between two pieces Jetty has nothing left to write, so the bytes stay in order. What went beside Jetty is reported to it as a write
 * of as many bytes, which a wrapper around its stream drops: so its checks of the length hold.
 */
final class Sendfile {
    /** More than a socket's buffer holds, and little enough for pieces to come often. */
    static final int MAX_STEP_BYTES = 4 * 1024 * 1024;

    /** What is copied in a round. Small against a step, large enough to be worth a wait. */
    static final int PIECE_BYTES = 32 * 1024;

    /** Stands for bytes that are sent already. Its content is never looked at, only that it is this very array. */
    private static final byte[] ALREADY_SENT = new byte[256 * 1024];

    private final Body body;
    private final SocketChannel socket;

    private Sendfile(Body body, SocketChannel socket) {
        this.body = body;
        this.socket = socket;
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
        return Optional.of(new Sendfile(new Body(response), endPoint.getChannel()));
    }

    /** Sends these bytes of the file, which are the whole body. */
    void send(FileChannel file, long first, long length, ByteBuffer buffer) throws IOException {
        requireNonNull(file, "file");
        body.write(false, BufferUtil.EMPTY_BUFFER); // the headers
        long position = first;
        long end = first + length;
        while (position < end) {
            // At least a byte is left for Jetty, which thereby learns that the body is complete.
            position += step(file, position, Math.min(end - position - 1, MAX_STEP_BYTES));
            buffer.clear().limit((int) Math.min(PIECE_BYTES, end - position));
            LocalContent.fill(file, position, buffer);
            position += buffer.flip().remaining();
            body.write(position == end, buffer);
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
