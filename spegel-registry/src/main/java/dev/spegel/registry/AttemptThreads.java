package dev.spegel.registry;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that wait for peers' headers. Platform threads on any Java: the channels that they open are read from by a request's thread,
 * and Java makes one that a virtual thread has used non-blocking for good. Safe for use by many threads.
 */
final class AttemptThreads implements AutoCloseable {
    /**
     * Twice as many as an agent's registry answers requests at a time: one peer each, and as many again that are asked as well. A thread
     * is in use for the milliseconds until headers come, so this is met only where peers hang.
     */
    static final int MAX_THREADS = 256;

    /** Idle ones end soon: the next pull may be hours away, and a stack is memory. */
    private static final long KEEP_ALIVE_SECONDS = 10;

    private final Semaphore free = new Semaphore(MAX_THREADS);
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor threads = pool();
    private volatile boolean closed;

    private static ThreadPoolExecutor pool() {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(
                0, MAX_THREADS, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "ask-peer-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Runs this, unless all threads are in use: then nothing happens, and the answer is false. */
    boolean start(Runnable attempt) {
        if (closed || !free.tryAcquire()) {
            return false;
        }
        boolean started = false;
        try {
            threads.execute(() -> run(attempt));
            started = true;
        } catch (RejectedExecutionException e) {
            // Closed just now, or threads that have done their work aren't idle yet: none is free either way.
        } finally {
            if (!started) {
                free.release();
            }
        }
        return started;
    }

    private void run(Runnable attempt) {
        running.add(Thread.currentThread());
        try {
            if (closed) {
                Thread.currentThread().interrupt(); // close() may have looked before this thread was among the others
            }
            attempt.run();
        } finally {
            running.remove(Thread.currentThread());
            free.release();
        }
    }

    /** Interrupts those that run. Closing twice is harmless. */
    @Override
    public void close() {
        closed = true;
        running.forEach(Thread::interrupt);
        threads.shutdown();
    }
}
