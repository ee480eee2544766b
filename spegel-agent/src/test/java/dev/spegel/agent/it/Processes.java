package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts the programs of a test, or in a static field those of all tests of a class, and ends afterwards those that still run, the
 * last first. If a test fails it shows what all of them have said.
 */
final class Processes implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    /** For a program that does one thing and ends; a pull of the largest image here takes a few seconds. */
    private static final Duration RUN_LIMIT = Duration.ofSeconds(90);

    /** Between SIGTERM and SIGKILL, for what a test leaves running. */
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private final Deque<Child> children = new ArrayDeque<>();
    private boolean ofAllTests;

    /** Starts a program whose output goes to a file of its own. */
    Child start(String name, Map<String, String> environment, List<String> command) throws IOException {
        Path log = Files.createTempFile("spegel-it-", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Child child = new Child(name, builder.start(), log);
        children.push(child);
        return child;
    }

    /** Runs a program that must succeed, and returns what it printed. */
    String run(String... command) throws IOException, InterruptedException {
        Child child = start(command[0], Map.of(), List.of(command));
        assertThat(child.exitCode(RUN_LIMIT))
                .as("%s says: %s", List.of(command), child.log())
                .isZero();
        return child.log();
    }

    /** Called only for what is in a static field. */
    @Override
    public void beforeAll(ExtensionContext context) {
        ofAllTests = true;
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException, InterruptedException {
        if (context.getExecutionException().isPresent()) {
            for (Child child : children) {
                System.err.printf("---- %s of %s:%n%s%n", child.name, context.getDisplayName(), child.log());
            }
        }
        if (!ofAllTests) {
            endAll();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
        endAll();
    }

    private void endAll() throws IOException, InterruptedException {
        while (!children.isEmpty()) {
            Child child = children.pop();
            child.end();
            Files.delete(child.log);
        }
    }

    /** One program. */
    static final class Child {
        private final String name;
        private final Process process;
        private final Path log;

        private Child(String name, Process process, Path log) {
            this.name = name;
            this.process = process;
            this.log = log;
        }

        long pid() {
            return process.pid();
        }

        boolean runs() {
            return process.isAlive();
        }

        /** What it has printed so far. */
        String log() throws IOException {
            return Files.readString(log);
        }

        /** SIGTERM. */
        void terminate() {
            process.destroy();
        }

        /** SIGKILL; it is gone when this returns. */
        void kill() throws IOException, InterruptedException {
            process.destroyForcibly();
            exitCode(END_LIMIT);
        }

        /** Waits for its end. */
        int exitCode(Duration limit) throws IOException, InterruptedException {
            assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
                    .as("%s ends within %s; it says: %s", name, limit, log())
                    .isTrue();
            return process.exitValue();
        }

        private void end() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        }
    }
}
