package dev.spegel.registry;

import java.time.Duration;

/**
 * The memory that bodies pass through, outside the heap. A body being sent holds one buffer, so this also bounds how many are sent
 * at a time; further requests wait in order of arrival. While more than half are free, a body from a peer that comes quickly holds four. A sixteenth of them is for bodies that fit a socket's own buffer, so that manifests
 * and configs needn't wait for those who read slowly.
 *
 * @param bufferBytes the size of a buffer; a read or a write moves what one holds, or four
 * @param maxBuffers how many there are at most; they are allocated when first needed and kept
 * @param bufferWait how long a request waits for a buffer before it is answered 404
 * @param slowReaderPatience how long a reader may take less than 32 KiB a second of a large body while others wait for its buffer
 */
public record TransferConfig(int bufferBytes, int maxBuffers, Duration bufferWait, Duration slowReaderPatience) {
    /**
     * Less than anyone waits for a buffer by default, so that it's free in time. Whose disk stands still for so long, while nobody else's
     * does, can ask for the rest.
     */
    private static final Duration SLOW_READER_PATIENCE = Duration.ofSeconds(20);

    /**
     * 68 buffers of 256 KiB, for 64 streams: 17 MiB, an eighth of the memory of an agent's container. {@code docs/benchmarks.md} has what other sizes
     * give. Nobody waits 30 s for the first byte on purpose.
     */
    public static final TransferConfig DEFAULTS = new TransferConfig(256 * 1024, 68, Duration.ofSeconds(30));

    /** Of 68 buffers 4 are for small bodies, each for a fraction of a millisecond. */
    private static final int BUFFERS_PER_SMALL_ONE = 16;

    public TransferConfig {
        if (bufferBytes < 4096) {
            throw new IllegalArgumentException("bufferBytes must be at least 4096, got " + bufferBytes);
        }
        if (maxBuffers < 1) {
            throw new IllegalArgumentException("maxBuffers must be positive, got " + maxBuffers);
        }
        if (bufferWait.isNegative()) {
            throw new IllegalArgumentException("bufferWait must not be negative, got " + bufferWait);
        }
        if (slowReaderPatience.isNegative() || slowReaderPatience.isZero()) {
            throw new IllegalArgumentException("slowReaderPatience must be positive, got " + slowReaderPatience);
        }
    }

    /** With a patience of 20 s for slow readers. */
    public TransferConfig(int bufferBytes, int maxBuffers, Duration bufferWait) {
        this(bufferBytes, maxBuffers, bufferWait, SLOW_READER_PATIENCE);
    }

    /** How many bodies that don't fit a socket's own buffer are sent at a time at most. */
    public int maxStreams() {
        return maxBuffers - maxBuffers / BUFFERS_PER_SMALL_ONE;
    }
}
