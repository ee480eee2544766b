package dev.spegel.libp2p.kad;

/**
 * How many provider records this node sends to others in a time, so that those who take them still answer look-ups meanwhile: whatever
 * is sent at once is queued before the requests that come next.
 *
 * <p>Outline: a bucket of {@link #BURST_RECORDS} tokens that fills at {@link #RECORDS_PER_SECOND}. A batch may go as soon as the bucket
 * isn't empty, and takes a token a record even if it has to borrow them. So a batch of any size goes sometime, and the rate is kept in
 * the long run.
 */
final class Pace {
    /**
     * Benchmark ({@code bin/bench routing --parts bulk}): 10,000 keys to 20 holders each take 8 s, and look-ups of 50 nodes that share
     * two cores and a heap stay below 20 ms meanwhile; without a pace they don't. With 40,000 a second one run in four didn't: all that
     * the records leave for the collector to clear away makes it stop the nodes too often.
     */
    static final int RECORDS_PER_SECOND = 25_000;

    /** An image of 50 layers and tags goes out to 20 holders at once, without waiting: 40 ms worth of sending. */
    static final int BURST_RECORDS = 1000;

    private static final long NANOS_A_RECORD = 1_000_000_000L / RECORDS_PER_SECOND;

    /** When the bucket will be full again if nothing is sent. */
    private long fullNanos;

    Pace(long nowNanos) {
        fullNanos = nowNanos;
    }

    /** When the next batch may be sent; in the past if it already may. */
    long readyNanos() {
        // With the bucket empty at full - BURST, the first token is there one record later.
        return fullNanos - (BURST_RECORDS - 1) * NANOS_A_RECORD;
    }

    /** A batch of so many records is sent, which is allowed from {@link #readyNanos} on. */
    void sent(int records, long nowNanos) {
        if (readyNanos() - nowNanos > 0) {
            throw new IllegalStateException(
                    "a batch waits until there is a token, sent %d ns early".formatted(readyNanos() - nowNanos));
        }
        if (fullNanos - nowNanos < 0) {
            fullNanos = nowNanos;
        }
        fullNanos += records * NANOS_A_RECORD;
    }
}
