package dev.spegel.registry;

import dev.spegel.oci.Quoted;
import dev.spegel.routing.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One peer being asked in a race, on a thread of its own, until its headers are there. Its answer belongs to whoever calls
 * {@link #answer}, or is closed if the attempt was cancelled.
 */
final class Attempt implements Runnable {
    private final PeerLoads.Use use;
    private final Callable<PeerClient.Answer> question;
    private final Consumer<Attempt> whenEnded;
    private final long startNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private boolean cancelled;
    private @Nullable Thread runner;
    private PeerClient.@Nullable Answer answer;
    private @Nullable Throwable failure;
    private long endNanos;

    /**
     * @param whenEnded told by the attempt's thread that the answer or the failure is there; not if it was cancelled before
     * @param startNanos now
     */
    Attempt(PeerLoads.Use use, Callable<PeerClient.Answer> question, Consumer<Attempt> whenEnded, long startNanos) {
        this.use = use;
        this.question = question;
        this.whenEnded = whenEnded;
        this.startNanos = startNanos;
    }

    Peer peer() {
        return use.peer();
    }

    /** The use that counts this attempt; the caller closes it. */
    PeerLoads.Use use() {
        return use;
    }

    long startNanos() {
        return startNanos;
    }

    @Override
    public void run() {
        if (!begin()) {
            return;
        }
        PeerClient.Answer got = null;
        Throwable failed = null;
        try {
            got = question.call();
        } catch (Throwable e) { // whatever it is, the race must hear of it, and throws it
            failed = e;
        }
        if (end(got, failed)) {
            whenEnded.accept(this);
        } else if (got != null) {
            got.close();
        }
    }

    /** How long the peer took to its headers or its failure. After {@code whenEnded}. */
    Duration took() {
        return Duration.ofNanos(endNanos - startNanos);
    }

    /**
     * The peer's answer, once. After {@code whenEnded}.
     *
     * @throws IOException if there is none, with the reason
     */
    PeerClient.Answer answer() throws IOException {
        lock.lock();
        try {
            if (failure instanceof IOException reason) {
                throw reason;
            }
            if (answer == null) {
                throw new IllegalStateException("ask peer " + Quoted.of(peer().id()), failure);
            }
            PeerClient.Answer given = answer;
            answer = null;
            return given;
        } finally {
            lock.unlock();
        }
    }

    /** Gives up on the peer: a connection under way is closed, one whose answer is there is let go in order. Twice is harmless. */
    void cancel() {
        PeerClient.Answer unused;
        lock.lock();
        try {
            cancelled = true;
            if (runner != null) {
                runner.interrupt(); // closes the channel that it waits for
            }
            unused = answer;
            answer = null;
        } finally {
            lock.unlock();
        }
        if (unused != null) {
            unused.close();
        }
    }

    private boolean begin() {
        lock.lock();
        try {
            if (!cancelled) {
                runner = Thread.currentThread();
            }
            return !cancelled;
        } finally {
            lock.unlock();
        }
    }

    private boolean end(PeerClient.@Nullable Answer got, @Nullable Throwable failed) {
        lock.lock();
        try {
            runner = null; // nobody interrupts this thread from here on
            if (cancelled) {
                return false;
            }
            answer = got;
            failure = failed;
            endNanos = System.nanoTime();
            return true;
        } finally {
            lock.unlock();
        }
    }
}
