package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** A running search, read by one thread at a time; closed from any. */
public interface Lookup extends AutoCloseable {
    /** Waits for the next peer, in order of arrival. Never returns the same peer twice. A limit of zero doesn't wait. */
    Next next(Duration limit) throws InterruptedException;

    /** Closing twice is harmless. {@link #next} then answers {@link Ended}. */
    @Override
    void close();

    /** What the search has to say. */
    sealed interface Next {}

    /** A node that says it has the content. */
    record Found(Peer peer) implements Next {
        public Found {
            requireNonNull(peer, "peer");
        }
    }

    /** Nothing within the limit; there may be more later. */
    record TimedOut() implements Next {}

    /** The search is over; there will be no more. */
    record Ended() implements Next {}
}
