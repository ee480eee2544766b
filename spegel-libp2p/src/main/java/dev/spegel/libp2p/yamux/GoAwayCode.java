package dev.spegel.libp2p.yamux;

/**
 * Why a session ends, as a GoAway frame says it. Peers may send any 32-bit number; these are the known ones: hashicorp/yamux,
 * spec.md#go-away, and libp2p specs, error-codes (from 0x1000 on).
 */
public final class GoAwayCode {
    /** Nothing is wrong. */
    public static final long NORMAL = 0;
    /** The receiver of the GoAway broke the rules of yamux. */
    public static final long PROTOCOL_ERROR = 1;
    /** The sender of the GoAway failed. */
    public static final long INTERNAL_ERROR = 2;
    /** The connection takes more than it may. */
    public static final long RESOURCE_LIMIT_EXCEEDED = 0x1001;
    /** The connection was idle, or of less value than others. */
    public static final long GARBAGE_COLLECTED = 0x1005;
    /** The node stops. */
    public static final long SHUTDOWN = 0x1006;

    private GoAwayCode() {}
}
