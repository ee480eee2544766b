package dev.spegel.e2e;

import java.time.Duration;
import java.util.Optional;

/**
 * A part of a play.
 *
 * @param title what is to work, as a sentence
 */
record Step(String title, Action action) {
    /** Does something and checks what came of it. */
    @FunctionalInterface
    interface Action {
        /** Returns what was seen, in a few words. */
        String run() throws Exception;
    }

    /**
     * What came of a step.
     *
     * @param failure empty if all that must hold did
     */
    record Outcome(Step step, String seen, Duration took, Optional<Exception> failure) {}

    Outcome run() throws InterruptedException {
        long start = System.nanoTime();
        try {
            String seen = action.run();
            return new Outcome(this, seen, since(start), Optional.empty());
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return new Outcome(this, String.valueOf(e.getMessage()), since(start), Optional.of(e));
        }
    }

    private static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }
}
