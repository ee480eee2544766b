package dev.spegel.libp2p.yamux;

/** Why a stream is reset. Peers may send any 32-bit number; these are the known ones: libp2p specs, error-codes. */
public final class ResetCode {
    /** No reason given. */
    public static final long UNSPECIFIED = 0;
    /** No protocol was agreed on. */
    public static final long NEGOTIATION_FAILED = 0x1001;
    /** One stream, or one byte, too many. */
    public static final long RESOURCE_LIMIT_EXCEEDED = 0x1002;
    /** Too much at once. */
    public static final long RATE_LIMITED = 0x1003;
    /** The receiver of the reset broke the rules of the stream's protocol. */
    public static final long PROTOCOL_VIOLATION = 0x1004;
    /** The node stops. */
    public static final long SHUTDOWN = 0x1007;

    private ResetCode() {}
}
