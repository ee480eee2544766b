package dev.spegel.agent;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Does short tasks again and again, one after the other, on the thread that runs it, until it is closed or interrupted. */
final class Periodic implements Runnable, AutoCloseable {
    private final Duration interval;
    private final List<Runnable> tasks;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param interval from the end of the last task to the first of the next round; the first round is at once */
    Periodic(Duration interval, List<Runnable> tasks) {
        this.interval = interval;
        this.tasks = List.copyOf(tasks);
    }

    @Override
    public void run() {
        try {
            do {
                tasks.forEach(Runnable::run);
            } while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // ends the thread, as close() does
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
