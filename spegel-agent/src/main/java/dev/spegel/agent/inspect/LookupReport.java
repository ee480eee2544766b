package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * Who has some content.
 *
 * @param key the text that was looked up
 * @param elapsed how long it took in all
 * @param ended whether the search came to its end, or had found as many as were wanted; false if the time was up
 * @param peers in the order in which they were found
 */
public record LookupReport(String key, Duration elapsed, boolean ended, List<FoundPeer> peers) {
    public LookupReport {
        requireNonNull(key, "key");
        requireNonNull(elapsed, "elapsed");
        peers = List.copyOf(peers);
    }

    /**
     * One of them.
     *
     * @param registries where its registry is, {@code host:port}, best first
     * @param after how long after the begin it was found
     */
    public record FoundPeer(String id, List<String> registries, Duration after) {
        public FoundPeer {
            requireNonNull(id, "id");
            registries = List.copyOf(registries);
            requireNonNull(after, "after");
        }
    }
}
