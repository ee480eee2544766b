package dev.spegel.registry;

import java.util.Optional;

/** How an attempt to answer a request for content ended. */
sealed interface Outcome {
    /** Why the content wasn't sent, in words for who looks on; empty if it was. */
    Optional<String> whyNot();

    /** The answer is sent. */
    record Sent() implements Outcome {
        @Override
        public Optional<String> whyNot() {
            return Optional.empty();
        }
    }

    /** The content isn't there. */
    record Absent() implements Outcome {
        @Override
        public Optional<String> whyNot() {
            return Optional.of("this node doesn't have it");
        }
    }

    /** There is content of this digest, but a manifest was asked for as a blob or the other way round. */
    record OtherKind() implements Outcome {
        @Override
        public Optional<String> whyNot() {
            return Optional.of("it is there, but asked for as the other of manifest and blob");
        }
    }

    /** Content of this size hasn't the range that was asked for. */
    record RangeNotSatisfiable(long sizeBytes) implements Outcome {
        @Override
        public Optional<String> whyNot() {
            return Optional.of("the range lies outside its %d bytes".formatted(sizeBytes));
        }
    }

    /** All places or buffers are in use, and stayed so. */
    record Busy() implements Outcome {
        @Override
        public Optional<String> whyNot() {
            return Optional.of("all places or transfer buffers are in use");
        }
    }

    /** No peer gave it, for these reasons. */
    record NotMirrored(String reasons) implements Outcome {
        @Override
        public Optional<String> whyNot() {
            return Optional.of(reasons);
        }
    }
}
