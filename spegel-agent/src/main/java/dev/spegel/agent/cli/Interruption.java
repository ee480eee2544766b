package dev.spegel.agent.cli;

import java.io.IOException;

/** Lets a signal end what a command waits for. */
final class Interruption {
    private Interruption() {}

    /** Something that obeys interruption. */
    interface Task<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Runs the task, in this thread, which is interrupted when the process is to end. */
    static <T> T under(Surroundings surroundings, Task<T> task) throws IOException, InterruptedException {
        Runnable noLonger = surroundings.stop().interrupting(Thread.currentThread());
        try {
            return task.run();
        } finally {
            noLonger.run();
        }
    }
}
