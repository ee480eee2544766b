package dev.spegel.libp2p.yamux;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One side of a yamux connection. Bytes go in, events come out; calls go in, bytes come out:
 *
 * <ol>
 *   <li>what arrives goes to {@link #receive}, always and at once: never stop reading from the connection to slow a peer down,
 *       since it ends the session when its writes are stuck;
 *   <li>after each call, take all of {@link #nextEvent}, and as long as the connection takes bytes, those of {@link #writeTo};
 *   <li>when {@link #nextDeadline} is reached, call {@link #tick}.
 * </ol>
 *
 * <p>All that a peer can make this side hold is bounded by {@link YamuxConfig}, and only what has arrived is ever allocated. A
 * peer that breaks the rules of yamux is told by GoAway, and the session ends. Ending is abrupt, as go-yamux takes any GoAway
 * for the end: finish streams first.
 *
 * <p>For one thread. Times are those of {@link System#nanoTime} or a test's clock, and never run backwards.
 */
public final class YamuxSession {
    private final boolean dialer;
    private final YamuxConfig config;
    private final Keepalive keepalive;
    private final Outbox outbox = new Outbox();
    private final ArrayDeque<YamuxEvent> events = new ArrayDeque<>();
    private final StreamTable table;

    private final ByteBuffer header = ByteBuffer.allocate(FrameHeader.SIZE);
    private long payloadLeft;
    private @Nullable YamuxStream payloadStream;
    private boolean finAfterPayload;

    private long nextId;
    private boolean writing;
    private long writingSinceNanos;
    private @Nullable EndReason endReason;

    private YamuxSession(boolean dialer, YamuxConfig config, long nowNanos) {
        this.dialer = dialer;
        this.config = requireNonNull(config, "config");
        keepalive = new Keepalive(config.pingInterval(), config.pingTimeout(), nowNanos);
        table = new StreamTable(config, stream -> events.add(new YamuxEvent.Writable(stream)));
        nextId = dialer ? 1 : 2;
        tick(nowNanos);
    }

    /** The session of the side that dialled the connection. It has a ping to send from the start. */
    public static YamuxSession dialer(YamuxConfig config, long nowNanos) {
        return new YamuxSession(true, config, nowNanos);
    }

    /** The session of the side that was dialled. It has a ping to send from the start. */
    public static YamuxSession listener(YamuxConfig config, long nowNanos) {
        return new YamuxSession(false, config, nowNanos);
    }

    /** Takes all of {@code in}. Never throws for what a peer sends. After the end everything is ignored. */
    public void receive(ByteBuffer in, long nowNanos) {
        if (in.hasRemaining()) {
            keepalive.heard(nowNanos);
        }
        try {
            while (endReason == null && in.hasRemaining()) {
                if (payloadLeft > 0) {
                    readPayload(in);
                } else {
                    readHeader(in, nowNanos);
                }
            }
        } catch (ProtocolViolation e) {
            end(EndReason.Cause.PROTOCOL_VIOLATION, GoAwayCode.PROTOCOL_ERROR, e.detail());
        }
        in.position(in.limit());
        tick(nowNanos);
    }

    /** The next event, if there is one. Taking a {@link YamuxEvent.StreamOpened} accepts the stream. */
    public Optional<YamuxEvent> nextEvent() {
        YamuxEvent event = events.poll();
        if (event instanceof YamuxEvent.StreamOpened opened && opened.stream().isOpen()) {
            table.establish(opened.stream());
            opened.stream().announce(FrameHeader.ACK);
        }
        return Optional.ofNullable(event);
    }

    /** Whether {@link #writeTo} has something to write. */
    public boolean hasOutput() {
        return !outbox.isEmpty();
    }

    /**
     * Writes frames, whole ones, as long as they fit. With more than 12 bytes of room there is always progress; 64 KiB are a
     * good size.
     */
    public void writeTo(ByteBuffer out, long nowNanos) {
        int before = out.position();
        outbox.writeTo(out);
        if (out.position() > before) {
            writing = false;
        }
        table.wakeWriters();
        tick(nowNanos);
    }

    /**
     * Opens a stream. Data may be written at once. Empty if the session has ended, or has as many streams as
     * {@link YamuxConfig#maxOutboundStreams} or 256 that the peer hasn't accepted; then try again after a
     * {@link YamuxEvent.StreamAccepted}, {@link YamuxEvent.StreamClosed} or {@link YamuxEvent.StreamReset}. Also empty once all
     * two thousand million stream numbers are used up; then only a new connection helps.
     */
    public Optional<YamuxStream> openStream(long nowNanos) {
        if (endReason != null || !table.mayOpen() || nextId > FrameHeader.MAX_UINT32) {
            return Optional.empty();
        }
        YamuxStream stream = new YamuxStream(this, nextId, false, nowNanos);
        nextId += 2;
        table.add(stream);
        stream.announce(FrameHeader.SYN);
        return Optional.of(stream);
    }

    /**
     * Ends the session; all streams are lost. What {@link #writeTo} has then is the GoAway.
     *
     * @param code an unsigned 32-bit number, see {@link GoAwayCode}
     */
    public void close(long code) {
        if (code < 0 || code > FrameHeader.MAX_UINT32) {
            throw new IllegalArgumentException("a code is an unsigned 32-bit number, got " + code);
        }
        end(EndReason.Cause.CLOSED, code, "closed by this side");
    }

    /** Says that the connection below is gone. */
    public void connectionLost(String detail) {
        end(EndReason.Cause.CONNECTION_LOST, GoAwayCode.NORMAL, detail);
    }

    /** Does what is due: sends pings, gives a silent or stuck peer up. Calling it early is harmless. */
    public void tick(long nowNanos) {
        if (endReason != null) {
            return;
        }
        switch (keepalive.tick(nowNanos)) {
            case PING -> outbox.ping(keepalive.value());
            case TIMEOUT ->
                end(
                        EndReason.Cause.KEEPALIVE_TIMEOUT,
                        GoAwayCode.NORMAL,
                        "no answer to a ping for " + config.pingTimeout());
            case NOTHING -> {}
        }
        if (outbox.isEmpty()) {
            writing = false;
        } else if (!writing) {
            writing = true;
            writingSinceNanos = nowNanos;
        } else if (nowNanos - writingSinceNanos >= config.writeTimeout().toNanos()) {
            end(EndReason.Cause.WRITE_TIMEOUT, GoAwayCode.NORMAL, "nothing could be sent for " + config.writeTimeout());
        }
    }

    /** When to call {@link #tick} next, unless there is a call that carries the time before; empty after the end. */
    public OptionalLong nextDeadline() {
        if (endReason != null) {
            return OptionalLong.empty();
        }
        long deadline = keepalive.deadlineNanos();
        if (writing) {
            long stuck = writingSinceNanos + config.writeTimeout().toNanos();
            return OptionalLong.of(stuck - deadline < 0 ? stuck : deadline);
        }
        return OptionalLong.of(deadline);
    }

    /** Why the session ended; empty as long as it hasn't. */
    public Optional<EndReason> endReason() {
        return Optional.ofNullable(endReason);
    }

    /** How many streams are open, both sides' together. */
    public int openStreams() {
        return table.size();
    }

    private void readHeader(ByteBuffer in, long nowNanos) throws ProtocolViolation {
        while (header.hasRemaining() && in.hasRemaining()) {
            header.put(in.get());
        }
        if (header.hasRemaining()) {
            return;
        }
        FrameHeader frame = FrameHeader.read(header.flip());
        header.clear();
        boolean forSession = frame.type() == FrameHeader.Type.PING || frame.type() == FrameHeader.Type.GO_AWAY;
        if (forSession != (frame.streamId() == 0)) {
            throw new ProtocolViolation("stream 0 is for pings and GoAways and nothing else, got %s on stream %d"
                    .formatted(frame.type(), frame.streamId()));
        }
        switch (frame.type()) {
            case PING -> receivePing(frame, nowNanos);
            case GO_AWAY ->
                end(EndReason.Cause.PEER_WENT_AWAY, frame.length(), "the peer said GoAway " + frame.length());
            case WINDOW_UPDATE -> receiveWindowUpdate(frame, nowNanos);
            case DATA -> receiveData(frame, nowNanos);
        }
    }

    private void receivePing(FrameHeader frame, long nowNanos) {
        if (frame.has(FrameHeader.SYN)) {
            outbox.answerPing(frame.length());
        } else {
            // An answer that nobody asked for means nothing: it may be late.
            keepalive
                    .answered(frame.length(), nowNanos)
                    .ifPresent(roundTrip -> events.add(new YamuxEvent.PingAnswered(Duration.ofNanos(roundTrip))));
        }
    }

    private void receiveWindowUpdate(FrameHeader frame, long nowNanos) throws ProtocolViolation {
        YamuxStream stream = streamOf(frame, nowNanos);
        if (stream == null) {
            return;
        }
        if (frame.has(FrameHeader.RST)) {
            peerReset(stream, frame.length());
            return;
        }
        stream.grant(frame.length());
        if (frame.has(FrameHeader.FIN)) {
            receiveFin(stream);
        }
    }

    private void receiveData(FrameHeader frame, long nowNanos) throws ProtocolViolation {
        YamuxStream stream = streamOf(frame, nowNanos);
        if (stream != null && frame.has(FrameHeader.RST)) {
            peerReset(stream, ResetCode.UNSPECIFIED);
        } else if (stream != null && stream.hasReceivedFin() && frame.length() > 0) {
            sessionReset(stream, ResetCode.PROTOCOL_VIOLATION);
        } else if (stream != null && !stream.announceData(frame.length())) {
            throw new ProtocolViolation("receive window of stream %d exceeded by a frame of %d bytes"
                    .formatted(stream.id(), frame.length()));
        }
        if (frame.length() > config.maxWindowBytes()) {
            // Of a stream that is gone, so its window isn't known, but none was ever as large.
            throw new ProtocolViolation(
                    "a frame has at most %d bytes, got %d".formatted(config.maxWindowBytes(), frame.length()));
        }
        payloadLeft = frame.length();
        payloadStream = stream;
        finAfterPayload = frame.has(FrameHeader.FIN);
        if (payloadLeft == 0) {
            endPayload();
        }
    }

    /** The stream of a frame, opened if the frame says so; null if there is none (any more). */
    private @Nullable YamuxStream streamOf(FrameHeader frame, long nowNanos) throws ProtocolViolation {
        YamuxStream stream = table.find(frame.streamId());
        if (frame.has(FrameHeader.SYN)) {
            if (stream != null) {
                throw new ProtocolViolation("stream %d was opened twice".formatted(frame.streamId()));
            }
            return open(frame.streamId(), nowNanos);
        }
        if (stream != null && frame.has(FrameHeader.ACK) && !stream.isInbound() && !stream.isEstablished()) {
            table.establish(stream);
            events.add(new YamuxEvent.StreamAccepted(stream));
        }
        return stream;
    }

    private @Nullable YamuxStream open(long id, long nowNanos) throws ProtocolViolation {
        boolean openedByDialer = id % 2 == 1;
        if (openedByDialer == dialer) {
            throw new ProtocolViolation(
                    "the peer opens streams with %s numbers, got %d".formatted(dialer ? "even" : "odd", id));
        }
        if (!table.mayBeOpened()) {
            sendReset(id, ResetCode.RESOURCE_LIMIT_EXCEEDED);
            return null;
        }
        YamuxStream stream = new YamuxStream(this, id, true, nowNanos);
        table.add(stream);
        events.add(new YamuxEvent.StreamOpened(stream));
        return stream;
    }

    private void readPayload(ByteBuffer in) {
        int count = (int) Math.min(payloadLeft, in.remaining());
        YamuxStream stream = payloadStream;
        if (stream != null && stream.isOpen() && !table.mayReceive(count)) {
            sessionReset(stream, ResetCode.RESOURCE_LIMIT_EXCEEDED);
        }
        if (stream != null && stream.isOpen()) {
            byte[] bytes = new byte[count];
            in.get(bytes);
            stream.deliver(count);
            table.addReceived(count);
            events.add(new YamuxEvent.Data(stream, ByteBuffer.wrap(bytes).asReadOnlyBuffer()));
        } else {
            in.position(in.position() + count);
        }
        payloadLeft -= count;
        if (payloadLeft == 0) {
            endPayload();
        }
    }

    private void endPayload() {
        YamuxStream stream = payloadStream;
        payloadStream = null;
        if (stream != null && finAfterPayload) {
            receiveFin(stream);
        }
    }

    private void receiveFin(YamuxStream stream) {
        if (stream.isOpen() && !stream.hasReceivedFin()) {
            stream.receiveFin();
            events.add(new YamuxEvent.HalfClosed(stream));
            closeIfComplete(stream);
        }
    }

    private void peerReset(YamuxStream stream, long code) {
        remove(stream);
        events.add(new YamuxEvent.StreamReset(stream, code, true));
    }

    private void sessionReset(YamuxStream stream, long code) {
        resetStream(stream, code);
        events.add(new YamuxEvent.StreamReset(stream, code, false));
    }

    private void sendReset(long id, long code) {
        if (!outbox.reset(id, code)) {
            end(
                    EndReason.Cause.PEER_EXCESS,
                    GoAwayCode.RESOURCE_LIMIT_EXCEEDED,
                    "the peer took none of %d resets".formatted(Outbox.MAX_RESETS));
        }
    }

    private void closeIfComplete(YamuxStream stream) {
        if (stream.isComplete()) {
            remove(stream);
            events.add(new YamuxEvent.StreamClosed(stream));
        }
    }

    private void remove(YamuxStream stream) {
        outbox.forget(stream);
        table.remove(stream);
    }

    private void end(EndReason.Cause cause, long code, String detail) {
        if (endReason != null) {
            return;
        }
        EndReason reason = new EndReason(cause, code, detail);
        List<YamuxStream> open = table.removeAll();
        outbox.clear();
        if (reason.tellsPeer()) {
            outbox.goAway(code);
        }
        endReason = reason;
        events.add(new YamuxEvent.SessionEnded(reason, open));
    }

    YamuxConfig config() {
        return config;
    }

    Outbox outbox() {
        return outbox;
    }

    StreamTable table() {
        return table;
    }

    long roundTripNanos() {
        return keepalive.roundTripNanos();
    }

    /** Resets without an event. A stream that the peer can't know of leaves no trace. */
    void resetStream(YamuxStream stream, long code) {
        boolean known = !stream.isUnannounced();
        remove(stream);
        if (known) {
            sendReset(stream.id(), code);
        }
    }

    void finSent(YamuxStream stream) {
        closeIfComplete(stream);
    }
}
