package dev.spegel.oci.store;

import java.time.Duration;
import java.util.Optional;

/**
 * A store's content at one moment and then every change since, with no gap between: applied in order, the events turn the
 * snapshot into what the store holds. Read by one thread at a time; closed from any.
 */
public interface StoreWatch extends AutoCloseable {
    /** What the store held when the watch began. Doesn't block. */
    StoreSnapshot snapshot();

    /**
     * Waits for the next change; empty if there was none within the limit.
     *
     * @throws StoreException if changes may have been missed (the store failed or was closed, or this reader fell too far
     *     behind), or this watch is closed. The watch is of no more use; start another, which begins with a fresh snapshot.
     */
    Optional<StoreEvent> next(Duration limit) throws StoreException, InterruptedException;

    /** Closing twice is harmless. A reader that waits gets a {@link StoreException}. */
    @Override
    void close();
}
