package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.host.StreamLostException;
import dev.spegel.libp2p.kad.Serving.ServedPeer;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Varint;
import dev.spegel.libp2p.yamux.ResetCode;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A stream that a peer has opened: any number of requests, answered strictly in order, until the peer ends it. As go-libp2p-kad-dht
 * in {@code dht_net.go}, whatever is wrong with a request resets the stream, without a word.
 *
 * <p>The peer may send more only as its requests are answered, and nothing is answered while an answer before it waits to be sent.
 */
final class ServedStream implements StreamHandler {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** What a piece that has arrived takes besides its bytes: two buffers, an array's header, and a place in a queue. */
    static final int PIECE_BYTES = 160;

    private final Serving serving;
    private final Stream stream;
    private final ServedPeer peer;
    private final FrameReader reader = new FrameReader(KadMessage.MAX_REQUEST_BYTES);
    private final Deque<ByteBuffer> arrived = new ArrayDeque<>();
    private ByteBuffer answer = NOTHING;
    /** Bytes of the request that is being read. */
    private int partial;

    private int held;
    private boolean ended;
    private boolean ready;
    private boolean gone;
    private int looksIdle;
    private int looksStalled;

    ServedStream(Serving serving, Stream stream, ServedPeer peer) {
        this.serving = serving;
        this.stream = stream;
        this.peer = peer;
    }

    ServedPeer servedPeer() {
        return peer;
    }

    boolean isGone() {
        return gone;
    }

    @Override
    public void received(Stream from, ByteBuffer bytes) {
        if (!gone) {
            arrived.add(bytes);
            hold(PIECE_BYTES + bytes.remaining());
            getReady();
        }
    }

    @Override
    public void halfClosed(Stream from) {
        ended = true;
        getReady();
    }

    @Override
    public void writable(Stream writable) {
        if (answer.hasRemaining()) {
            send();
            getReady();
        }
    }

    @Override
    public void closed(Stream from, Optional<StreamLostException> failure) {
        forget();
    }

    private void getReady() {
        if (!ready && !gone && !answer.hasRemaining() && (ended || !arrived.isEmpty())) {
            ready = true;
            serving.ready(this);
        }
    }

    /** Answers the next request, if it's there whole. */
    void serveOne() {
        ready = false;
        try {
            Optional<byte[]> request = nextFrame();
            if (request.isPresent()) {
                serve(request.get());
                getReady();
            } else if (ended && reader.insideMessage()) {
                serving.refuse(this, ResetCode.PROTOCOL_VIOLATION, "the stream has ended within a request");
            } else if (ended) {
                stream.closeWrite();
            }
        } catch (MalformedException e) {
            serving.refuse(this, ResetCode.PROTOCOL_VIOLATION, String.valueOf(e.getMessage()));
        }
    }

    private Optional<byte[]> nextFrame() {
        Optional<byte[]> frame = Optional.empty();
        while (frame.isEmpty() && !arrived.isEmpty()) {
            ByteBuffer first = arrived.element();
            int before = first.remaining();
            frame = reader.next(first);
            partial += before - first.remaining();
            if (!first.hasRemaining()) {
                arrived.remove();
                hold(-PIECE_BYTES);
            }
        }
        return frame;
    }

    private void serve(byte[] frame) {
        KadMessage request = KadMessage.parse(frame);
        serving.traffic().received(request.type(), Varint.length(frame.length) + frame.length);
        KadAnswer outcome = serving.responder().answer(peer.id, request);
        looksIdle = 0;
        int taken = partial;
        partial = 0;
        if (outcome instanceof KadAnswer.Reset reset) {
            serving.refuse(this, ResetCode.UNSPECIFIED, reset.reason());
            return;
        }
        if (outcome instanceof KadAnswer.Reply reply) {
            byte[] bytes = reply.message().toFrame();
            serving.traffic().sent(reply.message().type(), bytes.length);
            answer = ByteBuffer.wrap(bytes);
            hold(bytes.length);
            if (gone) {
                return;
            }
            send();
        }
        if (!gone) {
            hold(-taken);
            stream.consumed(taken);
        }
    }

    private void send() {
        int written = stream.write(answer);
        if (written > 0) {
            looksStalled = 0;
            hold(-written);
        }
    }

    private void hold(int more) {
        if (!gone) {
            held += more;
            serving.holds(this, more);
        }
    }

    /** Called at even intervals: ends the stream if nothing has moved on for too many of them. */
    void look(int idleLooks, int stalledLooks) {
        if (answer.hasRemaining()) {
            if (++looksStalled > stalledLooks) {
                serving.refuse(this, ResetCode.UNSPECIFIED, "the peer doesn't read its answers");
            }
        } else if (!ready && ++looksIdle > idleLooks) {
            reset(ResetCode.UNSPECIFIED); // In order: peers keep streams until they are told.
        }
    }

    void reset(long code) {
        if (!gone) {
            forget();
            stream.reset(code);
        }
    }

    private void forget() {
        if (!gone) {
            gone = true;
            arrived.clear();
            answer = NOTHING;
            serving.gone(this, held);
        }
    }
}
