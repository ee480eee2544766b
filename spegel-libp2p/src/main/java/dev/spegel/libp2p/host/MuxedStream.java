package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multistream.MultistreamException;
import dev.spegel.libp2p.multistream.Negotiation;
import dev.spegel.libp2p.yamux.ResetCode;
import dev.spegel.libp2p.yamux.YamuxStream;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream of a {@link YamuxConnection}: agrees on its protocol first, then hands what happens to a {@link StreamHandler}. Bytes of
 * the agreement are consumed here, those of the protocol by the handler.
 */
abstract sealed class MuxedStream implements Stream permits InboundStream, OutboundStream {
    private static final Logger log = LoggerFactory.getLogger(MuxedStream.class);

    private final YamuxConnection connection;
    private final YamuxStream yamux;
    private final ScheduledFuture<?> negotiationLimit;
    private boolean negotiating = true;
    private boolean gone;

    /** Who is told what happens; null as long as nobody has been given this stream. */
    private @Nullable StreamHandler handler;

    MuxedStream(YamuxConnection connection, YamuxStream yamux) {
        this.connection = connection;
        this.yamux = yamux;
        Duration limit = connection.transport().config().streamLimit();
        negotiationLimit = connection
                .transport()
                .eventLoop()
                .schedule(
                        () -> negotiationFailed("no protocol was agreed on within " + limit),
                        limit.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** Takes a step of the agreement on a protocol. */
    abstract Negotiation.Step negotiate(ByteBuffer bytes);

    /** The peer has ended its side in the middle of that. */
    abstract void endNegotiation();

    /** The peer's word has come, and {@link #handOver} is to be called if it hasn't been yet. */
    abstract void agreed(String protocol);

    /** Nothing has come of this stream, of which nobody knows yet. */
    abstract void failed(String why);

    /** From here on the handler is told what happens. */
    final void handOver(StreamHandler user) {
        handler = user;
    }

    final YamuxStream yamux() {
        return yamux;
    }

    final YamuxConnection connection() {
        return connection;
    }

    @Override
    public final PeerId peer() {
        return connection.peer();
    }

    @Override
    public final Multiaddr remote() {
        return connection.remote();
    }

    @Override
    public final ScheduledExecutorService executor() {
        return connection.transport().eventLoop();
    }

    @Override
    public final boolean isOpen() {
        return !gone;
    }

    @Override
    public final int write(ByteBuffer bytes) {
        connection.checkThread();
        int count = yamux.write(bytes);
        connection.askForTurn();
        return count;
    }

    @Override
    public final void closeWrite() {
        connection.checkThread();
        yamux.closeWrite();
        connection.askForTurn();
    }

    @Override
    public final void consumed(int count) {
        connection.checkThread();
        yamux.consumed(count, connection.nowNanos());
        connection.askForTurn();
    }

    @Override
    public final void reset(long code) {
        connection.checkThread();
        if (!gone) {
            yamux.reset(code);
            leave();
            connection.askForTurn();
        }
    }

    @Override
    public final String toString() {
        return "%s of %s, %s".formatted(yamux, protocol(), connection);
    }

    final void received(ByteBuffer bytes) {
        if (negotiating) {
            receiveWord(bytes);
        }
        if (!negotiating && bytes.hasRemaining()) {
            ByteBuffer own = bytes.slice();
            tell(user -> user.received(this, own));
        }
    }

    final void halfClosed() {
        if (negotiating) {
            try {
                endNegotiation();
            } catch (MultistreamException e) {
                negotiationFailed(String.valueOf(e.getMessage()));
            }
        }
        tell(user -> user.halfClosed(this));
    }

    final void writable() {
        tell(user -> user.writable(this));
    }

    /** Both sides have ended. */
    final void ended() {
        leave();
        if (handler != null) {
            runSafely(handler, user -> user.closed(this, Optional.empty()));
        }
    }

    /** The stream is gone, and not by the user's will. */
    final void lost(String why) {
        if (gone) {
            return;
        }
        leave();
        if (handler == null) {
            failed(why);
        } else {
            StreamLostException failure = new StreamLostException(this + ": " + why);
            runSafely(handler, user -> user.closed(this, Optional.of(failure)));
        }
    }

    /** Sends a word of the agreement. */
    final void say(ByteBuffer word) {
        yamux.write(word);
        if (word.hasRemaining()) {
            negotiationFailed("no room to send for the agreement on a protocol");
        }
        connection.askForTurn();
    }

    private void receiveWord(ByteBuffer bytes) {
        int before = bytes.remaining();
        Negotiation.Step step;
        try {
            step = negotiate(bytes);
        } catch (MultistreamException e) {
            negotiationFailed(String.valueOf(e.getMessage()));
            return;
        }
        yamux.consumed(before - bytes.remaining(), connection.nowNanos());
        if (step.toSend().hasRemaining()) {
            say(step.toSend()); // never after closeWrite: a dialler of one protocol has nothing more to say
        }
        if (gone) {
            return;
        }
        if (step instanceof Negotiation.Refused) {
            negotiationFailed("the peer doesn't speak it");
        } else if (step instanceof Negotiation.Agreed agreement) {
            negotiating = false;
            negotiationLimit.cancel(false);
            agreed(agreement.protocol());
        }
    }

    private void negotiationFailed(String why) {
        if (!gone) {
            yamux.reset(ResetCode.NEGOTIATION_FAILED);
            connection.askForTurn();
            lost(why);
        }
    }

    private void leave() {
        gone = true;
        negotiationLimit.cancel(false);
        connection.forget(yamux);
    }

    private void tell(Consumer<StreamHandler> what) {
        if (!gone && handler != null) {
            runSafely(handler, what);
        }
    }

    /** Runs code of somebody else, which must not harm other streams. */
    final void runSafely(StreamHandler user, Consumer<StreamHandler> what) {
        try {
            what.accept(user);
        } catch (RuntimeException e) {
            log.error("a fault of this side ends {}", this, e);
            reset(ResetCode.UNSPECIFIED);
        }
    }
}
