package dev.spegel.libp2p.host;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** How many dials run at once, of all peers together, and how many wait for their turn. */
final class DialSlots {
    /** File descriptors that go-libp2p spends on dials: p2p/net/swarm/limiter.go, {@code ConcurrentFdDials}. */
    static final int MAX_RUNNING = 160;

    /** Twenty minutes of waiting at worst, when each runs into its limit; whoever waits has given up by then. */
    static final int MAX_WAITING = 4096;

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;
    private boolean handingOn;

    /**
     * Runs the task at once, or when a slot is free. It has to {@link #release} the slot then, in any case.
     *
     * @return false if too many wait; the task is never run then
     */
    boolean run(Runnable task) {
        if (running < MAX_RUNNING) {
            running++;
            task.run();
            return true;
        }
        return waiting.size() < MAX_WAITING && waiting.add(task);
    }

    /** Takes a slot back and hands it on. In a loop: those who wait may have given up, and release theirs at once. */
    void release() {
        running--;
        if (handingOn) {
            return;
        }
        handingOn = true;
        try {
            for (Runnable next = nextIfFree(); next != null; next = nextIfFree()) {
                running++;
                next.run();
            }
        } finally {
            handingOn = false;
        }
    }

    private @Nullable Runnable nextIfFree() {
        return running < MAX_RUNNING ? waiting.poll() : null;
    }
}
