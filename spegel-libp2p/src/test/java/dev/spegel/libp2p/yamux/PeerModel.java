package dev.spegel.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * An application on a session, and the wire to the other. Each writes, on every stream, a sequence that its place in the
 * stream and the stream's number determine, so that a byte lost, doubled or out of place shows.
 */
final class PeerModel {
    private final YamuxSession session;
    private final YamuxConfig config;
    private final Random random;
    private final Map<Long, Talk> talks = new HashMap<>();
    private final ArrayDeque<ByteBuffer> wire = new ArrayDeque<>();
    private final WindowWatch watch;
    private boolean winding;
    private boolean pinged;

    private PeerModel(YamuxSession session, YamuxConfig config, Random random) {
        this.session = session;
        this.config = config;
        this.random = random;
        watch = new WindowWatch();
    }

    static PeerModel dialer(YamuxConfig config, Random random) {
        return new PeerModel(YamuxSession.dialer(config, 0), config, random);
    }

    static PeerModel listener(YamuxConfig config, Random random) {
        return new PeerModel(YamuxSession.listener(config, 0), config, random);
    }

    /** Does one thing that an application may do. */
    void act(long nowNanos) {
        int what = random.nextInt(20);
        if (what < 2) {
            Optional<YamuxStream> opened = session.openStream(nowNanos);
            opened.ifPresent(stream -> talks.put(stream.id(), new Talk(stream)));
            return;
        }
        List<Talk> open =
                talks.values().stream().filter(talk -> talk.stream.isOpen()).toList();
        if (open.isEmpty()) {
            return;
        }
        Talk talk = open.get(random.nextInt(open.size()));
        if (what < 12) {
            talk.write(random.nextInt(10) == 0 ? random.nextInt(300_000) : random.nextInt(5_000));
        } else if (what < 18) {
            talk.consume(random.nextInt(talk.held + 1), nowNanos);
        } else if (what == 18) {
            talk.closeWrite();
        } else if (random.nextInt(4) == 0) {
            talk.stream.reset(random.nextInt(5));
            talk.broken = true;
        }
    }

    /** Moves some of what this side sends to the other, cut anywhere. */
    void moveTo(PeerModel other, long nowNanos) {
        if (session.hasOutput()) {
            ByteBuffer out = ByteBuffer.allocate(13 + random.nextInt(70_000));
            session.writeTo(out, nowNanos);
            assertThat(out.flip().hasRemaining()).isTrue();
            other.watch.peerSends(out.duplicate(), watch);
            wire.add(out);
        }
        take(nowNanos);
        ByteBuffer next = wire.peek();
        if (next == null) {
            return;
        }
        int count = random.nextInt(4) == 0 ? 1 + random.nextInt(Math.min(20, next.remaining())) : next.remaining();
        ByteBuffer piece = next.slice(next.position(), count);
        next.position(next.position() + count);
        if (!next.hasRemaining()) {
            wire.remove();
        }
        other.session.receive(piece, nowNanos);
        assertThat(piece.hasRemaining()).isFalse();
        other.take(nowNanos);
    }

    private void take(long nowNanos) {
        Optional<YamuxEvent> next = session.nextEvent();
        while (next.isPresent()) {
            YamuxEvent event = next.get();
            if (event instanceof YamuxEvent.StreamOpened opened) {
                assertThat(talks.put(opened.stream().id(), new Talk(opened.stream())))
                        .isNull();
            } else if (event instanceof YamuxEvent.Data data) {
                talk(data.stream()).read(data.bytes(), nowNanos);
            } else if (event instanceof YamuxEvent.HalfClosed closed) {
                talk(closed.stream()).halfClosed = true;
            } else if (event instanceof YamuxEvent.StreamReset reset) {
                talk(reset.stream()).broken = true;
            } else if (event instanceof YamuxEvent.PingAnswered) {
                pinged = true;
            } else {
                assertThat(event).isNotInstanceOf(YamuxEvent.SessionEnded.class);
            }
            next = session.nextEvent();
        }
    }

    private Talk talk(YamuxStream stream) {
        Talk talk = talks.get(stream.id());
        assertThat(talk).isNotNull();
        return talk;
    }

