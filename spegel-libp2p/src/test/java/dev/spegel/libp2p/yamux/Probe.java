package dev.spegel.libp2p.yamux;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A session, and the raw other end of its connection: sends it frames and reads the ones it sends. Holds the clock. */
final class Probe {
    final YamuxSession session;
    long nowNanos;

    private Probe(boolean dialer, YamuxConfig config, long nowNanos) {
        this.nowNanos = nowNanos;
        session = dialer ? YamuxSession.dialer(config, nowNanos) : YamuxSession.listener(config, nowNanos);
    }

    /** A dialler's session, whose first ping was answered after a millisecond. */
    static Probe dialer(YamuxConfig config) {
        return new Probe(true, config, Long.MAX_VALUE - 5).pinged(); // nanoTime may wrap
    }

    /** A listener's session, whose first ping was answered after a millisecond. */
    static Probe listener(YamuxConfig config) {
        return new Probe(false, config, Long.MAX_VALUE - 5).pinged();
    }

    /** A dialler's session right after the start. */
    static Probe fresh(YamuxConfig config) {
        return new Probe(true, config, 0);
    }

    private Probe pinged() {
        frames();
        pass(Duration.ofMillis(1));
        send("000200020000000000000000");
        events();
        return this;
    }

    void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    /** Lets time pass and says so. */
    void tickAfter(Duration time) {
        pass(time);
        session.tick(nowNanos);
    }

    void send(String hex) {
        session.receive(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), nowNanos);
    }

    void send(FrameHeader.Type type, int flags, long streamId, long length) {
        ByteBuffer frame = ByteBuffer.allocate(FrameHeader.SIZE);
        new FrameHeader(type, flags, streamId, length).writeTo(frame);
        session.receive(frame.flip(), nowNanos);
    }

    void sendData(long streamId, int flags, int count) {
        send(FrameHeader.Type.DATA, flags, streamId, count);
        session.receive(ByteBuffer.allocate(count), nowNanos);
    }

    /** Opens a stream from the other end and takes the event, and the frame that accepts it. */
    YamuxStream opened(long streamId) {
        send(FrameHeader.Type.WINDOW_UPDATE, FrameHeader.SYN, streamId, 0);
        YamuxStream stream = ((YamuxEvent.StreamOpened) events().get(0)).stream();
        frames();
        return stream;
    }

    /** Opens a stream from this end; the other end has accepted it. */
    YamuxStream open() {
        YamuxStream stream = session.openStream(nowNanos).orElseThrow();
        frames();
        send(FrameHeader.Type.WINDOW_UPDATE, FrameHeader.ACK, stream.id(), 0);
        events();
        return stream;
    }

    List<YamuxEvent> events() {
        List<YamuxEvent> events = new ArrayList<>();
        Optional<YamuxEvent> event = session.nextEvent();
        while (event.isPresent()) {
            events.add(event.get());
            event = session.nextEvent();
        }
        return events;
    }

    EndReason endReason() {
        return session.endReason().orElseThrow();
    }

    /** What the session has to send, as hex, frame by frame; of data frames the header only. */
    List<String> frames() {
        List<String> frames = new ArrayList<>();
        ByteBuffer out = ByteBuffer.allocate(65_536);
        while (session.hasOutput()) {
            session.writeTo(out.clear(), nowNanos);
            out.flip();
            while (out.hasRemaining()) {
                byte[] header = new byte[FrameHeader.SIZE];
                out.get(header);
                frames.add(HexFormat.of().formatHex(header));
                if (header[1] == 0) {
                    out.position(out.position() + ByteBuffer.wrap(header).getInt(8));
                }
            }
        }
        return frames;
    }
}
