package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.nio.ByteBuffer;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A stream of one protocol with one peer. To be used on the host's event loop only, {@link #executor}. A stream has no time
 * limits of its own; its user needs one for whatever it waits for, and {@link #reset}s the stream then.
 */
public interface Stream {
    /** Who is at the other end, proven by its key. */
    PeerId peer();

    /** The address at the other end of the connection. */
    Multiaddr remote();

    /** What both ends speak. */
    String protocol();

    /** The event loop of the host. */
    ScheduledExecutorService executor();

    /** Whether neither {@link StreamHandler#closed} was called nor this side has {@link #reset} the stream. */
    boolean isOpen();

    /**
     * Copies as many bytes as there is room for and advances the position by as many. If that isn't all,
     * {@link StreamHandler#writable} follows when there is room again. What is written in one turn of the event loop leaves
     * together.
     *
     * @return the number of bytes taken; 0 once the stream is gone
     * @throws IllegalStateException after {@link #closeWrite}
     */
    int write(ByteBuffer bytes);

    /** Ends this side once all that was written is sent; the peer may write on. Calling it twice is harmless. */
    void closeWrite();

    /**
     * Says that so many of the bytes received are dealt with, and the peer may send more. Not saying so is the only way to slow a
     * peer down.
     */
    void consumed(int count);

    /**
     * Ends the stream at once, both ways. The handler isn't called any more. Calling it twice is harmless.
     *
     * @param code why, see {@link dev.spegel.libp2p.yamux.ResetCode}
     */
    void reset(long code);
}
