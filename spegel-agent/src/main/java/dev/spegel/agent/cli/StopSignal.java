package dev.spegel.agent.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The wish, from outside, that this process ends. Comes once and stays. Safe for use by many threads. */
final class StopSignal {
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    /** Says it. Saying it twice is harmless. */
    void stop() {
        stopped.complete(null);
    }

    /** Waits until somebody says it. */
    void await() throws InterruptedException {
        try {
            stopped.get();
        } catch (ExecutionException e) {
            throw new AssertionError("a stop signal doesn't fail", e);
        }
    }

    /** Interrupts the thread when the signal comes, or now if it has come, until what is returned is run. */
    Runnable interrupting(Thread thread) {
        CompletableFuture<Void> action = stopped.thenRun(thread::interrupt);
        return () -> action.cancel(false);
    }

    boolean isStopped() {
        return stopped.isDone();
    }
}
