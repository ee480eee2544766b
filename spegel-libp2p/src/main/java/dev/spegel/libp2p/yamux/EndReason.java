package dev.spegel.libp2p.yamux;

/**
 * Why a session ended.
 *
 * @param code what the GoAway frame said that was sent or received; {@link GoAwayCode#NORMAL} if there was none
 * @param detail one line for a log
 */
public record EndReason(Cause cause, long code, String detail) {
    /** Who or what ended it. */
    public enum Cause {
        /** This side closed it. */
        CLOSED,
        /** The peer said GoAway. */
        PEER_WENT_AWAY,
        /** The peer broke the rules of yamux, and was told so. */
        PROTOCOL_VIOLATION,
        /** The peer makes more work than it takes answers for, and was told so. */
        PEER_EXCESS,
        /** The peer was silent and left a ping unanswered. */
        KEEPALIVE_TIMEOUT,
        /** The peer, or the network, took nothing of what was to be sent. */
        WRITE_TIMEOUT,
        /** The connection below is gone. */
        CONNECTION_LOST
    }

    /** Whether there is a GoAway frame to send before the connection is closed. */
    public boolean tellsPeer() {
        return cause == Cause.CLOSED || cause == Cause.PROTOCOL_VIOLATION || cause == Cause.PEER_EXCESS;
    }
}
