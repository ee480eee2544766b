package dev.spegel.registry;

import java.time.Duration;

/**
 * How much of this node other nodes may use. The node's own clients aren't bound by it.
 *
 * @param maxStreams how many blobs are sent to other nodes at a time
 * @param bytesPerSecond how much is sent to them, over all; {@link Long#MAX_VALUE} for no limit
 * @param queueLimit how long a node's request waits for its turn before it is answered 429
 * @param retryAfter after how long a node that was answered 429 may ask again
 */
public record UploadConfig(int maxStreams, long bytesPerSecond, Duration queueLimit, Duration retryAfter) {
    /** A stream gets at least this: a piece of it ({@link UploadPace#PIECE_BYTES}) in 4 s, so that nobody takes it for stalled at 10 s. */
    public static final long MIN_STREAM_BYTES_PER_SECOND = 16 * 1024;

    /**
     * 48 of the 60 transfer buffers that large bodies may have, so that a fifth stays for the node's own clients whatever others ask. A second of waiting evens
     * out bursts; who must wait longer than that is better off with another peer.
     */
    public static final UploadConfig DEFAULTS =
            new UploadConfig(48, Long.MAX_VALUE, Duration.ofSeconds(1), Duration.ofSeconds(1));

    public UploadConfig {
        if (maxStreams < 1) {
            throw new IllegalArgumentException("maxStreams must be positive, got " + maxStreams);
        }
        if (bytesPerSecond < maxStreams * MIN_STREAM_BYTES_PER_SECOND) {
            throw new IllegalArgumentException(
                    "%d streams need at least %d bytes per second, or peers take them for stalled, got %d"
                            .formatted(maxStreams, maxStreams * MIN_STREAM_BYTES_PER_SECOND, bytesPerSecond));
        }
        if (queueLimit.isNegative()) {
            throw new IllegalArgumentException("queueLimit must not be negative, got " + queueLimit);
        }
        if (retryAfter.toSeconds() < 1) { // the header has no smaller unit: RFC 9110, section 10.2.3
            throw new IllegalArgumentException("retryAfter must be at least a second, got " + retryAfter);
        }
    }
}