    /** The bounds of the session hold at any moment. */
    void check() {
        List<Long> sums = session.table().sums();
        assertThat(session.endReason()).isEmpty();
        assertThat(sums).allMatch(sum -> sum >= 0);
        assertThat(sums.get(0)).isLessThanOrEqualTo(config.maxInboundStreams());
        assertThat(sums.get(1)).isLessThanOrEqualTo(config.maxOutboundStreams());
        assertThat(sums.get(2)).isLessThanOrEqualTo(config.acceptBacklog());
        assertThat(sums.get(4)).isLessThanOrEqualTo(config.maxReceivedBytes());
        assertThat(sums.get(6)).isLessThanOrEqualTo(config.maxUnsentBytes());
    }

    /** From now on consumes all at once and only ends streams. */
    void wind(PeerModel other) {
        winding = true;
        assertThat(other.session.endReason()).isEmpty();
    }

    void finishWriting(long nowNanos) {
        for (Talk talk : talks.values()) {
            if (talk.stream.isOpen()) {
                talk.consume(talk.held, nowNanos);
                talk.closeWrite();
            }
        }
    }

    boolean isBusy() {
        return session.hasOutput() || !wire.isEmpty() || session.openStreams() > 0;
    }

    void checkNothingIsLeft() {
        assertThat(session.table().sums()).containsOnly(0L);
        assertThat(session.hasOutput()).isFalse();
        assertThat(session.nextEvent()).isEmpty();
        assertThat(pinged).isTrue();
    }

    /** All that the other wrote on streams that nobody reset was read here. */
    void checkAgainst(PeerModel other) {
        talks.forEach((id, talk) -> {
            Talk theirs = other.talks.get(id);
            if (!talk.broken) {
                assertThat(theirs).isNotNull();
                assertThat(talk.read).isEqualTo(theirs.written);
                assertThat(talk.halfClosed).isTrue();
            } else if (theirs != null) {
                assertThat(talk.read).isLessThanOrEqualTo(theirs.written);
            }
        });
    }

    /** The session lives: its next ping is answered. */
    void checkStillPings(PeerModel other, long nowNanos) {
        pinged = false;
        session.tick(nowNanos);
        while (session.hasOutput() || !wire.isEmpty() || other.isBusy()) {
            moveTo(other, nowNanos);
            other.moveTo(this, nowNanos);
        }
        assertThat(pinged).isTrue();
    }

    /** What is said on one stream. */
    private final class Talk {
        private final YamuxStream stream;
        private long written;
        private long read;
        private int held;
        private boolean closed;
        private boolean halfClosed;
        private boolean broken;

        Talk(YamuxStream stream) {
            this.stream = stream;
        }

        void write(int count) {
            if (closed) {
                return;
            }
            ByteBuffer bytes = ByteBuffer.allocate(count);
            for (int i = 0; i < count; i++) {
                bytes.put(byteAt(written + i, !stream.isInbound()));
            }
            int taken = stream.write(bytes.flip());
            assertThat(taken).isEqualTo(bytes.position());
            written += taken;
        }

        void closeWrite() {
            stream.closeWrite();
            closed = true;
        }

        void read(ByteBuffer bytes, long nowNanos) {
            assertThat(halfClosed).isFalse();
            int count = bytes.remaining();
            while (bytes.hasRemaining()) {
                // One comparison a byte: AssertJ on each would take minutes.
                byte expected = byteAt(read, stream.isInbound());
                if (bytes.get() != expected) {
                    throw new AssertionError("byte %d of %s is out of place".formatted(read, stream));
                }
                read++;
            }
            held += count;
            if (winding) {
                consume(held, nowNanos);
            }
        }

        void consume(int count, long nowNanos) {
            stream.consumed(count, nowNanos);
            held -= count;
        }

        private byte byteAt(long position, boolean fromOpener) {
            long mixed = (position + 31 * stream.id() + (fromOpener ? 7 : 0)) * 0x9e3779b97f4a7c15L;
            return (byte) (mixed >>> 56);
        }
    }
}
