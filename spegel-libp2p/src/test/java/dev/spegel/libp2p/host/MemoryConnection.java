package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;

/** One end of a connection in memory. Streams have no windows; what is written arrives in the next turn. */
final class MemoryConnection implements Connection {
    private final ManualLoop loop;
    private final PeerId peer;
    private final Multiaddr remote;
    private final boolean isDialled;
    private final Map<String, Function<Stream, StreamHandler>> handlers;
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final Set<MemoryStream> streams = new LinkedHashSet<>();
    private MemoryConnection other = this;
    private long lastUsedNanos;
    private long code = -1;

    MemoryConnection(
            ManualLoop loop,
            PeerId peer,
            Multiaddr remote,
            boolean isDialled,
            Map<String, Function<Stream, StreamHandler>> handlers) {
        this.loop = loop;
        this.peer = peer;
        this.remote = remote;
        this.isDialled = isDialled;
        this.handlers = handlers;
        lastUsedNanos = loop.nowNanos();
    }

    void join(MemoryConnection otherEnd) {
        other = otherEnd;
        otherEnd.other = this;
    }

    /** What the other end gave as the reason when it closed the connection; -1 while it's open. */
    long code() {
        return code;
    }

    @Override
    public PeerId peer() {
        return peer;
    }

    @Override
    public Multiaddr remote() {
        return remote;
    }

    @Override
    public boolean isDialled() {
        return isDialled;
    }

    @Override
    public int openStreams() {
        return streams.size();
    }

    @Override
    public long lastUsedNanos() {
        return lastUsedNanos;
    }

    @Override
    public CompletableFuture<Stream> openStream(String protocol, boolean known, StreamHandler handler) {
        if (closed.isDone()) {
            return CompletableFuture.failedFuture(new IOException("the connection is closed"));
        }
        Function<Stream, StreamHandler> served = other.handlers.get(protocol);
        if (served == null) {
            return CompletableFuture.failedFuture(new IOException("the peer doesn't speak " + protocol));
        }
        MemoryStream here = new MemoryStream(this, protocol);
        MemoryStream there = new MemoryStream(other, protocol);
        here.other = there;
        there.other = here;
        CompletableFuture<Stream> result = new CompletableFuture<>();
        here.handler = handler;
        loop.executor().execute(() -> {
            if (closed.isDone()) {
                result.completeExceptionally(new IOException("the connection is closed"));
                return;
            }
            result.complete(here);
            there.handler = served.apply(there);
        });
        return result;
    }

    @Override
    public void close(long reason) {
        other.code = reason;
        end("closed by this side");
        loop.executor().execute(() -> other.end("closed by the peer"));
    }

    private void end(String reason) {
        if (!closed.isDone()) {
            List.copyOf(streams).forEach(stream -> stream.lost("the connection is gone"));
            closed.complete(reason);
        }
    }

    @Override
    public CompletableFuture<String> closed() {
        return closed;
    }

    private static final class MemoryStream implements Stream {
        private final MemoryConnection connection;
        private final String protocol;
        private MemoryStream other = this;
        private StreamHandler handler = new SilentHandler();
        private boolean isOpen = true;
        private boolean hasEnded;
        private boolean peerHasEnded;

        MemoryStream(MemoryConnection connection, String protocol) {
            this.connection = connection;
            this.protocol = protocol;
            connection.streams.add(this);
            touch();
        }

        @Override
        public PeerId peer() {
            return connection.peer;
        }

        @Override
        public Multiaddr remote() {
            return connection.remote;
        }

        @Override
        public String protocol() {
            return protocol;
        }

        @Override
        public ScheduledExecutorService executor() {
            return connection.loop.executor();
        }

        @Override
        public boolean isOpen() {
            return isOpen;
        }

        @Override
        public int write(ByteBuffer bytes) {
            if (hasEnded) {
                throw new IllegalStateException("closeWrite was called");
            }
            if (!isOpen) {
                return 0;
            }
            ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
            copy.put(bytes).flip();
            there(stream -> stream.handler.received(stream, copy.asReadOnlyBuffer()));
            return copy.limit();
        }

        @Override
        public void closeWrite() {
            if (isOpen && !hasEnded) {
                hasEnded = true;
                there(stream -> {
                    stream.peerHasEnded = true;
                    stream.handler.halfClosed(stream);
                    stream.endIfDone();
                });
                endIfDone();
            }
        }

        private void endIfDone() {
            if (isOpen && hasEnded && peerHasEnded) {
                leave();
                executor().execute(() -> handler.closed(this, Optional.empty()));
            }
        }

        @Override
        public void consumed(int count) {}

        @Override
        public void reset(long code) {
            if (isOpen) {
                leave();
                there(stream -> stream.lost("reset with code " + code));
            }
        }

        private void lost(String reason) {
            if (isOpen) {
                leave();
                handler.closed(this, Optional.of(new StreamLostException(reason)));
            }
        }

        private void leave() {
            isOpen = false;
            connection.streams.remove(this);
            touch();
        }

        private void touch() {
            connection.lastUsedNanos = connection.loop.nowNanos();
        }

        private void there(Consumer<MemoryStream> event) {
            executor().execute(() -> {
                if (other.isOpen) {
                    event.accept(other);
                }
            });
        }
    }

    /** Until a stream has its own. */
    private static final class SilentHandler implements StreamHandler {
        @Override
        public void received(Stream stream, ByteBuffer bytes) {
            throw new AssertionError("bytes came before the stream's handler");
        }

        @Override
        public void halfClosed(Stream stream) {
            throw new AssertionError("the end came before the stream's handler");
        }

        @Override
        public void closed(Stream stream, Optional<StreamLostException> failure) {}
    }
}
