package dev.spegel.libp2p.yamux;

import java.nio.ByteBuffer;

/**
 * One stream of a {@link YamuxSession}; what happens on it arrives as {@link YamuxEvent}s of the session. For one thread, the
 * session's. A call on a stream that is gone does nothing: the event that says so is on its way.
 */
public final class YamuxStream {
    /**
     * The most data in one frame. go-yamux sends up to 64 KiB and takes what the window allows; 16 KiB cost 0.07 % in headers,
     * and a small answer waits for less of another stream's bulk.
     */
    static final int MAX_DATA_BYTES = 16_384;

    private final YamuxSession session;
    private final StreamTable table;
    private final Outbox outbox;
    private final long id;
    private final boolean inbound;
    private final SendBuffer unsent;
    private final ReceiveWindow window;
    private long sendWindow = ReceiveWindow.INITIAL;
    private int flagsToSend;
    private long incrementToSend;
    private boolean established;
    private boolean finWanted;
    private boolean finSent;
    private boolean finReceived;
    private boolean gone;

    YamuxStream(YamuxSession session, long id, boolean inbound, long nowNanos) {
        this.session = session;
        table = session.table();
        outbox = session.outbox();
        this.id = id;
        this.inbound = inbound;
        unsent = new SendBuffer(session.config().maxUnsentBytesPerStream());
        window = new ReceiveWindow(session.config().maxWindowBytes(), nowNanos);
    }

    /** The number on the wire, unsigned 32 bits; odd if the connection's dialler opened the stream. */
    public long id() {
        return id;
    }

    /** Whether the peer opened it. */
    public boolean isInbound() {
        return inbound;
    }

    /** Whether it is neither closed by both sides, nor reset, nor ended with its session. */
    public boolean isOpen() {
        return !gone;
    }

    /** How many bytes wait to be sent. */
    public int unsentBytes() {
        return unsent.size();
    }

    /**
     * Copies as many bytes as there is room for, and advances the position by as many. If that isn't all, a
     * {@link YamuxEvent.Writable} follows once there is room for half of what a stream may hold.
     *
     * <p>A peer may stop reading for good without saying so (go-yamux does after {@code Close}); whoever waits for room needs a
     * time limit, and then a {@link #reset}.
     *
     * @return the number of bytes taken; 0 if the stream is gone
     * @throws IllegalStateException after {@link #closeWrite}
     */
    public int write(ByteBuffer bytes) {
        if (finWanted) {
            throw new IllegalStateException("stream %d was closed for writing".formatted(id));
        }
        if (gone) {
            return 0;
        }
        int count = Math.min(bytes.remaining(), Math.min(unsent.room(), table.roomToSend()));
        unsent.put(bytes, count);
        table.addUnsent(count);
        if (bytes.hasRemaining()) {
            table.waitForRoom(this);
        }
        if (canSend()) {
            outbox.send(this);
        }
        return count;
    }

    /** Ends this side once all that was written is sent. The peer may write on. Calling it twice is harmless. */
    public void closeWrite() {
        if (!gone && !finWanted) {
            finWanted = true;
            table.stopWaiting(this);
            if (canSend()) {
                outbox.send(this);
            }
        }
    }

    /**
     * Ends the stream at once, both ways; what wasn't sent is lost.
     *
     * @param code an unsigned 32-bit number, see {@link ResetCode}
     */
    public void reset(long code) {
        if (code < 0 || code > FrameHeader.MAX_UINT32) {
            throw new IllegalArgumentException("a code is an unsigned 32-bit number, got " + code);
        }
        if (!gone) {
            session.resetStream(this, code);
        }
    }

    /**
     * Says that the application is done with bytes that it was given, so that the peer may send more. Not saying so is the way,
     * and the only one, to slow a peer down.
     *
     * @throws IllegalArgumentException if more is consumed than was given
     */
    public void consumed(int count, long nowNanos) {
        if (gone) {
            return;
        }
        if (count < 0 || count > window.unconsumed()) {
            throw new IllegalArgumentException("stream %d gave %d bytes that aren't consumed yet, got %d"
                    .formatted(id, window.unconsumed(), count));
        }
        table.addReceived(-count);
        long increment = window.consume(count, nowNanos, session.roundTripNanos(), table::reserveWindow);
        if (increment > 0 && !finReceived) {
            incrementToSend += increment;
            outbox.announce(this);
        }
    }

    @Override
    public String toString() {
        return "stream " + id;
    }

    /** Sends {@code flag}, SYN or ACK, before anything else. */
    void announce(int flag) {
        flagsToSend |= flag;
        outbox.announce(this);
    }

    /** Whether the peer can't know of this stream yet. */
    boolean isUnannounced() {
        return (flagsToSend & FrameHeader.SYN) != 0;
    }

    /** Whether the side that didn't open the stream has accepted it. */
    boolean isEstablished() {
        return established;
    }

    void establish() {
        established = true;
    }

    boolean announceData(long length) {
        return window.announce(length);
    }

    void deliver(int count) {
        window.deliver(count);
    }

    long unconsumedBytes() {
        return window.unconsumed();
    }

    long windowBytes() {
        return window.target();
    }

    int roomToSend() {
        return unsent.room();
    }

    /** Lets this side send more. The sum is kept within 32 bits: go-yamux counts in as many, and no window is larger. */
    void grant(long increment) {
        sendWindow = Math.min(sendWindow + increment, FrameHeader.MAX_UINT32);
        if (canSend()) {
            outbox.send(this);
        }
    }

    boolean hasReceivedFin() {
        return finReceived;
    }

    void receiveFin() {
        finReceived = true;
    }

    /** Whether both sides have ended. */
    boolean isComplete() {
        return finSent && finReceived;
    }

    boolean canSend() {
        return !gone && (unsent.size() > 0 ? sendWindow > 0 : finWanted && !finSent);
    }

    void writeAnnouncement(ByteBuffer out) {
        new FrameHeader(FrameHeader.Type.WINDOW_UPDATE, flagsToSend, id, incrementToSend).writeTo(out);
        flagsToSend = 0;
        incrementToSend = 0;
    }

    /** Writes one frame: data, or when there is none left, the end. */
    void writeNext(ByteBuffer out) {
        if (unsent.size() > 0) {
            int room = Math.min(out.remaining() - FrameHeader.SIZE, MAX_DATA_BYTES);
            int count = (int) Math.min(sendWindow, Math.min(room, unsent.size()));
            new FrameHeader(FrameHeader.Type.DATA, 0, id, count).writeTo(out);
            unsent.takeTo(out, count);
            sendWindow -= count;
            table.addUnsent(-count);
        } else {
            // In a frame of its own, as go-yamux does: a receiver that looks at the flags first may take FIN on a data
            // frame
            // for the end before it has read the data.
            new FrameHeader(FrameHeader.Type.WINDOW_UPDATE, FrameHeader.FIN, id, 0).writeTo(out);
            finSent = true;
            session.finSent(this);
        }
    }

    /** Forgets all data. What it held must be taken from the session's sums before. */
    void leave() {
        gone = true;
        unsent.clear();
    }
}
