package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.yamux.ResetCode;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Measures round trips, and echoes those of others: libp2p/specs, ping/ping.md. To be used on the event loop. */
final class PingService {
    static final String PROTOCOL = "/ipfs/ping/1.0.0";

    static final int LENGTH = 32;

    /** What go-libp2p waits for the next ping of a peer, and for all of them: p2p/protocol/ping/ping.go. */
    static final Duration IDLE_LIMIT = Duration.ofSeconds(10);

    static final Duration TOTAL_LIMIT = Duration.ofSeconds(30);

    /** libp2p/specs, ping/ping.md: a peer may have two streams. */
    static final int MAX_STREAMS_PER_PEER = 2;

    private final EventExecutor loop;
    private final LongSupplier nanoClock;
    private final Duration limit;
    private final SecureRandom random = new SecureRandom();
    private final Map<PeerId, Integer> serving = new HashMap<>();
    private final Map<PeerId, CompletableFuture<Duration>> asking = new HashMap<>();

    /** @param limit for one round trip of our own */
    PingService(EventExecutor loop, LongSupplier nanoClock, Duration limit) {
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.limit = limit;
    }

    /** Measures one round trip; those who ask meanwhile share it. */
    CompletableFuture<Duration> ping(Connection connection) {
        CompletableFuture<Duration> running = asking.get(connection.peer());
        if (running != null) {
            return running;
        }
        Request request = new Request();
        asking.put(connection.peer(), request.result);
        CompletableFuture<Stream> opened = connection.openStream(PROTOCOL, false, request);
        Future<?> timer = loop.schedule(
                () -> {
                    request.result.completeExceptionally(new IOException(
                            "%s hasn't answered a ping within %d ms".formatted(connection.peer(), limit.toMillis())));
                },
                limit.toNanos(),
                TimeUnit.NANOSECONDS);
        Outcomes.afterwards(request.result, () -> {
            timer.cancel(false);
            asking.remove(connection.peer());
        });
        Outcomes.follow(
                opened, stream -> request.send(stream), failure -> request.result.completeExceptionally(failure));
        // After that, so that a stream that opens too late is reset as well.
        Outcomes.follow(
                request.result,
                took -> {},
                failure -> Outcomes.follow(opened, stream -> stream.reset(ResetCode.UNSPECIFIED), unopened -> {}));
        return request.result;
    }

    /** Echoes a peer's pings. */
    StreamHandler answer(Stream stream) {
        Echo echo = new Echo(stream);
        if (serving.getOrDefault(stream.peer(), 0) >= MAX_STREAMS_PER_PEER) {
            stream.reset(ResetCode.RESOURCE_LIMIT_EXCEEDED);
        } else {
            serving.merge(stream.peer(), 1, Integer::sum);
            echo.start();
        }
        return echo;
    }

    private final class Request implements StreamHandler {
        private final byte[] sent = new byte[LENGTH];
        private final ByteBuffer echoed = ByteBuffer.allocate(LENGTH);
        private final CompletableFuture<Duration> result = new CompletableFuture<>();
        private long startNanos;

        void send(Stream stream) {
            if (result.isDone()) {
                return; // it has taken too long
            }
            random.nextBytes(sent);
            startNanos = nanoClock.getAsLong();
            stream.write(ByteBuffer.wrap(sent)); // a new stream has room for this
        }

        @Override
        public void received(Stream stream, ByteBuffer bytes) {
            int count = bytes.remaining();
            if (count > echoed.remaining()) {
                result.completeExceptionally(new IOException(stream.peer() + " echoes more than it was sent"));
                return;
            }
            echoed.put(bytes);
            stream.consumed(count);
            if (echoed.hasRemaining()) {
                return;
            }
            if (echoed.flip().equals(ByteBuffer.wrap(sent))) {
                stream.closeWrite();
                result.complete(Duration.ofNanos(nanoClock.getAsLong() - startNanos));
            } else {
                result.completeExceptionally(
                        new IOException(stream.peer() + " echoes something else than it was sent"));
            }
        }

        @Override
        public void halfClosed(Stream stream) {
            stream.closeWrite();
        }

        @Override
        public void closed(Stream stream, Optional<StreamLostException> failure) {
            IOException reason = failure.isPresent()
                    ? failure.get()
                    : new IOException(stream.peer() + " has ended the stream before the echo");
            result.completeExceptionally(reason);
        }
    }

    private final class Echo implements StreamHandler {
        private final Stream stream;
        private final ByteBuffer ping = ByteBuffer.allocate(LENGTH);
        private @Nullable Future<?> idle;
        private @Nullable Future<?> total;

        Echo(Stream stream) {
            this.stream = stream;
        }

        void start() {
            total = after(TOTAL_LIMIT);
            idle = after(IDLE_LIMIT);
        }

        private Future<?> after(Duration time) {
            return loop.schedule(() -> giveUp(ResetCode.UNSPECIFIED), time.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public void received(Stream same, ByteBuffer bytes) {
            int count = bytes.remaining();
            while (bytes.hasRemaining()) {
                int taken = Math.min(bytes.remaining(), ping.remaining());
                ping.put(bytes.slice(bytes.position(), taken));
                bytes.position(bytes.position() + taken);
                if (!ping.hasRemaining() && !echo()) {
                    return;
                }
            }
            stream.consumed(count);
        }

        /** A peer that doesn't read its echoes until there's no room for more gets none. */
        private boolean echo() {
            ping.flip();
            stream.write(ping);
            if (ping.hasRemaining()) {
                giveUp(ResetCode.RESOURCE_LIMIT_EXCEEDED);
                return false;
            }
            ping.clear();
            cancel(idle);
            idle = after(IDLE_LIMIT);
            return true;
        }

        @Override
        public void halfClosed(Stream same) {
            stream.closeWrite();
        }

        @Override
        public void closed(Stream same, Optional<StreamLostException> failure) {
            end();
        }

        private void giveUp(long code) {
            stream.reset(code);
            end();
        }

        private void end() {
            if (total != null) {
                cancel(total);
                cancel(idle);
                total = null;
                serving.computeIfPresent(
                        stream.peer(), (peer, count) -> count == 1 ? null : Integer.valueOf(count - 1));
            }
        }

        private static void cancel(@Nullable Future<?> timer) {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}
