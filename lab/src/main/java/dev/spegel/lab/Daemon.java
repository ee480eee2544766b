package dev.spegel.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A running program, whose output goes to a file. Closing ends it. */
public final class Daemon implements AutoCloseable {
    /** Between SIGTERM and SIGKILL: an agent lets transfers end, and containerd its tasks. */
    private static final Duration END_LIMIT = Duration.ofSeconds(15);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);
    private static final int TAIL_LINES = 30;

    private final String name;
    private final Process process;
    private final Path log;

    private Daemon(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** @param log what the program prints is added there */
    public static Daemon start(String name, Path log, Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return new Daemon(name, process, log);
    }

    /**
     * Waits for a fact that this program brings about.
     *
     * @throws IOException if it ends, or the fact doesn't come, with the end of what it said
     */
    public void await(String what, Duration limit, Callable<Boolean> fact) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        while (!fact.call()) {
            if (!process.isAlive()) {
                throw new IOException("%s has ended with status %d before: %s; it said:%n%s"
                        .formatted(name, process.exitValue(), what, tail()));
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException("%s: not within %s: %s; it said:%n%s".formatted(name, limit, what, tail()));
            }
            TimeUnit.NANOSECONDS.sleep(POLL_INTERVAL.toNanos());
        }
    }

    /** Waits for its end, which must be a success. */
    public void awaitSuccess(Duration limit) throws IOException, InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException("%s takes longer than %s; it said:%n%s".formatted(name, limit, tail()));
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    "%s has ended with status %d; it said:%n%s".formatted(name, process.exitValue(), tail()));
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean runs() {
        return process.isAlive();
    }

    /** All that it has printed so far. */
    public String log() throws IOException {
        return Files.readString(log);
    }

    private String tail() throws IOException {
        List<String> lines = log().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }

    /** SIGKILL; it is gone when this returns. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and SIGKILL if it takes too long; it is gone when this returns. */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
        }
    }

    /** {@link #stop}; if the thread is interrupted meanwhile, SIGKILL. */
    @Override
    public void close() {
        try {
            stop();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
