package dev.spegel.registry;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** Moves a body from a file into the client's socket inside the kernel, which costs a fraction of the processor time of copying it. */
final class Sendfile {
    /** Often enough to report progress, seldom enough to cost nothing. */
    private static final int MAX_STEP_BYTES = 4 * 1024 * 1024;

    /** What Jetty sends of the end. */
    private static final int LAST_PIECE_BYTES = 16 * 1024;

    private final Body body;
    private final ClientSocket socket;

    private Sendfile(Body body, ClientSocket socket) {
        this.body = body;
        this.socket = socket;
    }

    /** Empty where it isn't possible; see {@link ClientSocket#of}. */
    static Optional<Sendfile> on(Request request, Response response, SlowReaders.Watch reader) {
        return ClientSocket.of(request, response, reader).map(socket -> new Sendfile(new Body(response), socket));
    }

    /** Sends these bytes of the file, which are the whole body. */
    void send(FileChannel file, long first, long length, ByteBuffer buffer, Throttle throttle) throws IOException {
        long lastPiece = first + length - Math.min(length, Math.min(LAST_PIECE_BYTES, buffer.capacity()));
        try (socket) {
            transfer(file, first, lastPiece, throttle);
        }
        long left = first + length - lastPiece;
        buffer.clear().limit((int) left);
        LocalContent.fill(file, lastPiece, buffer);
        body.write(true, buffer.flip());
        throttle.sent(left);
    }

    private void transfer(FileChannel file, long first, long end, Throttle throttle) throws IOException {
        long stepBytes = Math.min(MAX_STEP_BYTES, throttle.pieceBytes());
        for (long position = first; position < end; ) {
            long from = position;
            long sent = socket.transfer(target -> file.transferTo(from, Math.min(end - from, stepBytes), target));
            position += sent;
            throttle.sent(sent);
            if (sent == 0) {
                if (position >= file.size()) {
                    throw BrokenBodyException.incomplete(
                            "read from the store: the file now ends at byte " + file.size(),
                            new EOFException("the file got shorter"));
                }
                socket.awaitRoom();
            }
        }
    }
}
