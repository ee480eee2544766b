package dev.spegel.libp2p.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads all of a stream and remembers it. On the event loop, but for the futures. */
class StreamProbe implements StreamHandler {
    final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    final CompletableFuture<Optional<StreamLostException>> closed = new CompletableFuture<>();
    final List<Integer> pieces = new ArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void received(Stream stream, ByteBuffer received) {
        int count = received.remaining();
        pieces.add(count);
        byte[] copy = new byte[count];
        received.get(copy);
        bytes.writeBytes(copy);
        stream.consumed(count);
    }

    @Override
    public void halfClosed(Stream stream) {
        whole.complete(bytes.toByteArray());
    }

    @Override
    public void closed(Stream stream, Optional<StreamLostException> failure) {
        if (!closed.complete(failure)) {
            throw new AssertionError("a stream is closed once");
        }
    }

    String received() {
        return bytes.toString(UTF_8);
    }

    /** Ends its side when the peer has ended. */
    static final class Polite extends StreamProbe {
        @Override
        public void halfClosed(Stream stream) {
            super.halfClosed(stream);
            stream.closeWrite();
        }
    }

    /** Sends back what it gets, and slows the peer down by what can't be sent. */
    static final class Echo implements StreamHandler {
        private final Deque<ByteBuffer> waiting = new ArrayDeque<>();
        private boolean ended;

        @Override
        public void received(Stream stream, ByteBuffer received) {
            waiting.add(received);
            send(stream);
        }

        @Override
        public void halfClosed(Stream stream) {
            ended = true;
            send(stream);
        }

        @Override
        public void writable(Stream stream) {
            send(stream);
        }

        @Override
        public void closed(Stream stream, Optional<StreamLostException> failure) {}

        private void send(Stream stream) {
            for (ByteBuffer next = waiting.peek(); next != null; next = waiting.peek()) {
                stream.consumed(stream.write(next));
                if (next.hasRemaining()) {
                    return;
                }
                waiting.remove();
            }
            if (ended) {
                stream.closeWrite();
            }
        }
    }

    /** Sends so many bytes, then ends its side, and reads what comes. */
    static final class Sender extends StreamProbe {
        private final ByteBuffer unsent;

        Sender(byte[] content) {
            unsent = ByteBuffer.wrap(content);
        }

        void send(Stream stream) {
            stream.write(unsent);
            if (!unsent.hasRemaining()) {
                stream.closeWrite();
            }
        }

        @Override
        public void writable(Stream stream) {
            send(stream);
        }
    }
}
