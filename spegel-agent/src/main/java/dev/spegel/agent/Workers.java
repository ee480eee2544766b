package dev.spegel.agent;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads that work in the background. */
final class Workers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    /** Tasks obey interruption at once, so that this is only reached by a bug. */
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private static final Duration IDLE = Duration.ofSeconds(30);

    private final String name;
    private final ThreadPoolExecutor executor;

    private Workers(String name, ThreadPoolExecutor executor) {
        this.name = name;
        this.executor = executor;
    }

    /** Threads for tasks that run as long as the agent, one each; a task too many is refused. */
    static Workers forLastingTasks(String name, int tasks) {
        return new Workers(
                name,
                new ThreadPoolExecutor(
                        0, tasks, IDLE.toSeconds(), TimeUnit.SECONDS, new SynchronousQueue<>(), threads(name)));
    }

    /** Threads for short tasks, which wait in a queue; one that finds it full is refused. */
    static Workers forShortTasks(String name, int threads, int maxQueued) {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE.toSeconds(),
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(maxQueued),
                threads(name));
        executor.allowCoreThreadTimeOut(true);
        return new Workers(name, executor);
    }

    private static ThreadFactory threads(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    ExecutorService executor() {
        return executor;
    }

    /** Interrupts what runs and waits for its end. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Threads {} don't end", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
