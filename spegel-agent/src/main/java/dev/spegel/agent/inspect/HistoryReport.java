package dev.spegel.agent.inspect;

import java.util.List;

/**
 * The last hour.
 *
 * @param minutes oldest first; the last is the running one; {@link ActivityView#MINUTES} at most, fewer soon after the start
 */
public record HistoryReport(List<Minute> minutes) {
    public HistoryReport {
        minutes = List.copyOf(minutes);
    }

    /**
     * What happened in one minute. A transfer's bytes are counted once it has ended, spread evenly over the minutes that it took.
     *
     * @param hits requests that a peer answered
     * @param misses requests that nobody answered
     * @param fromPeers bytes that came from other nodes
     * @param toPeers bytes that went to other nodes
     * @param fromStore bytes that went from the store to this node's clients
     */
    public record Minute(long hits, long misses, long fromPeers, long toPeers, long fromStore) {
        static final Minute QUIET = new Minute(0, 0, 0, 0, 0);

        Minute plus(Minute other) {
            return new Minute(
                    hits + other.hits,
                    misses + other.misses,
                    fromPeers + other.fromPeers,
                    toPeers + other.toPeers,
                    fromStore + other.fromStore);
        }
    }
}
