package dev.spegel.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/** Writes an answer's body, and tells the client's failures from those of whoever delivers the bytes. */
final class Body implements AutoCloseable {
    /** How often one who waits looks whether it should go on. */
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Response response;
    /** Where what isn't the end is written to, if it may go there as it is. */
    private final Optional<ClientSocket> socket;
    /** Whether others need this one's place; nobody waits for that of a small body. */
    private final Optional<SlowReaders.Watch> reader;

    Body(Response response) {
        this(response, Optional.empty(), Optional.empty());
    }

    private Body(Response response, Optional<ClientSocket> socket, Optional<SlowReaders.Watch> reader) {
        this.response = response;
        this.socket = socket;
        this.reader = reader;
    }

    /** For a large body, which is written to the client's socket beside Jetty where that may be. The caller closes it. */
    static Body large(Response response, SlowReaders.Watch reader) {
        return new Body(response, ClientSocket.of(response.getRequest(), response, reader), Optional.of(reader));
    }

    /** For a large body that Jetty writes. */
    static Body throughJetty(Response response, SlowReaders.Watch reader) {
        return new Body(response, Optional.empty(), Optional.of(reader));
    }

    /** Writes a piece, which has a byte at least, and waits until it is taken; the first call sends the headers too. */
    void write(boolean last, Piece piece) throws ClientGoneException, BrokenBodyException {
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
    void write(boolean last, ByteBuffer bytes) throws ClientGoneException, BrokenBodyException {
        if (reader.isPresent()) {
            write(last, bytes, reader.get());
            return;
        }
        try {
            Content.Sink.write(response, last, bytes);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    private void write(boolean last, ByteBuffer bytes, SlowReaders.Watch watch)
            throws ClientGoneException, BrokenBodyException {
        int count = bytes.remaining();
        Callback.Completable written = new Callback.Completable();
        response.write(last, bytes, written);
        while (true) {
            long startNanos = System.nanoTime();
            boolean done = await(written);
            watch.waited(System.nanoTime() - startNanos);
            if (done) {
                watch.took(count);
                return;
            }
            try {
                watch.check();
            } catch (BrokenBodyException e) {
                // The bytes are Jetty's until it has failed; only then may the buffer serve another body.
                Connections.close(response.getRequest());
                written.exceptionally(failure -> null).join();
                throw e;
            }
        }
    }

    /** Waits for the end of a write, but not for long; says whether it has ended. */
    private static boolean await(Callback.Completable written) throws ClientGoneException {
        try {
            written.get(CHECK_NANOS, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new ClientGoneException(
                    e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientGoneException(new InterruptedIOException("the server stops"));
        }
    }

    /** Ends an answer that has no (further) body. */
    void end() throws ClientGoneException, BrokenBodyException {
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
