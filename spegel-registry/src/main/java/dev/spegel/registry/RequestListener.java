package dev.spegel.registry;

/**
 * Hears of each request for content once it has been answered, or its answer broke off. Called on the request's thread, by many at a
 * time, before the client's next request on that connection is read: so it must be quick and must not block. What it throws is logged
 * and changes nothing.
 */
@FunctionalInterface
public interface RequestListener {
    /** Hears nothing. */
    RequestListener NONE = request -> {};

    /** The request has been dealt with. */
    void answered(AnsweredRequest request);
}
