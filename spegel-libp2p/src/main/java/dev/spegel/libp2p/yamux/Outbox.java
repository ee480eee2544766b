package dev.spegel.libp2p.yamux;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Decides what leaves next. First what concerns the session: pings and their answers (go-yamux gives up after 10 s), resets,
 * GoAway. Then what lets the peer go on: opened and accepted streams, windows. Then data, one frame of each stream in turn.
 */
final class Outbox {
    /** go-yamux queues as many and drops further ones, so a peer of that kind expects no more. */
    static final int MAX_PING_ANSWERS = 32;

    /** 12 KiB of frames. Far more than an honest peer makes us refuse between two moments at which it reads. */
    static final int MAX_RESETS = 1024;

    private final ArrayDeque<FrameHeader> control = new ArrayDeque<>();
    private final Set<YamuxStream> announcing = new LinkedHashSet<>();
    private final Set<YamuxStream> sending = new LinkedHashSet<>();
    private int pingAnswers;
    private int resets;

    boolean isEmpty() {
        return control.isEmpty() && announcing.isEmpty() && sending.isEmpty();
    }

    void ping(long value) {
        control.add(new FrameHeader(FrameHeader.Type.PING, FrameHeader.SYN, 0, value));
    }

    /** Answers a ping, unless too many answers wait already. */
    void answerPing(long value) {
        if (pingAnswers < MAX_PING_ANSWERS) {
            pingAnswers++;
            control.add(new FrameHeader(FrameHeader.Type.PING, FrameHeader.ACK, 0, value));
        }
    }

    /** Returns false, and does nothing, if too many resets wait already. */
    boolean reset(long streamId, long code) {
        if (resets == MAX_RESETS) {
            return false;
        }
        resets++;
        control.add(new FrameHeader(FrameHeader.Type.WINDOW_UPDATE, FrameHeader.RST, streamId, code));
        return true;
    }

    void goAway(long code) {
        control.add(new FrameHeader(FrameHeader.Type.GO_AWAY, 0, 0, code));
    }

    /** The stream has a window update to send. */
    void announce(YamuxStream stream) {
        announcing.add(stream);
    }

    /** The stream has data that it may send, or its end. */
    void send(YamuxStream stream) {
        sending.add(stream);
    }

    void forget(YamuxStream stream) {
        announcing.remove(stream);
        sending.remove(stream);
    }

    void clear() {
        control.clear();
        announcing.clear();
        sending.clear();
        pingAnswers = 0;
        resets = 0;
    }

    /** Writes whole frames as long as they fit. */
    void writeTo(ByteBuffer out) {
        while (out.remaining() >= FrameHeader.SIZE && !control.isEmpty()) {
            FrameHeader header = control.remove();
            if (header.type() == FrameHeader.Type.WINDOW_UPDATE) {
                resets--;
            } else if (header.type() == FrameHeader.Type.PING && header.has(FrameHeader.ACK)) {
                pingAnswers--;
            }
            header.writeTo(out);
        }
        while (out.remaining() >= FrameHeader.SIZE && !announcing.isEmpty()) {
            first(announcing).writeAnnouncement(out);
        }
        while (out.remaining() > FrameHeader.SIZE && announcing.isEmpty() && !sending.isEmpty()) {
            YamuxStream stream = first(sending);
            stream.writeNext(out);
            if (stream.canSend()) {
                sending.add(stream);
            }
        }
    }

    private static YamuxStream first(Set<YamuxStream> streams) {
        Iterator<YamuxStream> iterator = streams.iterator();
        YamuxStream stream = iterator.next();
        iterator.remove();
        return stream;
    }
}
