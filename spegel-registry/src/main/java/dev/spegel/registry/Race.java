package dev.spegel.registry;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The peers that are asked for one thing at the same time. Used by one thread; each peer is waited for by one of its own. */
final class Race implements AutoCloseable {
    private final AttemptThreads threads;
    private final Set<Attempt> inFlight = new LinkedHashSet<>();
    /** Each attempt is in it once at most. */
    private final BlockingQueue<Attempt> ended = new LinkedBlockingQueue<>();

    Race(AttemptThreads threads) {
        this.threads = threads;
    }

    /** Whether nobody is being asked. */
    boolean isEmpty() {
        return inFlight.isEmpty();
    }

    /**
     * Asks a peer. If no thread is free the caller's own waits for the answer, or, while others are being asked, nothing happens and
     * the answer is false.
     */
    boolean start(PeerLoads.Use use, Callable<PeerClient.Answer> question, long nowNanos) {
        Attempt attempt = new Attempt(use, question, ended::add, nowNanos);
        if (!threads.start(attempt)) {
            if (!inFlight.isEmpty()) {
                return false;
            }
            attempt.run();
        }
        inFlight.add(attempt);
        return true;
    }

    /**
     * Waits until a peer has answered or failed.
     *
     * @param limitNanos empty to wait as long as it takes; a peer that is asked has a limit of its own
     * @return empty if the limit passed first
     */
    Optional<Attempt> await(OptionalLong limitNanos) throws InterruptedException {
        Attempt first =
                limitNanos.isPresent() ? ended.poll(limitNanos.getAsLong(), TimeUnit.NANOSECONDS) : ended.take();
        if (first != null) {
            inFlight.remove(first);
        }
        return Optional.ofNullable(first);
    }

    /** Gives up on those that are still being asked, and names them. */
    List<Attempt> cancelRest() {
        List<Attempt> rest = new ArrayList<>(inFlight);
        inFlight.clear();
        rest.forEach(Attempt::cancel);
        return rest;
    }

    /** Gives up on those that are still being asked, and no longer counts them as in use. */
    @Override
    public void close() {
        cancelRest().forEach(attempt -> attempt.use().close());
    }
}
