package dev.spegel.libp2p.kad;

import java.time.Duration;

/**
 * How long to wait on a stream.
 *
 * @param opening for a stream, dialling included
 * @param answer for an answer, and for a peer to take the next part of an announcement
 * @param idle for a request on a peer's stream
 * @param stalled for a peer to read an answer
 */
record StreamLimits(Duration opening, Duration answer, Duration idle, Duration stalled) {
    /**
     * 10 s for an answer and 60 s for a request as go-libp2p-kad-dht ({@code dht_net.go}), 10 s for a peer that doesn't read as
     * go-yamux. A dial takes up to 15 s by itself, and a stream is agreed on within 5 s.
     */
    static final StreamLimits DEFAULTS = new StreamLimits(
            Duration.ofSeconds(20), Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(10));

    StreamLimits {
        LookupConfig.requirePositive(opening, "opening");
        LookupConfig.requirePositive(answer, "answer");
        LookupConfig.requirePositive(idle, "idle");
        LookupConfig.requirePositive(stalled, "stalled");
    }
}
