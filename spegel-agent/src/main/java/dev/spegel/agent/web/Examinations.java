package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.doctor.Doctor;
import dev.spegel.agent.doctor.Report;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Has the doctor examine the node, one at a time, and keeps what it found last. Safe for use by many threads. */
public final class Examinations {
    private final Doctor doctor;
    private final Executor thread;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean running;
    private Optional<Report> report = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private long reportedNanos;

    /**
     * @param thread runs one task at a time
     * @param nanoClock like {@link System#nanoTime}
     */
    public Examinations(Doctor doctor, Executor thread, LongSupplier nanoClock) {
        this.doctor = requireNonNull(doctor, "doctor");
        this.thread = requireNonNull(thread, "thread");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    }

    /** Begins one, unless one runs. Doesn't wait for it. */
    void begin() {
        lock.lock();
        try {
            if (running) {
                return;
            }
            running = true;
        } finally {
            lock.unlock();
        }
        try {
            thread.execute(this::examine);
        } catch (RejectedExecutionException e) {
            end(Optional.empty(), Optional.of("there is no thread for it; an earlier one may hang"));
        }
    }

    private void examine() {
        Optional<Report> found = Optional.empty();
        Optional<String> failed = Optional.of("the agent has a fault; its log may tell more");
        try {
            found = Optional.of(doctor.examine());
            failed = Optional.empty();
        } catch (InterruptedException e) {
            failed = Optional.of("this node is stopping");
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            failed = Optional.of("there are no threads for it; an earlier one may hang");
        } finally {
            end(found, failed);
        }
    }

    private void end(Optional<Report> found, Optional<String> failed) {
        lock.lock();
        try {
            running = false;
            failure = failed;
            if (found.isPresent()) {
                report = found;
                reportedNanos = nanoClock.getAsLong();
            }
        } finally {
            lock.unlock();
        }
    }

    State state() {
        lock.lock();
        try {
            Duration ago = Duration.ofNanos(Math.max(0, nanoClock.getAsLong() - reportedNanos));
            return new State(running, report, report.isEmpty() ? Duration.ZERO : ago, failure);
        } finally {
            lock.unlock();
        }
    }

    /**
     * How it stands.
     *
     * @param report the last that there was
     * @param ago how old that is; zero if there is none
     * @param failure why the last examination gave none
     */
    record State(boolean running, Optional<Report> report, Duration ago, Optional<String> failure) {}
}
