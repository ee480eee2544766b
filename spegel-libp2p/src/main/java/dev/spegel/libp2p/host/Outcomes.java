package dev.spegel.libp2p.host;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows futures to their end. */
final class Outcomes {
    private static final Logger log = LoggerFactory.getLogger(Outcomes.class);

    private Outcomes() {}

    /**
     * Calls one or the other when the future is complete; the failure without the wrapping of futures that depend on each other.
     * What the calls throw is a fault of this program that nobody else would learn of, so it's logged.
     */
    static <T> void follow(CompletableFuture<T> future, Consumer<? super T> ofValue, Consumer<Throwable> ofFailure) {
        var unused = future.whenComplete((value, failure) -> {
            try {
                if (failure == null) {
                    ofValue.accept(value);
                } else {
                    ofFailure.accept(causeOf(failure));
                }
            } catch (RuntimeException | Error e) {
                log.error("a step of the host has failed", e);
            }
        });
    }

    /** Calls when the future is complete, whether it has failed or not. */
    static void afterwards(CompletableFuture<?> future, Runnable task) {
        follow(future, value -> task.run(), failure -> task.run());
    }

    static Throwable causeOf(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    static String reasonOf(Throwable failure) {
        Throwable cause = causeOf(failure);
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
