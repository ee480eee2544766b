package dev.spegel.registry;

/** How an attempt to answer a request for content ended. */
sealed interface Outcome {
    /** The answer is sent. */
    record Sent() implements Outcome {}

    /** The content isn't there. */
    record Absent() implements Outcome {}

    /** There is content of this digest, but a manifest was asked for as a blob or the other way round. */
    record OtherKind() implements Outcome {}

    /** Content of this size hasn't the range that was asked for. */
    record RangeNotSatisfiable(long sizeBytes) implements Outcome {}

    /** All places or buffers are in use, and stayed so. */
    record Busy() implements Outcome {}

    /** No peer gave it, for these reasons. */
    record NotMirrored(String reasons) implements Outcome {}
}
