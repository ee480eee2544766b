package dev.spegel.libp2p.kad;

/** A search under way, told of to its {@link SearchListener}. */
public interface Search {
    /**
     * Ends the search. May be called from any thread, and at any time. Nothing more is told of it, but for what the event loop is
     * just telling; called on the event loop, nothing at all.
     */
    void cancel();
}
