package dev.spegel.libp2p.yamux;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The open streams of a session, and the sums over them that have bounds. */
final class StreamTable {
    /**
     * Streams that this side opened and the peer hasn't accepted. go-yamux, as go-libp2p sets it, keeps 256 of them and resets
     * further ones.
     */
    static final int MAX_UNACCEPTED = 256;

    private final YamuxConfig config;
    private final Consumer<YamuxStream> onRoom;
    private final Map<Long, YamuxStream> streams = new HashMap<>();
    private final Set<YamuxStream> waitingForRoom = new LinkedHashSet<>();
    private int inbound;
    private int outbound;
    private int unacceptedByUs;
    private int unacceptedByPeer;
    private long receivedBytes;
    private long windowBytes;
    private long unsentBytes;

    /** @param onRoom told of a stream that waited for room and now has it */
    StreamTable(YamuxConfig config, Consumer<YamuxStream> onRoom) {
        this.config = config;
        this.onRoom = onRoom;
    }

    int size() {
        return streams.size();
    }

    @Nullable
    YamuxStream find(long id) {
        return streams.get(id);
    }

    /** Whether this side may open one more. */
    boolean mayOpen() {
        return outbound < config.maxOutboundStreams() && unacceptedByPeer < MAX_UNACCEPTED;
    }

    /** Whether the peer may open one more. */
    boolean mayBeOpened() {
        return inbound < config.maxInboundStreams() && unacceptedByUs < config.acceptBacklog();
    }

    void add(YamuxStream stream) {
        streams.put(stream.id(), stream);
        windowBytes += stream.windowBytes();
        if (stream.isInbound()) {
            inbound++;
            unacceptedByUs++;
        } else {
            outbound++;
            unacceptedByPeer++;
        }
    }

    /** Takes note that the side that didn't open the stream accepted it, and tells the stream. */
    void establish(YamuxStream stream) {
        stream.establish();
        if (stream.isInbound()) {
            unacceptedByUs--;
        } else {
            unacceptedByPeer--;
        }
    }

    /** Takes the stream, and what it holds, out of all sums, and tells the stream. */
    void remove(YamuxStream stream) {
        streams.remove(stream.id());
        int unaccepted = stream.isEstablished() ? 0 : 1;
        if (stream.isInbound()) {
            inbound--;
            unacceptedByUs -= unaccepted;
        } else {
            outbound--;
            unacceptedByPeer -= unaccepted;
        }
        windowBytes -= stream.windowBytes();
        receivedBytes -= stream.unconsumedBytes();
        unsentBytes -= stream.unsentBytes();
        stream.leave();
        waitingForRoom.remove(stream);
        wakeWriters();
    }

    /** Removes all streams, and returns them. */
    List<YamuxStream> removeAll() {
        waitingForRoom.clear(); // or the first ones' room would wake the last ones
        List<YamuxStream> all = List.copyOf(streams.values());
        all.forEach(this::remove);
        return all;
    }

    int roomToSend() {
        return (int) (config.maxUnsentBytes() - unsentBytes);
    }

    void addUnsent(int count) {
        unsentBytes += count;
    }

    boolean mayReceive(int count) {
        return receivedBytes + count <= config.maxReceivedBytes();
    }

    void addReceived(int count) {
        receivedBytes += count;
    }

    /** Lets windows grow by {@code count} bytes in sum, or doesn't. */
    boolean reserveWindow(long count) {
        boolean fits = windowBytes + count <= config.maxReceivedBytes();
        windowBytes += fits ? count : 0;
        return fits;
    }

    void waitForRoom(YamuxStream stream) {
        waitingForRoom.add(stream);
    }

    void stopWaiting(YamuxStream stream) {
        waitingForRoom.remove(stream);
    }

    /** Tells those who wait for room and have it, longest first. */
    void wakeWriters() {
        int enough = (config.maxUnsentBytesPerStream() + 1) / 2;
        Iterator<YamuxStream> waiting = waitingForRoom.iterator();
        while (roomToSend() >= enough && waiting.hasNext()) {
            YamuxStream stream = waiting.next();
            if (stream.roomToSend() >= enough) {
                waiting.remove();
                onRoom.accept(stream);
            }
        }
    }

    /** The sums, all of which are 0 once there are no streams. For tests. */
    List<Long> sums() {
        return List.of(
                (long) inbound,
                (long) outbound,
                (long) unacceptedByUs,
                (long) unacceptedByPeer,
                receivedBytes,
                windowBytes,
                unsentBytes,
                (long) waitingForRoom.size());
    }
}
