package dev.spegel.libp2p.yamux;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * What happened on a session. For each stream the order is: {@link StreamOpened} or {@link StreamAccepted}, {@link Data} in the
 * order of the bytes, {@link HalfClosed}, and last one of {@link StreamClosed}, {@link StreamReset} and {@link SessionEnded}.
 * A stream that this side resets has no further events than those already waiting.
 */
public sealed interface YamuxEvent {
    /** The peer opened a stream. Taking this event accepts it; who doesn't want it resets it. */
    record StreamOpened(YamuxStream stream) implements YamuxEvent {}

    /** The peer accepted a stream that this side opened. There may be {@link Data} before. */
    record StreamAccepted(YamuxStream stream) implements YamuxEvent {}

    /**
     * Bytes arrived. Report them to {@link YamuxStream#consumed} once they are dealt with, or the peer stops sending.
     *
     * @param bytes the receiver's own, read-only
     */
    record Data(YamuxStream stream, ByteBuffer bytes) implements YamuxEvent {}

    /** The peer writes no more. This side still may. */
    record HalfClosed(YamuxStream stream) implements YamuxEvent {}

    /** There is room again on a stream whose {@link YamuxStream#write} had taken less than it was given. */
    record Writable(YamuxStream stream) implements YamuxEvent {}

    /** Both sides have ended the stream in order. */
    record StreamClosed(YamuxStream stream) implements YamuxEvent {}

    /**
     * The stream is gone; bytes not sent yet are lost.
     *
     * @param code see {@link ResetCode}
     * @param byPeer false if this session did it, because the peer broke a rule or a limit of the stream
     */
    record StreamReset(YamuxStream stream, long code, boolean byPeer) implements YamuxEvent {}

    /** The peer answered a ping. */
    record PingAnswered(Duration roundTrip) implements YamuxEvent {}

    /**
     * The session is over. Always the last event. Send what {@link YamuxSession#writeTo} still has, then close the connection.
     *
     * @param streams those that were open till now, in no order
     */
    record SessionEnded(EndReason reason, List<YamuxStream> streams) implements YamuxEvent {
        /** Copies the list. */
        public SessionEnded {
            streams = List.copyOf(streams);
        }
    }
}
