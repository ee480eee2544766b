package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.pull.DiscardTarget;
import dev.spegel.agent.pull.ManifestChoice;
import dev.spegel.agent.pull.PullClient;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Pulls images through the node's own mirror and throws them away, to see how long that takes: one at a time, since two would measure
 * each other. Safe for use by many threads.
 */
public final class Measurements {
    /** A minute for each 5 GiB at 1 Gbit/s; whoever measures more has seen enough by then. */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Supplier<PullClient> clients;
    private final Executor thread;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private Optional<Measurement> last = Optional.empty();
    private Optional<FutureTask<?>> running = Optional.empty();

    /**
     * @param clients makes a client of the node's registry, which is closed after its one pull
     * @param thread runs one task at a time
     * @param nanoClock like {@link System#nanoTime}
     */
    public Measurements(Supplier<PullClient> clients, Executor thread, LongSupplier nanoClock) {
        this.clients = requireNonNull(clients, "clients");
        this.thread = requireNonNull(thread, "thread");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    }

    /** Begins one, and says whether it could: not while another runs. Doesn't wait for it. */
    boolean begin(Reference image) {
        lock.lock();
        try {
            if (last.filter(measurement -> measurement.end().isEmpty()).isPresent()) {
                return false;
            }
            Measurement measurement = new Measurement(image, nanoClock);
            FutureTask<?> task = new Task(measurement);
            try {
                thread.execute(task);
            } catch (RejectedExecutionException e) {
                return false; // the last one was just told that it is over
            }
            last = Optional.of(measurement);
            running = Optional.of(task);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the one that runs, if one does. Doesn't wait for that. */
    public void cancel() {
        lock.lock();
        try {
            running.ifPresent(task -> task.cancel(true));
        } finally {
            lock.unlock();
        }
    }

    /** The one that runs, or the last that did. */
    Optional<Measurement> last() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    private void run(Measurement measurement) {
        long endNanos = nanoClock.getAsLong() + LIMIT.toNanos();
        Thread owner = Thread.currentThread();
        try (PullClient client = clients.get()) {
            measurement.succeeded(client.pull(
                    measurement.image(),
                    ManifestChoice.platform(Platform.current()),
                    new DiscardTarget(() -> owner.isInterrupted() || nanoClock.getAsLong() - endNanos > 0),
                    measurement));
        } catch (InterruptedException e) {
            measurement.failed("it was cancelled");
        } catch (IOException | RuntimeException e) {
            measurement.failed(
                    owner.isInterrupted()
                            ? "it was cancelled"
                            : nanoClock.getAsLong() - endNanos > 0
                                    ? "it took longer than " + Amounts.time(LIMIT)
                                    : String.valueOf(e.getMessage()));
        }
    }

    /** Tells of its cancellation at once, also if its thread hasn't begun. */
    private final class Task extends FutureTask<Void> {
        private final Measurement measurement;

        Task(Measurement measurement) {
            super(
                    () -> {
                        Measurements.this.run(measurement);
                    },
                    null);
            this.measurement = measurement;
        }

        @Override
        protected void done() {
            measurement.failed("it was cancelled"); // unless it has ended
        }
    }
}
