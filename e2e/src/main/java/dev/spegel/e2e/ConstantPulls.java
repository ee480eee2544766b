package dev.spegel.e2e;

import dev.spegel.e2e.Node.Client;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Pulls an image on a node over and over, as pods that come and go have it done: through the CRI, by the mirrors that containerd is
 * configured with, and each time from nothing. The first pull that fails is the last. Safe for use by many threads.
 */
final class ConstantPulls implements Closeable {
    private final Node node;
    private final TestImage image;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** These are guarded by the lock. */
    private long pulls;

    private long slowestNanos;
    private boolean ended;
    private @Nullable Exception failure;

    private ConstantPulls(Node node, TestImage image) {
        this.node = node;
        this.image = image;
        thread = new Thread(this::run, "pulls of node " + node.number());
    }

    static ConstantPulls start(Node node, TestImage image) {
        ConstantPulls pulls = new ConstantPulls(node, image);
        pulls.thread.start();
        return pulls;
    }

    private void run() {
        try {
            while (true) {
                node.forget(image);
                long start = System.nanoTime();
                node.pull(Client.CRI, image.name());
                long took = System.nanoTime() - start;
                node.requireWhole(image);
                if (!count(took)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            fail(null); // closed
        } catch (Exception e) {
            fail(e);
        }
    }

    /** Returns whether to go on. */
    private boolean count(long nanos) {
        lock.lock();
        try {
            pulls++;
            slowestNanos = Math.max(slowestNanos, nanos);
            changed.signalAll();
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    private void fail(@Nullable Exception cause) {
        lock.lock();
        try {
            failure = cause;
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until one more pull than is going on has been done, so that one has begun and ended after this was called. */
    void awaitWholePull(long limitNanos) throws IOException, InterruptedException {
        lock.lock();
        try {
            long wanted = pulls + 2;
            long left = limitNanos;
            while (pulls < wanted) {
                requireNoFailure();
                if (left <= 0) {
                    throw new IOException("node %d pulls nothing within %d s"
                            .formatted(node.number(), TimeUnit.NANOSECONDS.toSeconds(limitNanos)));
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void requireNoFailure() throws IOException {
        if (failure != null) {
            throw new IOException(
                    "the pull of %s on node %d fails after %d good ones: %s"
                            .formatted(image.name(), node.number(), pulls, failure.getMessage()),
                    failure);
        }
        if (ended) {
            throw new IOException("node %d doesn't pull any more".formatted(node.number()));
        }
    }

    /** Ends after the pull that is going on, which must succeed too. */
    void finish() throws IOException, InterruptedException {
        lock.lock();
        try {
            requireNoFailure();
            ended = true;
        } finally {
            lock.unlock();
        }
        thread.join();
        if (failure != null) {
            requireNoFailure();
        }
    }

    long pulls() {
        lock.lock();
        try {
            return pulls;
        } finally {
            lock.unlock();
        }
    }

    long slowestNanos() {
        lock.lock();
        try {
            return slowestNanos;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
